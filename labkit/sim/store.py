"""Where the world is kept between two commands, and how several share it at once.

Every look at the world is one turn: lock, read what others changed, let time pass, act, write,
unlock. Two commands at once therefore see one computer, as two terminals do.
"""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labkit.lock import locked
from labkit.sim.world import World

_LONGEST_GAP = 1.0
"""Real seconds between two turns that count at most: while nobody looks, time stands still."""


class Store:
    """A world in a file, `speed` times as fast as the real one."""

    def __init__(self, folder: Path, speed: float) -> None:
        self.folder = folder
        self.speed = speed
        self._file = folder / "world.json"
        self._seen: tuple[int, int] | None = None
        self._world: World | None = None
        self._turn = threading.RLock()
        self._depth = 0

    @contextmanager
    def turn(self) -> Iterator[World]:
        """The world, with its time brought up to now and nobody else in it. Kept on leaving,
        also when leaving with an error: what was done before it was done."""
        with self._turn:
            if self._depth:
                # A driver call may be answered by another one: the turn is still the same.
                assert self._world is not None
                yield self._world
                return
            with locked(self.folder / "world.lock", block=True):
                world, waited = self._load()
                self._depth += 1
                try:
                    world.settle(min(waited, _LONGEST_GAP) * self.speed)
                    yield world
                finally:
                    self._depth -= 1
                    self._save(world)

    def _load(self) -> tuple[World, float]:
        try:
            found = self._file.stat()
        except FileNotFoundError:
            # A port of the world's own keeps two worlds on one computer apart.
            self._world = World(port=random.randint(20_000, 32_000))
            return self._world, 0.0
        stamp = (found.st_mtime_ns, found.st_size)
        if self._world is None or stamp != self._seen:
            self._world = World.from_json(self._file.read_text(encoding="utf-8"))
        return self._world, max(0.0, time.time() - found.st_mtime)

    def _save(self, world: World) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(world.to_json(), encoding="utf-8")
        fresh.replace(self._file)
        found = self._file.stat()
        self._seen = (found.st_mtime_ns, found.st_size)
