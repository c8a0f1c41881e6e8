"""What goes wrong with the words to a pretended VirtualBox, on request."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from labkit.errors import LabError
from labkit.scenario.faults.fault import DRIVER_WORDS, Hang, Refuse, What
from labkit.sim import faults
from labkit.sim.clock import SimClock
from labkit.sim.world import World
from labkit.vbox.driver import MachineSpec

Class = TypeVar("Class", bound=type)


def breakable(driver: Class) -> Class:
    """Let every word of a driver fail or hang when a fault says so."""
    for word in DRIVER_WORDS:
        setattr(driver, word, _breakable(word, getattr(driver, word)))
    return driver


def _breakable(word: str, act: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(act)
    def acting(self: Any, *said: Any, **more: Any) -> Any:
        with self._store.turn(reading=True) as world:
            if not world.faults:
                return act(self, *said, **more)
        with self._store.turn() as world:
            names = _names(world, (*said, *more.values()))
            met = faults.of_word(world, word, names)
        about = names[0] if names else ""
        _meet(self, word, about, met, after=False)
        answer = act(self, *said, **more)
        with self._store.turn() as world:
            faults.happened(world, word, *names)
        _meet(self, word, about, met, after=True)
        return answer

    return acting


def _meet(driver: Any, word: str, about: str, met: list[What], *, after: bool) -> None:
    for each in met:
        if isinstance(each, Hang) and each.after == after:
            SimClock(driver._store).sleep(each.seconds)
        elif isinstance(each, Refuse) and each.after == after:
            raise _refusal(word, about, each.reason)


def _refusal(word: str, about: str, reason: str | None) -> LabError:
    """As the real driver puts it."""
    if reason is None:
        return LabError(
            f"`{about}` is in use by another program." if about else "VirtualBox is in use.",
            details="VBOX_E_INVALID_OBJECT_STATE: the session of the machine is locked.",
            hint="Close its window or its settings in VirtualBox, then run the command again.",
        )
    wish = f"`{word.replace('_', ' ')}`" + (f" of {about}" if about else "")
    return LabError(
        f"VirtualBox refused {wish}.",
        details=reason,
        hint="Look at the machine in VirtualBox, then run the command again.",
    )


def _names(world: World, said: tuple[Any, ...]) -> list[str]:
    """What the machine a word is about may be called; a new one first, before what it is a clone
    of."""
    found: list[str] = []
    for each in said:
        if isinstance(each, MachineSpec):
            found[:0] = [each.name, *filter(None, [each.labels.get("host", "")])]
        elif isinstance(each, Path):
            found.append(each.name)
        elif isinstance(each, str) and each in world.machines:
            found += faults.names_of(world.machines[each])
        elif isinstance(each, str) and not found:
            found.append(each)
    return found
