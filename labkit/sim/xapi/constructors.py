"""The record a client gives to a class's `create`, read field by field."""

from typing import Any

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import incoming


def given(db: Database, of: str, args: dict[str, Any], *needed: str) -> dict[str, Any]:
    """The fields a client may set, in their types. Raises FIELD_TYPE_ERROR, also for one of
    `needed` that is missing, and HANDLE_INVALID for references to nothing among these."""
    known = db.model.known(of)
    found = {
        name: incoming(field.kind, args[name], name, known.enums)
        for name, field in known.fields.items()
        if name in args and field.writing
    }
    for name in needed:
        if name not in found:
            raise Failure("FIELD_TYPE_ERROR", name)
        wanted = known.fields[name].kind
        if wanted.name == "ref" and not db.has(wanted.of, found[name]):
            raise Failure("HANDLE_INVALID", wanted.of, found[name])
    return found
