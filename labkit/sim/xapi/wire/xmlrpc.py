"""XML-RPC as XAPI writes it: an envelope of its own and not a blank between two tags.

Integers go out as bare text, as every XenAPI client expects; `xmlrpc.client.dumps` would write
`<int>` and lines, which strict clients refuse.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape
from xmlrpc.client import DateTime, Unmarshaller

from labkit.sim.xapi.datamodel import Model
from labkit.sim.xapi.kinds import Batch, Happened, Kind
from labkit.sim.xapi.wire import Call, Malformed

_BEGIN = '<?xml version="1.0"?><methodResponse><params><param>'
_END = "</param></params></methodResponse>"
_VALUE = "<member><name>Value</name>"
_ERROR = "<member><name>ErrorDescription</name>"
_LIST_END = "</data></array></value>"
_TRUE = "<value><boolean>1</boolean></value>"
_FALSE = "<value><boolean>0</boolean></value>"
_TEXTS = Kind("set", parts=(Kind("string"),))
_SHOWERS: "dict[Kind, Shower]" = {}


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


def success(shown: str) -> bytes:
    """The answer of a call that went well, with what `show` made of its value."""
    envelope = f"<struct><member><name>Status</name><value>Success</value></member>{_VALUE}"
    return _response(f"<value>{envelope}{shown}</member></struct></value>")


def failure(description: list[str]) -> bytes:
    """The answer of one that did not."""
    envelope = f"<struct><member><name>Status</name><value>Failure</value></member>{_ERROR}"
    told = show(_TEXTS, description)
    return _response(f"<value>{envelope}{told}</member></struct></value>")


def bare(shown: str) -> bytes:
    """An answer without XAPI's envelope: `system.listMethods` has none."""
    return _response(shown)


def show(kind: Kind, value: Any, model: Model | None = None) -> str:
    """A value as one `<value>`. Results of tasks are kept as this text."""
    return _shower(kind, model)(value)


def _response(shown: str) -> bytes:
    return f"{_BEGIN}{shown}{_END}".encode("utf-8", "replace")


Shower = Callable[[Any], str]


def _shower(kind: Kind, model: Model | None) -> Shower:
    """What shows values of a type. Made once: records have a hundred fields, and pools a thousand
    records."""
    made = model.showers if model is not None else _SHOWERS
    found = made.get(kind)
    if found is None:
        found = made[kind] = _make(kind, model)
    return found


def _make(kind: Kind, model: Model | None) -> Shower:
    match kind.name:
        case "bool":
            return lambda value: _TRUE if value else _FALSE
        case "int":
            return lambda value: f"<value>{value}</value>"
        case "float":
            return lambda value: f"<value><double>{float(value):.16g}</double></value>"
        case "datetime":
            return lambda value: f"<value><dateTime.iso8601>{value}</dateTime.iso8601></value>"
        case "set":
            each = _shower(kind.parts[0], model)
            return lambda value: f"<value><array><data>{''.join(map(each, value))}{_LIST_END}"
        case "map":
            return _of_map(_shower(kind.parts[1], model))
        case "record" if model is not None:
            return _of_record(kind.of, model)
        case "option":
            inner = _shower(kind.parts[0], model)
            return lambda value: "<value><nil/></value>" if value is None else inner(value)
        case "an event batch" if model is not None:
            return lambda value: _batch(value, model)
        case "some events" if model is not None:
            return lambda value: _events(value, model)
    return _text


def _text(value: Any) -> str:
    text = value if type(value) is str else str(value)
    if "&" in text or "<" in text or ">" in text:
        text = escape(text)
    return f"<value>{text}</value>"


def _of_map(inner: Shower) -> Shower:
    # Names of members are written as they are: so does XAPI.
    def show_map(value: Mapping[Any, Any]) -> str:
        members = [
            f"<member><name>{name}</name>{inner(each)}</member>" for name, each in value.items()
        ]
        return f"<value><struct>{''.join(members)}</struct></value>"

    return show_map


def _of_record(of: str, model: Model) -> Shower:
    known = model.known(of)
    fields = {}
    for field in known.fields.values():
        shower = _shower(field.kind, model)
        begin = f"<member><name>{field.name}</name>"
        # Most fields of most objects are what they were made with.
        fields[field.name] = (field.default, begin, shower, begin + shower(field.default))

    def show_record(value: Mapping[str, Any]) -> str:
        members = []
        for name, each in value.items():
            default, begin, shower, whole = fields[name]
            members.append(whole if each is default else begin + shower(each))
        return f"<value><struct>{'</member>'.join(members)}</member></struct></value>"

    return show_record


def _events(happened: Iterable[Happened], model: Model) -> str:
    events = []
    for one in happened:
        fields = {
            "id": one.id,
            "timestamp": "0.0",
            "class": one.of,
            "operation": one.operation,
            "ref": one.ref,
        }
        members = "".join(
            f"<member><name>{name}</name>{_text(each)}</member>" for name, each in fields.items()
        )
        if one.snapshot is not None:
            shown = _shower(one.snapshot.kind, model)(one.snapshot.value)
            members += f"<member><name>snapshot</name>{shown}</member>"
        events.append(f"<value><struct>{members}</struct></value>")
    return f"<value><array><data>{''.join(events)}{_LIST_END}"


def _batch(batch: Batch, model: Model) -> str:
    # The only numbers that are written as such.
    counts = "".join(
        f"<member><name>{name}</name><value><i4>{count}</i4></value></member>"
        for name, count in batch.counts.items()
    )
    parts = {
        "events": _events(batch.events, model),
        "valid_ref_counts": f"<value><struct>{counts}</struct></value>",
        "token": _text(batch.token),
    }
    members = "".join(f"<member><name>{name}</name>{each}</member>" for name, each in parts.items())
    return f"<value><struct>{members}</struct></value>"


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
