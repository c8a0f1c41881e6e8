"""The messages that follow from the field tables: getters, setters and lookups."""

from typing import Any

from labkit.sim.xapi.classes import Message
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.filters import matcher


def answer(db: Database, message: Message, args: list[Any]) -> Any:
    """Carry out an implicit message."""
    of, name = message.of, message.name
    match name:
        case "get_all":
            return db.refs(of)
        case "get_all_records":
            return {ref: db.record(of, ref) for ref in db.refs(of)}
        case "get_all_records_where":
            wanted = matcher(args[0])
            records = {ref: db.record(of, ref) for ref in db.refs(of)}
            return {ref: record for ref, record in records.items() if wanted(record)}
        case "get_record":
            return db.record(of, args[0])
        case "get_by_uuid":
            return db.by_uuid(of, args[0])
        case "get_by_name_label":
            return db.where(of, name_label=args[0])
    verb, field = _split(name)
    if verb == "get":
        return db.get(of, args[0], field)
    if verb == "set":
        db.put(of, args[0], **{field: args[1]})
        return ""
    return _change(db, of, field, verb, args)


def _split(name: str) -> tuple[str, str]:
    """`add_to_other_config` in its verb and its field."""
    for verb in ("add_to", "remove_from", "get", "set", "add", "remove"):
        if name.startswith(f"{verb}_"):
            return verb, name.removeprefix(f"{verb}_")
    raise ValueError(name)


def _change(db: Database, of: str, field: str, verb: str, args: list[Any]) -> str:
    """Change one entry of a map or a set."""
    ref, entry = args[0], args[1]
    value = db.get(of, ref, field)
    match verb:
        case "add_to":
            if entry in value:
                raise Failure("MAP_DUPLICATE_KEY", of, field, ref, entry)
            value[entry] = args[2]
        case "remove_from":
            value.pop(entry, None)
        case "add":
            value = [*(each for each in value if each != entry), entry]
        case "remove":
            value = [each for each in value if each != entry]
    db.put(of, ref, **{field: value})
    return ""
