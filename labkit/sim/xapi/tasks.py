"""Calls that take their time: a task in the database while they run, an outcome at the end.

A call is never a thread that sleeps: what it does next is written in the world as something
due, so it goes on even when the program that made it has ended.
"""

from typing import Any

from labkit.sim import faults
from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import EPOCH, NULL, Answer
from labkit.sim.xapi.moments import moment
from labkit.sim.xapi.places import database_of, memory_of, uuid_of
from labkit.sim.xapi.wire.xmlrpc import show

SWEEP = "xapi tasks are swept"
_PACE = 300.0
"""Seconds between two sweeps, while there are tasks."""
_PENDING, _COMPLETED, _MOST = 24 * 3600.0, 65 * 60.0, 200
"""Seconds a task is kept that does not end, and one that has; and how many are kept at most."""
_SPOILT = "_spoilt"
"""What was called, of whom, and the failure that it is to end with although it took effect."""
_SINCE = "_since"
"""When it began, or ended."""
CLIENTS = "_clients"
"""A client keeps it up: whatever its status says, XAPI need not be at anything."""
_UNDER_WAY = ("pending", "cancelling")


def begin(world: World, home: SimMachine, name: str, *, awaited: bool, parent: str = NULL) -> str:
    """A new task. `awaited`: a caller waits for the outcome instead of looking at the task."""
    db = database_of(home)
    task = db.create(
        "task",
        name_label=name if awaited else f"Async.{name}",
        allowed_operations=["cancel"],
        subtask_of=parent,
        **_new(world, home, db),
    )
    if awaited:
        memory_of(home).replies[task] = None
    return task


def made_by_client(
    world: World, home: SimMachine, label: str, description: str, parent: str = NULL
) -> str:
    """A task that a client keeps up itself."""
    db = database_of(home)
    return db.create(
        "task",
        name_label=label,
        name_description=description,
        subtask_of=parent,
        **{CLIENTS: True},
        **_new(world, home, db),
    )


def finish(world: World, home: SimMachine, task: str, answer: Answer | None = None) -> None:
    """The task went well, with this for an answer, or none."""
    db = database_of(home)
    if db.has("task", task) and (spoilt := db.private("task", task, _SPOILT)):
        name, called, *failure = spoilt
        faults.happened(world, name, *called)
        if failure:
            fail(world, home, task, Failure(*failure[0]))
            return
    value = "" if answer is None else answer.value
    result = ""
    if answer is not None and answer.kind.name != "void":
        result = show(answer.kind, value, db.model)
    _end(world, home, task, {"value": value}, status="success", result=result)


def spoil(home: SimMachine, task: str, note: list[Any]) -> None:
    """Note what a fault does to a task, or waits for."""
    db = database_of(home)
    if db.has("task", task):
        db.put("task", task, **{_SPOILT: note})


def fail(
    world: World, home: SimMachine, task: str, failure: Failure, status: str = "failure"
) -> None:
    """The task did not."""
    description = failure.description
    _end(world, home, task, {"failure": description}, status=status, error_info=description)


def cancel(world: World, home: SimMachine, task: str) -> None:
    """The task ends before it is done. What it was at has to be ended first."""
    fail(world, home, task, Failure("TASK_CANCELLED", task), status="cancelled")


def under_way(db: Database, task: str) -> bool:
    return db.get("task", task, "status") in _UNDER_WAY


def set_status(world: World, db: Database, task: str, status: str) -> None:
    """A client says how far its task is."""
    ended = status not in _UNDER_WAY
    finished = {"finished": moment(world.now), _SINCE: world.now} if ended else {}
    db.put("task", task, status=status, **{CLIENTS: True}, **finished)


def _new(world: World, home: SimMachine, db: Database) -> dict[str, Any]:
    _sweep_later(home)
    _only_so_many(db, _MOST - 1)
    return {
        "status": "pending",
        "created": moment(world.now),
        "finished": EPOCH,
        "resident_on": db.by_uuid("host", uuid_of(home)),
        "type": "<none/>",
        _SINCE: world.now,
    }


def _end(world: World, home: SimMachine, task: str, outcome: dict[str, Any], **end: Any) -> None:
    db = database_of(home)
    replies = memory_of(home).replies
    if task in replies:
        replies[task] = outcome
    known = db.has("task", task)
    if known and (task in replies or "destroy" in _operations(db, task)):
        db.destroy("task", task)
    elif known:
        over = {"progress": 1.0, "finished": moment(world.now), _SINCE: world.now}
        db.put("task", task, allowed_operations=[], current_operations={}, **over, **end)


def destroy(db: Database, task: str) -> None:
    """Remove a task; one that is under way, at its end."""
    if under_way(db, task) and not db.private("task", task, CLIENTS):
        db.put("task", task, current_operations={"task": "destroy"})
    else:
        db.destroy("task", task)


def _operations(db: Database, task: str) -> list[str]:
    return list(db.get("task", task, "current_operations").values())


def sweep(world: World, home: SimMachine) -> None:
    """Remove what nobody removed in time."""
    db = database_of(home)
    for task in db.refs("task"):
        age = world.now - (db.private("task", task, _SINCE) or 0.0)
        if age > (_PENDING if under_way(db, task) else _COMPLETED):
            db.destroy("task", task)
    _only_so_many(db, _MOST)
    if db.refs("task"):
        _sweep_later(home)


def _sweep_later(home: SimMachine) -> None:
    if not any(due.what == SWEEP for due in memory_of(home).due):
        home.expect(_PACE, SWEEP)


def _only_so_many(db: Database, most: int) -> None:
    """Remove the oldest of the completed tasks, where there are too many tasks."""
    every = db.refs("task")
    too_many = len(every) - most
    for task in every if too_many > 0 else ():
        if too_many > 0 and not under_way(db, task):
            db.destroy("task", task)
            too_many -= 1


def reply(world: World, name: str, task: str) -> Any:
    """The outcome of a task that a caller waits for at a machine: None while there is none yet,
    empty when there will be none."""
    machine = world.machines.get(name)
    if machine is None or machine.memory is None:
        return {}
    return machine.memory.replies.get(task, {})
