"""subject: somebody known to an outside directory, and his roles. There is no directory that he
could log in by; who follows the records sees them all the same."""

from typing import Any

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import incoming
from labkit.sim.xapi.places import system_of
from labkit.sim.xapi.roles import roles_of


@message("subject.create")
def create(call: Call, record: dict[str, Any]) -> str:
    if "subject_identifier" not in record:
        raise Failure("FIELD_TYPE_ERROR", "subject_identifier")
    known = call.db.model.known("subject")
    given = {
        name: incoming(known.fields[name].kind, value, name, known.enums)
        for name, value in record.items()
        if name in ("subject_identifier", "other_config")
    }
    if call.db.first("subject", subject_identifier=given["subject_identifier"]) is not None:
        raise Failure("SUBJECT_ALREADY_EXISTS")
    return call.db.create("subject", roles=[], **given)


@message("subject.destroy")
def destroy(call: Call, subject: str) -> None:
    call.db.destroy("subject", subject)


@message("subject.add_to_roles")
def add_to_roles(call: Call, subject: str, role: str) -> None:
    roles = call.db.get("subject", subject, "roles")
    if not roles_of(system_of(call.home).generation).has("role", role):
        raise Failure("ROLE_NOT_FOUND")
    if role in roles:
        raise Failure("ROLE_ALREADY_EXISTS")
    call.db.put("subject", subject, roles=[*roles, role])


@message("subject.remove_from_roles")
def remove_from_roles(call: Call, subject: str, role: str) -> None:
    roles = call.db.get("subject", subject, "roles")
    if role not in roles:
        raise Failure("ROLE_NOT_FOUND")
    call.db.put("subject", subject, roles=[each for each in roles if each != role])
