"""JSON-RPC 1.0 and 2.0 as XAPI writes them: compact, and numbers stay numbers."""

import json
from typing import Any

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


def success(call: Call, value: Any) -> bytes:
    """The answer of a call that went well."""
    if call.version:
        return _text({"jsonrpc": call.version, "result": value, "id": call.id})
    return _text({"result": value, "error": None, "id": call.id})


def failure(call: Call, description: list[str]) -> bytes:
    """The answer of one that did not."""
    if call.version:
        code, *params = description
        error = {"code": 1, "message": code, "data": params}
        return _text({"jsonrpc": call.version, "error": error, "id": call.id})
    return _text({"result": None, "error": description, "id": call.id})


def _text(tree: Any) -> bytes:
    text = json.dumps(tree, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "replace")
