"""Waiting is a noun: what for, until when, and what to look at if it does not come."""

from collections.abc import Callable
from typing import TypeVar

from labkit.backend import Clock
from labkit.errors import LabError

Found = TypeVar("Found")


class NotYet(Exception):
    """What is waited for is not there yet; says what was seen instead."""


def wait_for(
    what: str,
    look: Callable[[], Found],
    *,
    seconds: float,
    hint: str,
    clock: Clock,
    every: float = 2.0,
) -> Found:
    """Look again and again until `look` returns instead of raising `NotYet`.

    Raises `LabError` naming `what`, what was last seen and `hint` once `seconds` have passed.
    Any other exception of `look` passes through at once: it will not get better by waiting.
    """
    deadline = clock.now() + seconds
    while True:
        # Asked before looking: after a computer has slept, what was waited for is often there.
        late = clock.now() >= deadline
        try:
            return look()
        except NotYet as unseen:
            if late:
                raise LabError(
                    f"{what} did not happen within {_spoken(seconds)}.",
                    details=str(unseen),
                    hint=hint,
                ) from unseen
        clock.sleep(min(every, max(0.0, deadline - clock.now())))


def _spoken(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
