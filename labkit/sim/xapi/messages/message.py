"""message: what XAPI tells people, the newest first."""

from functools import partial
from typing import Any

from labkit.sim.xapi import implicit
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.moments import comparable
from labkit.sim.xapi.notices import is_about, raise_message

Records = dict[str, dict[str, Any]]


@message("message.create")
def create(call: Call, name: str, priority: int, cls: str, uuid: str, body: str) -> str:
    if not is_about(call.db, cls, uuid):
        raise Failure("UUID_INVALID", cls, uuid)
    return raise_message(call.db, call.world, name, priority, cls, uuid, body)


@message("message.destroy")
def destroy(call: Call, ref: str) -> None:
    call.db.destroy("message", ref)


@message("message.destroy_many")
def destroy_many(call: Call, refs: list[str]) -> None:
    # All or none.
    for ref in refs:
        call.db.get("message", ref, "uuid")
    for ref in dict.fromkeys(refs):
        call.db.destroy("message", ref)


@message("message.get")
def get(call: Call, cls: str, uuid: str, since: str) -> Records:
    if not is_about(call.db, cls, uuid):
        raise Failure("UUID_INVALID", cls, uuid)
    return _since(call, since, cls=cls, obj_uuid=uuid)


@message("message.get_since")
def get_since(call: Call, since: str) -> Records:
    return _since(call, since)


def _since(call: Call, since: str, **fields: str) -> Records:
    try:
        after = comparable(since)
    except (ValueError, OverflowError):
        raise Failure("INVALID_VALUE", since) from None
    found = {ref: call.db.record("message", ref) for ref in call.db.where("message", **fields)}
    newest = reversed(found.items())
    return {ref: record for ref, record in newest if record["timestamp"] > after}


def _follows(call: Call, *args: Any, name: str) -> Any:
    """The class says itself which messages it has, so nothing of it counts as implicit; what
    these answer follows from its fields all the same."""
    asked = call.db.model.find(name)
    assert asked is not None
    found = implicit.answer(call.db, asked, list(args))
    return dict(reversed(found.items())) if asked.name.startswith("get_all_records") else found


for _name in ("get_all", "get_record", "get_by_uuid", "get_all_records", "get_all_records_where"):
    message(f"message.{_name}")(partial(_follows, name=f"message.{_name}"))
