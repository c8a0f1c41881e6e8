"""How much of XAPI is simulated, counted; and docs/simulator.md, written from that.

python -m labkit.sim.xapi.coverage > docs/simulator.md
"""

import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache

from labkit.sim.xapi import messages
from labkit.sim.xapi.calls import BEHAVIOURS
from labkit.sim.xapi.classes import Message
from labkit.sim.xapi.datamodel import GENERATIONS, model_of
from labkit.sim.xapi.depth import BEGINNING, DEPTH, DIFFERS

BEHAVIOUR, DERIVED, REMOVED = "behaviour", "derived", "removed"
NOT_SIMULATED = "not simulated"
ANSWERS = {
    BEHAVIOUR: "does something of its own",
    DERIVED: "follows from the fields, as in XAPI",
    REMOVED: "answers `MESSAGE_REMOVED`, as in XAPI",
    NOT_SIMULATED: "answers `NOT_IMPLEMENTED` with its name",
}


def answer_of(message: Message) -> str:
    """What answers a message: one of `ANSWERS`."""
    messages.load(message.of)
    if message.removed:
        return REMOVED
    if f"{message.of}.{message.name}" in BEHAVIOURS:
        return BEHAVIOUR
    return DERIVED if message.implicit else NOT_SIMULATED


@cache
def answers(generation: str, of: str) -> dict[str, str]:
    """What answers each message of a class; empty where the release has no such class."""
    known = model_of(generation).load(of)
    found = {} if known is None else known.messages
    return {name: answer_of(message) for name, message in found.items()}


def counted(generation: str, of: str = "") -> Counter[str]:
    """How many messages are answered in which way: those of a class, or all."""
    every = [of] if of else model_of(generation).class_names
    return Counter(answer for name in every for answer in answers(generation, name).values())


def page() -> str:
    """The whole page, in Markdown."""
    parts = (BEGINNING, *_depth(), *_totals(), *_by_class(), *_differences())
    return "\n".join(parts)


def _depth() -> Iterator[str]:
    yield "## What is simulated, to what depth\n"
    yield "Every class has all its fields, and with them their getters, setters and lookups. What"
    yield "is more:\n"
    for name, note in sorted(DEPTH.items(), key=lambda each: each[0].lower()):
        yield f"- **{name}**: {note}"
    yield ""
    yield "What is not simulated answers `NOT_IMPLEMENTED` with the message's name, never a made-up"
    yield "success.\n"


def _totals() -> Iterator[str]:
    yield "## How much\n"
    yield f"| Messages | {' | '.join(GENERATIONS)} |"
    yield f"| --- |{' ---: |' * len(GENERATIONS)}"
    counts = [counted(generation) for generation in GENERATIONS]
    for answer, meaning in ANSWERS.items():
        cells = [f"{each[answer]} ({each[answer] / each.total():.1%})" for each in counts]
        yield f"| {answer}: {meaning} | {' | '.join(cells)} |"
    yield f"| all | {' | '.join(str(each.total()) for each in counts)} |\n"


def _by_class() -> Iterator[str]:
    yield "## Message by message\n"
    yield "A message that is so answered by some releases only has these behind it.\n"
    names = {name for generation in GENERATIONS for name in model_of(generation).class_names}
    for name in sorted(names, key=str.lower):
        has = [each for each in GENERATIONS if model_of(each).load(name) is not None]
        only = "" if len(has) == len(GENERATIONS) else f" ({', '.join(map(_short, has))})"
        yield f"### {name}{only}\n"
        rows = [row for answer in ANSWERS if (row := _row(name, answer, has))]
        if rows:
            yield f"| Answered by | {' | '.join(map(_short, has))} | Messages |"
            yield f"| --- |{' ---: |' * len(has)} --- |"
            yield from rows
        else:
            yield "No messages: other classes hold records of it."
        yield ""


def _row(name: str, answer: str, has: list[str]) -> str:
    """The messages of a class that are answered one way; empty when there are none."""
    where: dict[str, list[str]] = {}
    # The newest release has the order.
    for generation in reversed(has):
        for message, found in answers(generation, name).items():
            if found == answer:
                where.setdefault(message, []).insert(0, generation)
    if not where:
        return ""
    cells = [
        f"`{message}`" + ("" if among == has else f" ({', '.join(map(_short, among))})")
        for message, among in where.items()
    ]
    counts = [str(counted(generation, name)[answer]) for generation in has]
    return f"| {answer} | {' | '.join(counts)} | {', '.join(cells)} |"


def _differences() -> Iterator[str]:
    yield "## Known to differ\n"
    for each in DIFFERS:
        yield f"- {each}"
    yield ""


def _short(generation: str) -> str:
    return generation.rpartition("-")[2]


if __name__ == "__main__":
    # The same bytes on every system: Windows would write its own line ends and encoding.
    sys.stdout.buffer.write(page().encode())
