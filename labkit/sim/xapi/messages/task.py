"""task: what is under way."""

from labkit.sim.xapi import operations, tasks
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.kinds import NULL


@message("task.create")
def create(call: Call, label: str, description: str) -> str:
    parent = call.task or NULL
    return tasks.made_by_client(call.world, call.home, label, description, parent)


@message("task.destroy")
def destroy(call: Call, task: str) -> None:
    tasks.destroy(call.db, task)


@message("task.cancel")
def cancel(call: Call, task: str) -> None:
    operations.cancel(call.world, call.home, call.db, task)


@message("task.set_status")
def set_status(call: Call, task: str, status: str) -> None:
    tasks.set_status(call.world, call.db, task, status)


@message("task.set_progress")
def set_progress(call: Call, task: str, share: float) -> None:
    call.db.put("task", task, progress=share)


@message("task.set_result")
def set_result(call: Call, task: str, result: str) -> None:
    call.db.put("task", task, result=result)


@message("task.set_error_info")
def set_error_info(call: Call, task: str, description: list[str]) -> None:
    call.db.put("task", task, error_info=description)
