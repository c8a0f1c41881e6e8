"""Computers that are started side by side, as many as there are processors for.

One takes a processor for half a minute, and the next test waits for it. So all that the tests
of a run will ask for begin as soon as the first is asked for.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.boot.computer import boot
from tests.boot.medium import Layout, Medium, flatten, make_medium
from tests.boot.told import Told

AT_ONCE = min(4, os.cpu_count() or 1)


@dataclass(frozen=True)
class Booted:
    """A medium, and what the place of the installer was told when it was booted."""

    medium: Medium
    told: Told


Boots = Mapping[Layout, "Future[Booted]"]


@contextmanager
def started(layouts: Iterable[Layout], parts: Path, folder: Path) -> Iterator[Boots]:
    """Boot each layout once; the results are there when they are asked for."""
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        yield {
            layout: pool.submit(_booted, layout, parts, folder / str(layout)) for layout in layouts
        }
    finally:
        # Those that run already end by themselves, at the latest when their time is up.
        pool.shutdown(cancel_futures=True)


def asked_for(items: Iterable[pytest.Item]) -> tuple[Layout, ...]:
    """The layouts the tests of a run are about, in the order they come."""
    about = (getattr(item, "callspec", None) for item in items)
    return tuple(
        dict.fromkeys(
            layout
            for spec in about
            if spec is not None
            for layout in spec.params.values()
            if isinstance(layout, Layout)
        )
    )


def _booted(layout: Layout, parts: Path, folder: Path) -> Booted:
    medium = make_medium(layout, parts, folder)
    flat = folder / "flat.iso"
    flatten(medium, layout, flat)
    return Booted(medium, boot(flat, layout.firmware, folder / "computer"))
