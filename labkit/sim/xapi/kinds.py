"""XAPI's types, as its datamodel spells them: `string`, `host ref`, `(string -> int) map`.

Values rest in the database as JSON: integers as numbers, dates as their text, references as
`OpaqueRef:<uuid>`. What a type says that JSON cannot is added on the way out (`outgoing`) and
asked for on the way in (`incoming`); how it looks on the wire is not known here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from labkit.sim.xapi.failures import Failure

NULL = "OpaqueRef:NULL"
EPOCH = "19700101T00:00:00Z"

_DATE = re.compile(r"\d{4}-?\d{2}-?\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:?\d{2})?")


class Moment(str):
    """A date, which the wire tells from other text."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One type."""

    name: str
    """string, int, bool, float, datetime, void, ref, enum, record, set, map or option."""
    of: str = ""
    """The class of a reference or record, the name of an enumeration."""
    parts: tuple["Kind", ...] = ()
    """What a set, map or option is made of."""


@cache
def kind(text: str) -> Kind:
    """Read a type as the datamodel writes it."""
    for suffix in ("set", "option"):
        if text.endswith(f" {suffix}"):
            return Kind(suffix, parts=(kind(text.removesuffix(f" {suffix}")),))
    if text.startswith("(") and text.endswith(") map"):
        key, _, value = text[1 : -len(") map")].partition(" -> ")
        return Kind("map", parts=(kind(key), kind(value)))
    if text.startswith("enum "):
        return Kind("enum", of=text.removeprefix("enum "))
    for suffix in ("ref", "record"):
        if text.endswith(f" {suffix}"):
            return Kind(suffix, of=text.removesuffix(f" {suffix}"))
    return Kind(text)


_ZEROS: dict[str, Callable[[], Any]] = {
    "int": int,
    "bool": bool,
    "float": float,
    "set": list,
    "map": dict,
    "record": dict,
    "datetime": lambda: EPOCH,
    "option": lambda: None,
    "ref": lambda: NULL,
}


def zero(wanted: Kind) -> Any:
    """What a field of this type holds before anybody set it."""
    return _ZEROS.get(wanted.name, str)()


@dataclass(frozen=True, slots=True)
class Answer:
    """A value with its type, which says how it looks on a wire. It may be shown only before its
    turn of the world is over: parts of it are the records themselves."""

    kind: Kind
    value: Any


@dataclass(frozen=True, slots=True)
class Happened:
    """One event."""

    id: str
    of: str
    """The class of the object, in lower case."""
    operation: str
    """`add`, `mod` or `del`."""
    ref: str
    snapshot: Answer | None
    """The object as it is now; None: it is gone."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What `event.from` answers. Legacy events are its `events` alone."""

    token: str
    counts: Mapping[str, int]
    """How many objects there are of each class, by its name in lower case."""
    events: tuple[Happened, ...]


Choices = Mapping[str, tuple[str, ...]]
"""The words of enumerations, by the enumeration's name."""


def incoming(wanted: Kind, value: Any, name: str, choices: Choices) -> Any:
    """The value as the database is to hold it. `name` is the parameter's, for the error."""
    try:
        return _read(wanted, value, name, choices)
    except (ValueError, OverflowError) as unread:
        raise Failure("FIELD_TYPE_ERROR", name) from unread


def _read(wanted: Kind, value: Any, name: str, choices: Choices) -> Any:
    match wanted.name, value:
        case "bool", bool():
            return value
        # Numbers are read leniently, as XAPI does; a boolean is none of them.
        case "int", int() | float() | str() if not isinstance(value, bool):
            return int(value)
        case "float", int() | float() | str() if not isinstance(value, bool):
            return float(value)
        case "datetime", str():
            if not _DATE.fullmatch(value):
                raise Failure("INVALID_VALUE", value)
            return str(value)
        case "enum", str():
            if value not in choices.get(wanted.of, (value,)):
                raise Failure("INVALID_VALUE", value)
            return value
        case "set", list():
            return [_read(wanted.parts[0], each, name, choices) for each in value]
        case "map", dict():
            inner = wanted.parts[1]
            return {str(key): _read(inner, each, name, choices) for key, each in value.items()}
        case "record", dict():
            return value
        case "string" | "ref", str():
            return value
    raise Failure("FIELD_TYPE_ERROR", name)
