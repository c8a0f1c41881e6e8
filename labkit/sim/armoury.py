"""Faults from what a person typed into the world, with the words looked up that only the pretend
computer knows: XAPI's messages."""

from collections.abc import Iterable

from labkit.errors import ScenarioError
from labkit.scenario.faults.fault import DRIVER_WORDS, Fault, Messages
from labkit.scenario.faults.reading import read
from labkit.scenario.problem import suggestion
from labkit.sim import faults
from labkit.sim.store import Store


def arm(store: Store, texts: Iterable[str], by: str = faults.COMMAND) -> None:
    """Arm what these say, all or nothing. Raises `ScenarioError` for what cannot be meant."""
    meant = [read(text) for text in texts]
    if not meant:
        return
    for fault in meant:
        _check(fault)
    with store.turn() as world:
        faults.arm(world, meant, by)


def _check(fault: Fault) -> None:
    known = _messages()
    if isinstance(fault.where, Messages):
        _known(fault, fault.where.message, known)
    if (moment := fault.when.moment) is not None:
        bare = {name.rpartition(".")[2] for name in known} | set(DRIVER_WORDS)
        _known(fault, moment.message, known if "." in moment.message else bare)


def _known(fault: Fault, pattern: str, known: set[str]) -> None:
    of, _, name = pattern.partition(".")
    if "*" not in pattern:
        word, there = pattern, known
    elif of != "*":
        word, there = of, {each.partition(".")[0] for each in known}
    else:
        word, there = name, {each.rpartition(".")[2] for each in known}
    if word == "*" or word.casefold() in {each.casefold() for each in there}:
        return
    raise ScenarioError(
        f"`{fault.text}` is no fault that labkit understands.",
        details=f"There is no `{pattern}`: {_meant(word, there)}",
        hint="docs/simulator.md lists XAPI's messages; docs/faults.md has all the words.",
    )


def _meant(word: str, known: set[str]) -> str:
    """One that is alike; never all of two thousand."""
    told = suggestion(word, sorted(known))
    return told if told.startswith("did you") else "nothing there is called that, or nearly so"


def _messages() -> set[str]:
    from labkit.sim.xapi.datamodel import model_of
    from labkit.sim.xapi.profile import GENERATIONS

    return {name for each in GENERATIONS for name in model_of(each).all_messages()}
