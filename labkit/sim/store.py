"""Where the world is kept between two commands, and how several share it at once.

Every look at the world is one turn: lock, read what others changed, let time pass, act, write,
unlock. Two commands at once therefore see one computer, as two terminals do.

A turn in which only time passed writes nothing: what time does is the same whoever counts it,
from the moment in the file. The file is replaced as a whole, so a program killed at any moment
leaves the world as it was before or after its turn. It is not forced through to the disk: that
would cost more than all the rest, and a power cut ends a pretend computer's pretences anyway.
"""

import json
import random
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from labkit.errors import ComputerError, LabError
from labkit.lock import Held, locked
from labkit.sim.world import World

LONGEST_GAP = 1.0
"""Real seconds between two turns that count at most: while nobody looks, time stands still."""

_TRY_AGAIN = 0.002
"""Real seconds between two tries to have a turn that somebody else has."""

_INTERFACES: tuple[dict[str, Any], ...] = (
    {
        "name": "enp0s25",
        "address": "192.168.1.50",
        "netmask": "255.255.255.0",
        "up": True,
        "wireless": False,
        "default_route": True,
    },
    {
        "name": "wlp3s0",
        "address": "",
        "netmask": "",
        "up": False,
        "wireless": True,
        "default_route": False,
    },
)
"""A laptop on a cable, its wireless card switched off."""


class Store:
    """A world in a file, `speed` times as fast as the real one."""

    def __init__(self, folder: Path, speed: float) -> None:
        self.folder = folder
        self.speed = speed
        self._file = folder / "world.json"
        self._wanted = folder / "world.wanted"
        self._turn = threading.RLock()
        self._depth = 0
        self._changed = False
        self._world: World | None = None
        self._head: dict[str, Any] = {}
        """The file's first line: which world, which turn of it, and the times at a real moment."""
        self._line = ""
        """The same as it was read or written."""
        self._body = ""
        self._settled = 0.0
        """Real seconds since that moment that this world has already gone through."""
        self._news = threading.Condition()
        self._changes = 0

    @contextmanager
    def turn(self, *, reading: bool = False) -> Iterator[World]:
        """The world, with its time brought up to now and nobody else in it. Kept on leaving,
        also when leaving with an error: what was done before it was done.

        `reading` promises to change nothing, which saves looking for changes.
        """
        with self._turn:
            if self._depth:
                # A driver call may be answered by another one: the turn is still the same.
                assert self._world is not None
                self._changed |= not reading
                yield self._world
                return
            with self._alone():
                world = self._load()
                self._changed = not reading
                since = time.time() - self._since()
                self._depth += 1
                try:
                    self._pass(world, since)
                    yield world
                finally:
                    self._depth -= 1
                    self._leave(world, since)

    def close(self) -> None:
        """Nothing is left to do: each turn was kept."""

    @property
    def changes(self) -> int:
        """How many turns of this program changed something, or found something changed."""
        return self._changes

    def wait_for_change(self, known: int, seconds: float) -> None:
        """Wait, outside of any turn, until there were more changes than are known; at most so
        many real seconds. What another program changes is seen by the next who has a turn."""
        with self._news:
            self._news.wait_for(lambda: self._changes != known, seconds)

    def _tell(self) -> None:
        with self._news:
            self._changes += 1
            self._news.notify_all()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Be the only program in the world."""
        with ExitStack() as mine:
            waited = False
            while not self._taken(mine):
                # Somebody may hold it for longer than a turn, until he sees this. Said again and
                # again: it is taken for heard once anybody got his turn.
                self._wanted.touch()
                waited = True
                time.sleep(_TRY_AGAIN)
            if waited:
                self._wanted.unlink(missing_ok=True)
            yield

    def _taken(self, mine: ExitStack) -> bool:
        try:
            mine.enter_context(locked(self.folder / "world.lock"))
        except Held:
            return False
        return True

    def _since(self) -> float:
        """The real moment that time is counted from."""
        return float(self._head["at"])

    def _leave(self, world: World, since: float) -> None:
        # Nobody counts on from a moment that is too long ago, or, where the computer's clock was
        # set back, still to come.
        overdue = not 0.0 <= since < LONGEST_GAP / 2
        if self._changed or overdue or not self._line:
            self._keep(world, overdue)

    def _load(self) -> World:
        try:
            with self._file.open(encoding="utf-8") as file:
                line = file.readline()
                # Turns are counted: unlike a time stamp that tells two quick ones apart.
                if self._world is None or line != self._line:
                    self._line, self._body = line, file.read()
                    self._head = json.loads(line)
                    self._world = World.from_json(self._body, self._head)
                    self._settled = 0.0
                    self._tell()
        except FileNotFoundError:
            # A port of the world's own keeps two worlds on one computer apart.
            self._world = World(
                port=random.randint(20_000, 32_000),
                interfaces=[dict(interface) for interface in _INTERFACES],
            )
            self._head = {"world": str(uuid.uuid4()), "turn": 0, "at": time.time()}
            self._line, self._body, self._settled = "", "", 0.0
        except (ValueError, KeyError, TypeError, AttributeError) as unread:
            raise LabError(
                "labkit cannot read the pretend computer.",
                details=f"{self._file} is damaged, or another version of labkit wrote it.",
                hint=f"Delete the folder {self.folder}: the pretend machines in it are lost, "
                "and the next command begins with a new computer.",
            ) from unread
        return self._world

    def _pass(self, world: World, since: float) -> None:
        counted = min(max(since, 0.0), LONGEST_GAP)
        # Noted before anything happens: what happened once must not happen again.
        passed, self._settled = max(0.0, counted - self._settled), max(counted, self._settled)
        writing, self._changed = self._changed, True  # Also when it stops half-way.
        self._changed = world.settle(passed * self.speed) or writing

    def _keep(self, world: World, overdue: bool) -> None:
        body = world.to_json() if self._changed or not self._body else self._body
        if body == self._body and not overdue:
            return
        head = {
            "world": self._head["world"],
            "turn": self._head["turn"] + 1,
            "at": time.time(),
            **world.times(),
        }
        line = json.dumps(head) + "\n"
        fresh = self._file.with_suffix(".new")
        try:
            fresh.write_text(line + body, encoding="utf-8", newline="\n")
            fresh.replace(self._file)
        except OSError as cause:
            raise ComputerError(
                "The pretend computer could not be kept.",
                details=str(cause),
                hint=f"Make room on the disk of {self.folder}, then run the same command again.",
            ) from cause
        self._head, self._line, self._body, self._settled = head, line, body, 0.0
        self._tell()
