"""role: what somebody may do, by a name."""

from functools import partial
from typing import Any

from labkit.sim.xapi import implicit
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.datamodel import model_of
from labkit.sim.xapi.places import system_of
from labkit.sim.xapi.roles import roles_of


def _follows(call: Call, *args: Any, name: str) -> Any:
    generation = system_of(call.home).generation
    asked = model_of(generation).find(name)
    assert asked is not None
    return implicit.answer(roles_of(generation), asked, list(args))


for _name in (
    "get_all",
    "get_all_records",
    "get_all_records_where",
    "get_record",
    "get_by_uuid",
    "get_by_name_label",
    "get_uuid",
    "get_name_label",
    "get_name_description",
    "get_subroles",
    "get_is_internal",
):
    message(f"role.{_name}")(partial(_follows, name=f"role.{_name}"))
