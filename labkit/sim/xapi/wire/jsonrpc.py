"""JSON-RPC 1.0 and 2.0 as XAPI writes them: compact, and numbers stay numbers."""

import json
from collections.abc import Iterable
from typing import Any

from labkit.sim.xapi.datamodel import Model
from labkit.sim.xapi.kinds import Batch, Happened, Kind
from labkit.sim.xapi.wire import Call, Malformed


def read(body: bytes) -> Call:
    """Raises `Malformed`."""
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError) as unread:
        raise Malformed("The body is not JSON") from unread
    match tree:
        case {"method": str(method), "params": list(params), "id": wanted} if wanted is not None:
            return Call(method, params, wanted, "2.0" if "jsonrpc" in tree else "")
    raise Malformed("A call has a method, params (which may be empty) and an id (not null)")


def success(call: Call, shown: Any) -> bytes:
    """The answer of a call that went well, with what `show` made of its value."""
    if call.version:
        return _text({"jsonrpc": call.version, "result": shown, "id": call.id})
    return _text({"result": shown, "error": None, "id": call.id})


def failure(call: Call, description: list[str]) -> bytes:
    """The answer of one that did not."""
    if call.version:
        code, *params = description
        error = {"code": 1, "message": code, "data": params}
        return _text({"jsonrpc": call.version, "error": error, "id": call.id})
    return _text({"result": None, "error": description, "id": call.id})


def show(kind: Kind, value: Any, model: Model) -> Any:
    """A value as JSON has it: all but the numbers of maps' keys and of floats rest so already."""
    match kind.name:
        case "float":
            return float(value)
        case "set" if _plain(kind.parts[0]):
            return list(value)
        case "set":
            return [show(kind.parts[0], each, model) for each in value]
        case "map" if _plain(kind.parts[1]):
            return {str(name): each for name, each in value.items()}
        case "map":
            inner = kind.parts[1]
            return {str(name): show(inner, each, model) for name, each in value.items()}
        case "record":
            kinds = model.kinds_of(kind.of)
            return {
                name: each if _plain(kinds[name]) else show(kinds[name], each, model)
                for name, each in value.items()
            }
        case "option":
            return None if value is None else show(kind.parts[0], value, model)
        case "an event batch":
            return _batch(value, model)
        case "some events":
            return _events(value, model)
    return value


def _plain(kind: Kind) -> bool:
    return kind.name not in {"float", "set", "map", "record", "option"}


def _events(happened: Iterable[Happened], model: Model) -> list[Any]:
    events = []
    for one in happened:
        event: dict[str, Any] = {
            "id": one.id,
            "timestamp": "0.0",
            "class": one.of,
            "operation": one.operation,
            "ref": one.ref,
        }
        if one.snapshot is not None:
            event["snapshot"] = show(one.snapshot.kind, one.snapshot.value, model)
        events.append(event)
    return events


def _batch(batch: Batch, model: Model) -> dict[str, Any]:
    events = _events(batch.events, model)
    return {"events": events, "valid_ref_counts": dict(batch.counts), "token": batch.token}


def _text(tree: Any) -> bytes:
    text = json.dumps(tree, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "replace")
