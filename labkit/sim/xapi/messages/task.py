"""task: what is under way."""

from labkit.sim.xapi.calls import Call, message


@message("task.destroy")
def destroy(call: Call, task: str) -> None:
    call.db.destroy("task", task)
