"""A world that one program keeps to itself for as long as nobody else wants it.

For a program that answers thousands of calls a second: the file is written once in a while
instead of after every turn. Killed outright it takes the last moments with it, as a power cut
would. Another program that wants the world has it within a twentieth of a second.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from labkit.errors import LabError
from labkit.sim.store import Store
from labkit.sim.world import World

_LOOK = 0.05
"""Real seconds between two looks whether somebody wants the world; it lives on meanwhile."""
_OUT = 0.01
"""Real seconds for which the world is left to whoever wants it: several tries of his."""
_UNKEPT = 1.0
"""Real seconds that may be lost, at least."""
_PATIENCE = 20.0
"""And how many times longer than writing it takes: a large world is written less often."""


class HeldStore(Store):
    """A world in a file, written when somebody wants it, and now and then."""

    def __init__(self, folder: Path, speed: float) -> None:
        super().__init__(folder, speed)
        self._hold = ExitStack()
        self._held = False
        self._left_at = 0.0
        self._unkept = False
        self._kept_at = 0.0
        self._writing = 0.0
        self._seen = 0.0
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self._live, name="pretend world", daemon=True)
        self._keeper.start()

    def close(self) -> None:
        """Write the world and leave it to others. Turns after this are kept one by one."""
        self._ended.set()
        self._keeper.join()
        with self._turn:
            if self._held and self._world is not None:
                self._write(self._world)
                self._release()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._held:
            # Who waits for the world tries now and then; who had it last would always be first.
            time.sleep(max(0.0, self._left_at + _OUT - time.monotonic()))
            self._hold.enter_context(super()._alone())
            # Whatever others did meanwhile is in the file.
            self._held, self._seen = True, 0.0
        yield

    def _load(self) -> World:
        if self._seen and self._world is not None:
            return self._world
        world = super()._load()
        self._seen, self._kept_at = float(self._head["at"]), time.time()
        return world

    def _since(self) -> float:
        return self._seen

    def _pass(self, world: World, since: float) -> None:
        self._settled = 0.0
        super()._pass(world, since)
        self._seen = time.time()

    def _leave(self, world: World, since: float) -> None:
        self._unkept |= self._changed
        if self._changed:
            self._tell()
        wanted = self._ended.is_set() or self._wanted.exists()
        due = time.time() - self._kept_at > max(_UNKEPT, _PATIENCE * self._writing)
        if wanted or (self._unkept and due):
            self._write(world)
        if wanted:
            # Whoever still wants it then says so again; who was killed meanwhile does not.
            self._wanted.unlink(missing_ok=True)
            self._release()

    def _write(self, world: World) -> None:
        began = time.time()
        self._changed = self._unkept
        self._keep(world, True)
        self._unkept, self._kept_at = False, time.time()
        if self._changed:
            self._writing = self._kept_at - began

    def _release(self) -> None:
        self._held, self._left_at = False, time.monotonic()
        self._hold.close()

    def _live(self) -> None:
        while not self._ended.wait(_LOOK):
            with self._turn:
                # Nobody's turn to make a world, nor to take it from others.
                if self._held:
                    # What cannot be kept now stays in memory, and may be kept a little later;
                    # whoever acts in the world is told.
                    with suppress(LabError), self.turn(reading=True):
                        pass
