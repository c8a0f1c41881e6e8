"""What goes wrong on the way between a client and a host, on request."""

from collections.abc import Callable
from typing import Any

from labkit.scenario.faults.fault import Drop, Hang
from labkit.sim import faults
from labkit.sim.store import Store
from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.failures import NoAnswer
from labkit.sim.xapi.places import memory_of


class Hanging(Exception):
    """Nothing happens for so many seconds of the world's; then the call is to be asked again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Trouble:
    """The trouble of one request. It is met once, however often the call is asked again."""

    def __init__(self, store: Store, wait: Callable[[float], None]) -> None:
        self._store = store
        self._wait = wait
        self._met: list[Any] | None = None
        self._host = ""

    def before(self, world: World, machine: SimMachine, method: str) -> None:
        """Raises `NoAnswer` or `Hanging` where the call does not get through, or not yet. Within
        a turn."""
        # Faults are counted, also where the call itself only looks.
        with self._store.turn():
            self._host = machine.name
            if faults.cut_off(world, machine, knock=self._met is None):
                raise NoAnswer
            if self._met is not None or memory_of(machine).xapi == "down":
                return
            message = method.removeprefix("Async.")
            self._met = faults.of_message(world, machine, message, Drop, Hang)
        if any(isinstance(each, Drop) and not each.after for each in self._met):
            raise NoAnswer
        hanging = sum(each.seconds for each in self._met if _hangs(each, after=False))
        if hanging:
            raise Hanging(hanging)

    def after(self) -> bool:
        """Whether only half of the answer gets through. Raises `NoAnswer` where nothing does."""
        if not self._host:
            return False
        met = self._met or []
        for each in met:
            if _hangs(each, after=True):
                with self._store.turn(reading=True) as world:
                    until = world.now + each.seconds
                self._wait(until)
        with self._store.turn(reading=True) as world:
            machine = world.machines.get(self._host)
            if machine is not None and faults.cut_off(world, machine):
                raise NoAnswer
        drops = [each for each in met if isinstance(each, Drop)]
        if any(not each.half_way for each in drops):
            raise NoAnswer
        return bool(drops)


def _hangs(each: object, *, after: bool) -> bool:
    return isinstance(each, Hang) and each.after == after
