"""A pretend computer for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.sim.computer import Computer, open_computer


@pytest.fixture
def computer(tmp_path: Path) -> Iterator[Computer]:
    """So fast that an installation takes a blink."""
    opened = open_computer(tmp_path / "sim", speed=20_000)
    yield opened
    opened.close()
