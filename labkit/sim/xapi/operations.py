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
from labkit.sim.xapi.places import database_of

Ending = Callable[..., Answer | None]
"""Called with the world, the machine with the records, the records, and the details that were
given. Raises `Failure` when the operation fails after all."""

_ENDINGS: dict[str, Ending] = {}


def ending(name: str) -> Callable[[Ending], Ending]:
    """Register what ends an operation. Its module has to be in `labkit.sim.xapi.messages`, as
    `<first word of the name>.py`, or be imported by it."""

    def register(end: Ending) -> Ending:
        _ENDINGS[name] = end
        return end

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
    call.home.expect(
        seconds, "xapi operation ends", of=of, ref=ref, task=task, then=then, details=details
    )
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


@happening("xapi operation ends")
def _end(
    world: World,
    machine: SimMachine,
    of: str,
    ref: str,
    task: str,
    then: str,
    details: dict[str, Any],
) -> None:
    from labkit.sim.xapi.messages import load

    load(then.partition(" ")[0])
    db = database_of(machine)
    stop(db, of, ref, task)
    try:
        answer = _ENDINGS[then](world, machine, db, **details)
    except Failure as failure:
        tasks.fail(world, machine, task, failure)
    else:
        tasks.finish(world, machine, task, answer)
