"""What a person sees, and what a program reads: the listeners of events.

On a terminal each step is one line that lives until the step ends; elsewhere it is plain lines;
with `--json` every event is a JSON object on a line of its own.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from labkit.errors import LabError
from labkit.events import Event
from labkit.report import History, spoken

if TYPE_CHECKING:
    from rich.progress import Progress

Level = Literal["plain", "good", "warning", "bad"]
_COLOURS = {"good": "32", "warning": "33", "bad": "31"}


class Console:
    """Standard output, for one command. What goes wrong goes to standard error."""

    def __init__(self, *, as_json: bool, history: History) -> None:
        self.json = as_json
        self._history = history
        self._began: dict[str, float] = {}
        self._told: dict[str, tuple[str, float]] = {}
        self._live = _Live(history) if not as_json and _animated() else None
        self._context: dict[str, str] = {}
        self._hushed = False

    @contextmanager
    def hushed(self) -> Iterator[None]:
        """Tell programs nothing of what happens meanwhile: they wait for one line. A person sees
        it all."""
        self._hushed = True
        try:
            yield
        finally:
            self._hushed = False

    def begin(self, lab: str, on: str) -> None:
        """Say which lab the events to come are about."""
        self._context = {"lab": lab, "on": on}

    def tell(self, event: Event) -> None:
        """Listen to an event."""
        now = time.monotonic()
        took = None
        if event.happened == "started":
            self._began[event.step] = now
        elif event.happened in ("done", "failed"):
            took = now - self._began.pop(event.step, now)
            if event.happened == "done":
                self._history.took(event.step, took)
        if self.json:
            self._object(
                step=event.step,
                happened=event.happened,
                note=event.note or None,
                fraction=event.fraction,
                seconds=None if took is None else round(took, 3),
            )
        elif self._live is not None and self._live.takes(event):
            return
        else:
            self._line(event, took)

    def planned(self, step: str, stage: str, done: bool | None, why: str) -> None:
        """Say whether a step of a plan is done; None where nobody can tell yet, and why."""
        word = {True: "already done", False: "to do", None: "cannot tell yet"}[done]
        if self.json:
            self._object(step=step, stage=stage, planned=word, why=why or None)
        else:
            because = f": {why}" if why else ""
            self.say(f"{word:>15}  {stage:<7} {step}{because}", "good" if done else "plain")

    def warn(self, what: str, hint: str) -> None:
        """Say what may hurt later."""
        if self.json:
            self._object(warning=what, hint=hint)
        else:
            self.say(f"warning: {what}", "warning")
            self.say(f"  {hint}")

    def result(self, text: str, *, changed: bool) -> None:
        """The last word of a command that went well."""
        if self.json:
            self._object(result=text, changed=changed)
        else:
            self.say(text, "good")

    def error(self, error: LabError) -> None:
        """The last word of a command that did not."""
        if self.json:
            self._object(
                error=error.what, details=error.details, hint=error.hint, exit_code=error.exit_code
            )
        lines = [
            f"error: {error.what}",
            *_indented("  ", error.details),
            *_indented("→ ", error.hint),
        ]
        for number, line in enumerate(lines):
            _write(line, "bad" if number == 0 else "plain", error=True)

    def say(self, line: str, level: Level = "plain") -> None:
        """A line for a person."""
        _write(line, level)

    def document(self, text: str) -> None:
        """A line for a program."""
        _write(text, "plain")

    def close(self) -> None:
        """Leave the terminal as it was, and remember how long things took."""
        if self._live is not None:
            self._live.close()
        if self._began or self._context:
            self._history.keep()

    def _line(self, event: Event, took: float | None) -> None:
        note = f": {event.note}" if event.note else ""
        match event.happened:
            case "started":
                expected = self._history.expected(event.step)
                likely = f" (about {spoken(expected)})" if expected and expected >= 2 else ""
                self.say(f"... {event.step}{likely}")
            case "progress":
                self._progress(event, note)
            case "done":
                self.say(f"ok  {event.step} ({spoken(took or 0.0)})", "good")
            case "already done":
                self.say(f"ok  {event.step}: already done", "good")
            case "failed" | "stuck":
                self.say(f"!!  {event.step}{note}", "bad")
            case "undone":
                self.say(f"    {event.step}: taken back")

    def _progress(self, event: Event, note: str) -> None:
        # A log file is not a screen: a line a phase, and one for every tenth of the way.
        phase, told = self._told.get(event.step, ("", -1.0))
        fraction, now = event.fraction or 0.0, event.note.partition(":")[0]
        if now == phase and fraction - told < 0.1:
            return
        self._told[event.step] = (now, fraction)
        share = f"{fraction:>4.0%} " if event.fraction is not None else ""
        self.say(f"    {share}{event.step}{note}")

    def _object(self, **fields: object) -> None:
        if self._hushed and "error" not in fields:
            return
        told = {key: value for key, value in fields.items() if value is not None}
        _write(json.dumps({"time": round(time.time(), 3), **self._context, **told}), "plain")


class _Live:
    """The line of the step at work, with elapsed and expected time."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._progress: Progress | None = None
        self._expected = ""

    def takes(self, event: Event) -> bool:
        """Show the event in the living line; False when it ends it, or needs one of its own."""
        if event.happened == "started":
            expected = self._history.expected(event.step)
            self._expected = f" of about {spoken(expected)}" if expected else ""
            self._open(event.step)
            return True
        if event.happened == "progress" and self._progress is not None:
            share = f"{event.fraction:.0%} " if event.fraction is not None else ""
            self._progress.update(self._progress.task_ids[0], note=f"{share}{event.note}")
            return True
        self.close()
        return False

    def close(self) -> None:
        """Take the line away."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _open(self, step: str) -> None:
        from rich.console import Console as Screen
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self.close()
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[expected]} {task.fields[note]}", markup=False),
            console=Screen(highlight=False),
            transient=True,
        )
        self._progress.add_task(step, expected=self._expected, note="")
        self._progress.start()


def _animated() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM", "") != "dumb"


def _coloured(stream_is_terminal: bool) -> bool:
    return (
        stream_is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )


def _write(line: str, level: Level, *, error: bool = False) -> None:
    stream = sys.stderr if error else sys.stdout
    colour = _COLOURS.get(level)
    if colour and _coloured(stream.isatty()):
        line = f"\x1b[{colour}m{line}\x1b[0m"
    stream.write(f"{line}\n")
    stream.flush()


def _indented(mark: str, text: str) -> list[str]:
    return [f"{mark}{line}" for line in text.splitlines()]
