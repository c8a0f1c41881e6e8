"""Faults in the world: which are armed, how often each has come, and whether it comes now.

What is armed survives the command that armed it, as all of the world does. One that has come as
often as it was to is spent: on the command line it may be given again, while one of a scenario or
of the environment stays spent, so that the next run of the same command goes well.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from labkit.scenario.faults.fault import (
    ALL_MESSAGES,
    DriverWord,
    Fault,
    Messages,
    Unreachable,
    What,
)
from labkit.scenario.faults.reading import read
from labkit.sim.chance import draw
from labkit.sim.world import SimMachine, World

COMMAND = ""
"""Who armed what was given on the command line; a scenario's faults are the lab's."""

_FOR_EVER = 1e12

_read = lru_cache(read)

Kind = TypeVar("Kind", bound=What)


def arm(world: World, faults: Iterable[Fault], by: str = COMMAND) -> None:
    """Arm faults. One that is armed still is not armed twice."""
    world.faults = [each for each in world.faults if each["by"] or not spent(world, each)]
    for fault in faults:
        known = [entry for entry in world.faults if _read(entry["text"]) == fault]
        if any(not spent(world, entry) or (by != COMMAND and entry["by"] == by) for entry in known):
            continue
        world.faults = [entry for entry in world.faults if entry not in known]
        new = {"text": fault.text, "by": by, "seen": 0, "come": 0, "ready": False, "until": 0.0}
        world.faults.append(new)


def disarm(world: World, by: str | None = None) -> int:
    """Forget what somebody armed, or everybody did; how many that were."""
    kept = [entry for entry in world.faults if by is not None and entry["by"] != by]
    gone = len(world.faults) - len(kept)
    world.faults = kept
    return gone


def spent(world: World, entry: dict[str, Any]) -> bool:
    """Whether a fault has come as often as it was to."""
    times = _read(entry["text"]).when.times
    return times is not None and entry["come"] >= times and entry["until"] <= world.now


def left(world: World, entry: dict[str, Any]) -> str:
    """How often it still comes, in words."""
    times = _read(entry["text"]).when.times
    if times is None:
        return "always"
    if spent(world, entry):
        return "spent"
    if entry["until"] >= _FOR_EVER:
        return "until cleared"
    if entry["come"] >= times:
        return f"for {entry['until'] - world.now:.0f}s more"
    return f"{times - entry['come']} of {times} to come"


def of_message(world: World, machine: SimMachine, message: str, *kinds: type[Kind]) -> list[Kind]:
    """What goes wrong of these kinds with this message to the XAPI of a machine, now."""
    return [
        fault.what
        for entry, fault in _armed(world, kinds)
        if isinstance(fault.where, Messages)
        and isinstance(fault.what, kinds)
        and _matches(fault.where.message, message)
        and _is(fault.where.host, machine)
        and _comes(world, entry, fault)
    ]


def of_word(world: World, word: str, names: Sequence[str]) -> list[What]:
    """What goes wrong with this word to VirtualBox about a machine of these names, now."""
    return [
        fault.what
        for entry, fault in _armed(world, (object,))
        if isinstance(fault.where, DriverWord)
        and fault.where.word == word
        and (fault.where.machine is None or fault.where.machine in names)
        and _comes(world, entry, fault)
    ]


def cut_off(world: World, machine: SimMachine, *, knock: bool = False) -> bool:
    """Whether no packet reaches a host. A `knock` is an occasion for that to begin."""
    cut = False
    for entry, fault in _armed(world, (Unreachable,)):
        if not (isinstance(fault.where, Messages) and _is(fault.where.host, machine)):
            continue
        if entry["until"] > world.now:
            cut = True
        elif knock and fault.when.moment is None and _comes(world, entry, fault):
            _begin(world, entry, fault)
            cut = True
    return cut


def happened(world: World, what: str, *names: str) -> None:
    """Tell that a message or a word took effect, on a host or machine of these names."""
    for entry, fault in _armed(world, (object,)):
        moment = fault.when.moment
        if moment is None or not (moment.host is None or moment.host in names):
            continue
        wanted = moment.message.casefold()
        if wanted != what.casefold().rpartition(".")[2] and not _matches(moment.message, what):
            continue
        entry["ready"] = True
        if isinstance(fault.what, Unreachable) and _comes(world, entry, fault):
            _begin(world, entry, fault)


def names_of(machine: SimMachine) -> list[str]:
    """What a person may call a machine."""
    system = machine.disk.system
    found = [machine.name, machine.labels.get("host", ""), system.hostname if system else ""]
    return [name for name in found if name]


def _begin(world: World, entry: dict[str, Any], fault: Fault) -> None:
    assert isinstance(fault.what, Unreachable)
    seconds = fault.what.seconds
    entry["until"] = world.now + seconds if seconds is not None else _FOR_EVER


def _armed(world: World, kinds: tuple[type[Any], ...]) -> Iterator[tuple[dict[str, Any], Fault]]:
    for entry in world.faults:
        fault = _read(entry["text"])
        if isinstance(fault.what, kinds):
            yield entry, fault


def _comes(world: World, entry: dict[str, Any], fault: Fault) -> bool:
    """Count an occasion; whether the fault comes with it."""
    when = fault.when
    if when.moment is not None and not entry["ready"]:
        return False
    if when.times is not None and entry["come"] >= when.times:
        return False
    entry["seen"] += 1
    if entry["seen"] < when.first or (when.odds > 1 and draw(world) * when.odds >= 1):
        return False
    entry["come"] += 1
    return True


def _matches(pattern: str, message: str) -> bool:
    if pattern == ALL_MESSAGES:
        return True
    of, _, name = pattern.casefold().partition(".")
    its, _, called = message.casefold().partition(".")
    return of in ("*", its) and name in ("*", called)


def _is(host: str | None, machine: SimMachine) -> bool:
    return host is None or host in names_of(machine)
