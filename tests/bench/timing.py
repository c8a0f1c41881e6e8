"""Time things side by side: the machine is noisy, so what counts is the ratio within one run."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """A thing and what it is measured against, run in turn: A B A B …"""

    name: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    against: str
    aim: str

    def __str__(self) -> str:
        ratios = [a / b for a, b in zip(self.ours, self.theirs, strict=True)]
        return (
            f"{self.name}: {statistics.median(self.ours):.3f} s; {self.against}: "
            f"{statistics.median(self.theirs):.3f} s; ratio {statistics.median(ratios):.2f} "
            f"({min(ratios):.2f}-{max(ratios):.2f}); aim: {self.aim}"
        )


def side_by_side(
    name: str,
    ours: Callable[[], object],
    against: str,
    theirs: Callable[[], object],
    *,
    aim: str,
    runs: int = 7,
) -> Pair:
    """Both, in turn, after one round that does not count."""
    rounds = [(seconds(ours), seconds(theirs)) for _ in range(runs + 1)][1:]
    return Pair(name, tuple(a for a, _ in rounds), tuple(b for _, b in rounds), against, aim)


def seconds(act: Callable[[], object]) -> float:
    """How long it took, by the wall clock."""
    before = time.perf_counter()
    act()
    return time.perf_counter() - before
