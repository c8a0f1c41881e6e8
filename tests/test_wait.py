"""Waiting has a name, an end, and something to look at."""

from dataclasses import dataclass, field

import pytest

from labkit.errors import LabError
from labkit.wait import NotYet, wait_for


@dataclass
class Clock:
    """Time that passes only by sleeping."""

    time: float = 0.0
    naps: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.time += seconds


def test_what_comes_is_handed_over() -> None:
    clock = Clock()

    def look() -> str:
        if clock.time < 5:
            raise NotYet("nothing")
        return "here"

    assert wait_for("It", look, seconds=60, hint="", clock=clock) == "here"
    assert 5 <= clock.time < 8


def test_a_deadline_ends_the_wait_with_what_was_last_seen() -> None:
    clock = Clock()

    def look() -> None:
        raise NotYet(f"still nothing at {clock.time:.0f}")

    with pytest.raises(LabError, match="It did not happen within 10 seconds") as ended:
        wait_for("It", look, seconds=10, hint="Look there.", clock=clock)
    assert ended.value.details == "still nothing at 10"
    assert ended.value.hint == "Look there."
    assert clock.time == 10


def test_another_error_ends_the_wait_at_once() -> None:
    clock = Clock()

    def look() -> None:
        raise LabError("It is broken.")

    with pytest.raises(LabError, match="It is broken"):
        wait_for("It", look, seconds=10, hint="", clock=clock)
    assert clock.naps == []


def test_after_the_computer_has_slept_there_is_one_more_look() -> None:
    clock = Clock()

    def look() -> str:
        if clock.time == 0:
            clock.time = 1000.0
            raise NotYet("nothing")
        return "here"

    assert wait_for("It", look, seconds=10, hint="", clock=clock) == "here"
