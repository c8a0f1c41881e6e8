"""Calls that take their time: a task in the database while they run, an outcome at the end.

A call is never a thread that sleeps: what it does next is written in the world as something
due, so it goes on even when the program that made it has ended.
"""

from typing import Any

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import EPOCH, Answer
from labkit.sim.xapi.moments import moment
from labkit.sim.xapi.places import database_of, memory_of, uuid_of
from labkit.sim.xapi.wire.xmlrpc import show


def begin(world: World, home: SimMachine, name: str, *, awaited: bool) -> str:
    """A new task. `awaited`: a caller waits for the outcome instead of looking at the task."""
    db = database_of(home)
    task = db.create(
        "task",
        name_label=name if awaited else f"Async.{name}",
        status="pending",
        created=moment(world.now),
        finished=EPOCH,
        resident_on=db.by_uuid("host", uuid_of(home)),
        type="<none/>",
        allowed_operations=["cancel"],
    )
    if awaited:
        memory_of(home).replies[task] = None
    return task


def finish(world: World, home: SimMachine, task: str, answer: Answer | None = None) -> None:
    """The task went well, with this for an answer, or none."""
    value = "" if answer is None else answer.value
    result = ""
    if answer is not None and answer.kind.name != "void":
        result = show(answer.kind, value, database_of(home).model)
    _end(world, home, task, {"value": value}, status="success", result=result)


def fail(world: World, home: SimMachine, task: str, failure: Failure) -> None:
    """The task did not."""
    description = failure.description
    _end(world, home, task, {"failure": description}, status="failure", error_info=description)


def _end(world: World, home: SimMachine, task: str, outcome: dict[str, Any], **end: Any) -> None:
    db = database_of(home)
    replies = memory_of(home).replies
    if task in replies:
        replies[task] = outcome
        db.destroy("task", task)
    else:
        now = moment(world.now)
        db.put("task", task, progress=1.0, finished=now, allowed_operations=[], **end)


def reply(world: World, name: str, task: str) -> Any:
    """The outcome of a task that a caller waits for at a machine: None while there is none yet,
    empty when there will be none."""
    machine = world.machines.get(name)
    if machine is None or machine.memory is None:
        return {}
    return machine.memory.replies.get(task, {})
