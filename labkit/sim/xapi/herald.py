"""Wakes those who wait for something to happen.

One thread looks for all of them, when something changed or, for what other programs change, ten
times a second: a thousand clients that wait cost what one does, and their looking keeps the
world's time going. Who is woken asks again, and may find that it was not for him.
"""

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from labkit.sim.store import Store
from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.events import Following
from labkit.sim.xapi.hosts import watch
from labkit.sim.xapi.places import database_of, is_slave, memory_of

_BOUND = 0.1
"""Real seconds at most between two looks."""
_BREATH = 0.01
"""And at least: what happens at once is told at once."""
_WATCH = 1.0
"""Real seconds between two looks at who is alive."""
_HEARTBEAT = 30.0
"""Real seconds between two touches of the pool: who follows it hears that the line still is."""
_LONGEST = 3600.0


@dataclass(eq=False)
class _Waiter:
    following: Following
    seen: int
    woken: threading.Event = field(default_factory=threading.Event)


class Herald:
    """Follows the world for everybody of this program."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: set[_Waiter] = set()
        self._somebody = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._watched = 0.0
        self._beaten = time.monotonic()

    def wait(self, following: Following, seconds: float | None) -> None:
        """Wait until something may have happened that is of interest, or so many seconds."""
        waiter = _Waiter(following, following.seen)
        with self._somebody:
            if self._closed:
                return
            self._waiting.add(waiter)
            if self._thread is None:
                self._thread = threading.Thread(target=self._live, name="herald", daemon=True)
                self._thread.start()
            self._somebody.notify()
        try:
            waiter.woken.wait(_LONGEST if seconds is None else min(max(seconds, 0.0), _LONGEST))
        finally:
            with self._somebody:
                self._waiting.discard(waiter)

    def close(self) -> None:
        """Let nobody wait any more."""
        with self._somebody:
            self._closed = True
            for waiter in self._waiting:
                waiter.woken.set()
            self._somebody.notify()

    def _live(self) -> None:
        while True:
            with self._somebody:
                self._somebody.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                waiting = list(self._waiting)
            known = self._store.changes
            self._look(waiting)
            time.sleep(_BREATH)
            self._store.wait_for_change(known, _BOUND)

    def _look(self, waiting: list[_Waiter]) -> None:
        now = time.monotonic()
        beat, watching = now - self._beaten > _HEARTBEAT, now - self._watched > _WATCH
        homes: dict[str, list[_Waiter]] = {}
        for waiter in waiting:
            homes.setdefault(waiter.following.home, []).append(waiter)
        # Most looks promise to change nothing: that is much cheaper.
        with self._store.turn(reading=not (beat or watching)) as world:
            for home, there in homes.items():
                machine = _up(world, home)
                db = None if machine is None or is_slave(machine) else database_of(machine)
                if db is not None and watching:
                    watch(db, world)
                if db is not None and beat:
                    db.touch("pool", db.pool)
                for waiter in _left(world, there) if db is not None else there:
                    waiter.woken.set()
                if db is not None:
                    _tell(db, there)
        self._beaten = now if beat else self._beaten
        self._watched = now if watching else self._watched


def _left(world: World, waiting: Iterable[_Waiter]) -> Iterator[_Waiter]:
    """Those whose host went, or who were logged out."""
    for waiter in waiting:
        following = waiter.following
        known = memory_of(world.machines[following.home]).sessions
        if following.session not in known or _up(world, following.host) is None:
            yield waiter


def _tell(db: Database, waiting: Iterable[_Waiter]) -> None:
    """Wake those for whom something happened."""
    now = db.journal.now
    behind = [waiter for waiter in waiting if waiter.seen < now]
    if not behind:
        return
    since = min(waiter.seen for waiter in behind)
    classes: dict[str, int] = {}
    objects: dict[tuple[str, str], int] = {}
    changed = ((when, of, ref) for when, of, ref, _ in db.changed_since(since))
    for when, of, ref in (*changed, *db.journal.gone_since(since)):
        of = of.lower()
        classes[of] = max(when, classes.get(of, 0))
        objects[of, ref] = when
    for waiter in behind:
        wanted = waiter.following.wanted
        of_interest = (
            max(classes.values(), default=0) if wanted.everything else 0,
            *(classes.get(of, 0) for of in wanted.classes),
            *(objects.get(each, 0) for each in wanted.objects),
        )
        if max(of_interest) > waiter.seen:
            waiter.woken.set()
        waiter.seen = now


def _up(world: World, name: str) -> SimMachine | None:
    """The machine of that name, whose XAPI is up."""
    machine = world.machines.get(name)
    if machine is None or machine.memory is None or machine.power != "running":
        return None
    return machine if machine.memory.xapi == "up" else None
