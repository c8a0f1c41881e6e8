"""XML-RPC as XAPI writes it: an envelope of its own and not a blank between two tags.

Integers go out as bare text, as every XenAPI client expects; `xmlrpc.client.dumps` would write
`<int>` and lines, which strict clients refuse.
"""

from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape
from xmlrpc.client import DateTime, Unmarshaller

from labkit.sim.xapi.kinds import Moment
from labkit.sim.xapi.wire import Call, Malformed

_BEGIN = '<?xml version="1.0"?><methodResponse><params><param>'
_END = "</param></params></methodResponse>"


def read(body: bytes) -> Call:
    """Raises `Malformed`."""
    target = Unmarshaller()
    # The parser hands over text, not bytes in some encoding.
    target.xml("", None)
    parser = expat.ParserCreate()
    parser.StartElementHandler = target.start
    parser.EndElementHandler = target.end
    parser.CharacterDataHandler = target.data
    # Entities are declared in a document type, and entities are how XML bombs are built.
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(body, True)
        params = [_plain(each) for each in target.close()]
    except Malformed:
        raise
    # What the standard library's unmarshaller makes of odd input is no one family of errors.
    except Exception as unread:
        raise Malformed(f"The body is not XML-RPC: {type(unread).__name__}") from unread
    method = target.getmethodname()
    if not method:
        raise Malformed("The body names no method")
    return Call(method, params)


def success(value: Any) -> bytes:
    """The answer of a call that went well."""
    return _response({"Status": "Success", "Value": value})


def failure(description: list[str]) -> bytes:
    """The answer of one that did not."""
    return _response({"Status": "Failure", "ErrorDescription": description})


def bare(value: Any) -> bytes:
    """An answer without XAPI's envelope: `system.listMethods` has none."""
    return _response(value)


def element(value: Any) -> str:
    """One `<value>`. Results of tasks are kept as this text."""
    return f"<value>{_inside(value)}</value>"


def _response(value: Any) -> bytes:
    return f"{_BEGIN}{element(value)}{_END}".encode("utf-8", "replace")


def _inside(value: Any) -> str:
    match value:
        case bool():
            return f"<boolean>{int(value)}</boolean>"
        case float():
            return f"<double>{value:.16g}</double>"
        case Moment():
            return f"<dateTime.iso8601>{value}</dateTime.iso8601>"
        case list():
            return f"<array><data>{''.join(map(element, value))}</data></array>"
        case dict():
            # Names of members are written as they are: so does XAPI.
            members = (
                f"<member><name>{name}</name>{element(each)}</member>"
                for name, each in value.items()
            )
            return f"<struct>{''.join(members)}</struct>"
    return escape(str(value))


def _plain(value: Any) -> Any:
    """Values as JSON has them: dates as text, no tuples."""
    match value:
        case DateTime():
            return str(value)
        case list() | tuple():
            return [_plain(each) for each in value]
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case bool() | int() | float() | str():
            return value
    raise Malformed("A value in the body is of a type XAPI does not know")


def _refuse(*_: object) -> None:
    raise Malformed("Document types are not accepted")
