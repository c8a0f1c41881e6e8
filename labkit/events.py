"""What just happened, for whoever listens: the console, a report, a program reading JSON.

Work tells, it does not print. An event carries no secret.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Happened = Literal["started", "already done", "progress", "done", "failed", "undone", "stuck"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that just happened to one step of a plan."""

    step: str
    """The step's title: 'Install the golden machine'."""
    happened: Happened
    """`stuck` means that taking back a failed step failed too."""
    note: str = ""
    """What a person would want to know beyond that, in a few words."""
    fraction: float | None = None
    """How far the step is, from 0 to 1, where that is known."""


Listener = Callable[[Event], None]
