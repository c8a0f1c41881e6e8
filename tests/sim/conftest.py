"""A pretend computer for each test, whose time passes only when the test lets it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.sim.computer import Computer, open_computer


class Stepped:
    """A clock that sleeping moves on, all at once: these tests must not depend on how busy
    the real computer is."""

    def __init__(self, computer: Computer) -> None:
        self._store = computer._store

    def now(self) -> float:
        with self._store.turn(reading=True) as world:
            return world.now

    def sleep(self, seconds: float) -> None:
        with self._store.turn() as world:
            world.settle(seconds)


@pytest.fixture
def computer(tmp_path: Path) -> Iterator[Computer]:
    opened = open_computer(tmp_path / "sim", speed=1e-6)
    opened.clock = Stepped(opened)  # type: ignore[assignment]
    yield opened
    opened.close()
