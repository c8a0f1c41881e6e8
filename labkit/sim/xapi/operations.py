"""Operations: what an object is at, for as long as it takes.

`current_operations` names the task and the operation while it lasts. A call that takes its time
leaves behind what is to be done at its end, by name: so it ends even when the program that began
it is gone, and does not when the XAPI that carries it out is.
"""

from collections.abc import Callable
from typing import Any

from labkit.sim.world import SimMachine, World, happening
from labkit.sim.xapi import tasks
from labkit.sim.xapi.calls import Call
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure, Later
from labkit.sim.xapi.kinds import Answer
from labkit.sim.xapi.places import database_of, memory_of

Ending = Callable[..., Answer | None]
"""Called with the world, the machine with the records, the records, and the details that were
given. Raises `Failure` when the operation fails after all."""

_ENDINGS: dict[str, Ending] = {}
_CANCELLINGS: dict[str, Ending] = {}

_END, _STEP = "xapi operation ends", "xapi operation goes on"
_CANCELLED = {_END, _STEP, "xapi task fails"}
"""What is not due any more when its task is cancelled. All else cannot be stopped half-way."""
_STEPS = 4
"""How often a task that takes its time tells how far it is."""
_QUICK = 2.0
"""Seconds up to which nobody would see it."""


def ending(name: str) -> Callable[[Ending], Ending]:
    """Register what ends an operation. Its module has to be in `labkit.sim.xapi.messages`, as
    `<first word of the name>.py`, or be imported by it."""

    def register(end: Ending) -> Ending:
        _ENDINGS[name] = end
        return end

    return register


def cancelling(name: str) -> Callable[[Ending], Ending]:
    """Register what takes back an operation that is cancelled: called as what ends it is. One
    without has nothing to take back."""

    def register(take_back: Ending) -> Ending:
        _CANCELLINGS[name] = take_back
        return take_back

    return register


def go_on(
    call: Call,
    of: str,
    ref: str,
    operation: str,
    seconds: float,
    then: str,
    **details: Any,
) -> Later:
    """Let an object be at an operation for so many seconds, and end it as `then` says."""
    task = call.task_of_its_own()
    start(call.db, of, ref, operation, task)
    call.home.expect(seconds, _END, of=of, ref=ref, task=task, then=then, details=details)
    if seconds > _QUICK:
        call.home.expect(seconds / _STEPS, _STEP, task=task, step=1, pace=seconds / _STEPS)
    return Later(task, call.home.name)


def start(db: Database, of: str, ref: str, operation: str, task: str) -> None:
    """Note what an object is at."""
    db.put(of, ref, current_operations={**db.get(of, ref, "current_operations"), task: operation})


def stop(db: Database, of: str, ref: str, task: str) -> None:
    """It is at it no more."""
    if db.has(of, ref):
        left = db.get(of, ref, "current_operations")
        left.pop(task, None)
        db.put(of, ref, current_operations=left)


def progress(db: Database, task: str, share: float) -> None:
    """How far a task is, from 0 to 1."""
    if db.has("task", task):
        db.put("task", task, progress=share)


def cancel(world: World, home: SimMachine, db: Database, task: str) -> None:
    """End a task and what goes on in it. What is over already stays as it is; what cannot be
    taken back goes on. Raises OPERATION_NOT_ALLOWED for that."""
    if not tasks.under_way(db, task):
        return
    due = memory_of(home).due
    mine = [each for each in due if each.details.get("task") == task]
    if not _CANCELLED.issuperset(each.what for each in mine):
        raise Failure("OPERATION_NOT_ALLOWED", "The task cannot be cancelled")
    memory_of(home).due = [each for each in due if each not in mine]
    for each in mine:
        if each.what == _END:
            stop(db, each.details["of"], each.details["ref"], task)
            then, details = each.details["then"], each.details["details"]
            _load(then)
            if then in _CANCELLINGS:
                _CANCELLINGS[then](world, home, db, **details)
    tasks.cancel(world, home, task)


def forget(db: Database) -> None:
    """XAPI starts anew: whatever was under way is not any more, nor is any task."""
    for task in db.refs("task"):
        db.destroy("task", task)
    for of, count in db.counts().items():
        # A host's own are its own: it may be going down this very moment.
        if count and of != "host" and "current_operations" in db.model.known(of).fields:
            for ref in db.refs(of):
                db.put(of, ref, current_operations={})


def _load(then: str) -> None:
    from labkit.sim.xapi.messages import load

    load(then.partition(" ")[0])


@happening(_STEP)
def _step(world: World, machine: SimMachine, task: str, step: int, pace: float) -> None:
    progress(database_of(machine), task, step / _STEPS)
    if step + 1 < _STEPS:
        machine.expect(pace, _STEP, task=task, step=step + 1, pace=pace)


@happening(_END)
def _end(
    world: World,
    machine: SimMachine,
    of: str,
    ref: str,
    task: str,
    then: str,
    details: dict[str, Any],
) -> None:
    _load(then)
    db = database_of(machine)
    stop(db, of, ref, task)
    try:
        answer = _ENDINGS[then](world, machine, db, **details)
    except Failure as failure:
        tasks.fail(world, machine, task, failure)
    else:
        tasks.finish(world, machine, task, answer)
