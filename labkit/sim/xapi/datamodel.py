"""XAPI's classes, read from the tables beside this file: one small file a class, read when asked.

A table says what a class has: enumerations, fields, and the messages that do not follow from
the fields. What follows (`get_<field>`, `set_<field>`, `get_all_records` and so on) is derived
here, so that three quarters of XAPI's messages are written down nowhere.

    class network: create                         flags: `create`, `no-<message>`, `plain`
    enum network_purpose = nbd insecure_nbd
    MTU: int rw = 1500                            type, `rw` or `constructor`, default
    PIFs: PIF ref set <- PIF.network              read off the other end of the relation
    add_purpose(self: network ref, value: enum network_purpose)
    get_foo(self: network ref, bar: int?) -> int  `?`: may be left out

The tables hold the datamodel of xapi 25.6, which XCP-ng 8.3 shipped.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from labkit.sim.xapi.kinds import Kind, kind, zero

_TABLES = Path(__file__).with_name("tables")

# Classes whose messages never run as a task.
_SYNCHRONOUS = {"session", "event", "task", "data_source", "blob"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a class."""

    name: str
    kind: Kind
    writing: str
    """`rw`: clients may set it; `constructor`: only when the object is made; empty: never."""
    source: tuple[str, str] | None
    """Class and field this one is read off: the objects there that refer to this one."""
    default: Any


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a message, without the session."""

    name: str
    kind: Kind
    required: bool = True


@dataclass(frozen=True, slots=True)
class Message:
    """Something a class can be asked."""

    of: str
    name: str
    parameters: tuple[Parameter, ...]
    result: Kind
    session: bool = True
    """Whether a session comes before the parameters."""
    removed: bool = False
    implicit: bool = False
    """Whether it follows from the fields."""

    @property
    def has_async(self) -> bool:
        return self.of not in _SYNCHRONOUS and not self.implicit


@dataclass(frozen=True, slots=True)
class Class:
    """One class of the datamodel."""

    name: str
    fields: Mapping[str, Field]
    messages: Mapping[str, Message]
    enums: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def class_names() -> frozenset[str]:
    """The names of all classes."""
    return frozenset(table.stem for table in _TABLES.glob("*.txt"))


@cache
def load(name: str) -> Class | None:
    """The class of that name; None when there is none."""
    # Asked of the list, never of the file system: the name comes from a client.
    if name not in class_names():
        return None
    text = (_TABLES / f"{name}.txt").read_text(encoding="utf-8")
    fields: dict[str, Field] = {}
    explicit: dict[str, Message] = {}
    enums: dict[str, tuple[str, ...]] = {}
    flags: set[str] = set()
    for line in filter(None, text.splitlines()):
        if line.startswith("class "):
            flags = set(line.partition(":")[2].split())
        elif line.startswith("enum "):
            label, _, words = line.removeprefix("enum ").partition(" = ")
            enums[label] = tuple(words.split())
        elif re.match(r"\w+\(", line):
            message = _message(name, line)
            explicit[message.name] = message
        else:
            field = _field(line)
            fields[field.name] = field
    derived = {} if "plain" in flags else _derived(name, fields, flags)
    return Class(name, fields, derived | explicit, enums)


def find(name: str) -> Message | None:
    """The message `Class.name`, or its old spelling `Class_name`."""
    of, dot, short = name.partition(".")
    if dot:
        known = load(of)
        return known.messages.get(short) if known is not None else None
    for at in (match.start() for match in re.finditer("_", name)):
        known = load(name[:at])
        if known is not None and name[at + 1 :] in known.messages:
            return known.messages[name[at + 1 :]]
    return None


@cache
def kinds_of(name: str) -> Mapping[str, Kind]:
    """The types of a class's fields."""
    known = load(name)
    return {} if known is None else {field.name: field.kind for field in known.fields.values()}


def all_messages() -> list[str]:
    """Every message by its full name."""
    return [
        f"{known.name}.{message}"
        for known in map(load, sorted(class_names()))
        if known is not None
        for message in known.messages
    ]


def _field(line: str) -> Field:
    name, _, rest = line.partition(": ")
    rest, _, default = rest.partition(" = ")
    rest, _, source = rest.partition(" <- ")
    writing = ""
    for word in ("rw", "constructor"):
        if rest.endswith(f" {word}"):
            rest, writing = rest.removesuffix(f" {word}"), word
    of, _, there = source.partition(".")
    wanted = kind(rest)
    return Field(name, wanted, writing, (of, there) if source else None, _value(wanted, default))


def _value(wanted: Kind, text: str) -> Any:
    """A default as the datamodel writes it: `{"a" -> "b"}`, `{0}`, `"text"`, `true`, `1.`"""
    if not text:
        return zero(wanted)
    match wanted.name:
        case "map":
            return dict(re.findall(r'"([^"]*)" -> "([^"]*)"', text))
        case "set":
            return [_value(wanted.parts[0], each) for each in text.strip("{}").split(", ")]
        case "bool":
            return text == "true"
        case "int":
            return int(text)
        case "float":
            return float(text)
    return text.strip('"')


def _message(of: str, line: str) -> Message:
    name, _, rest = line.partition("(")
    inside, after = _closed(rest)
    parameters = tuple(_parameter(each) for each in inside.split(", ") if each)
    result = after.partition(" -> ")[2].partition(" [")[0] or "void"
    return Message(
        of,
        name,
        parameters,
        kind(result),
        session="[sessionless]" not in after,
        removed="[removed]" in after,
    )


def _closed(rest: str) -> tuple[str, str]:
    """What is before and after the bracket that closes the parameters: types have brackets too."""
    depth = 0
    for at, letter in enumerate(rest):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0:
            return rest[:at], rest[at + 1 :]
    raise ValueError(f"no end of parameters: {rest}")


def _parameter(text: str) -> Parameter:
    name, _, spelled = text.partition(": ")
    return Parameter(name, kind(spelled.removesuffix("?")), required=not spelled.endswith("?"))


_Shape = tuple[str, tuple[Parameter, ...], Kind]
"""A message's name, parameters and result."""


def _derived(of: str, fields: Mapping[str, Field], flags: set[str]) -> dict[str, Message]:
    """The messages that follow from the fields."""
    this = Parameter("self", kind(f"{of} ref"))
    record, refs = kind(f"{of} record"), kind(f"{of} ref set")
    found: list[_Shape] = [
        ("get_record", (this,), record),
        ("get_by_uuid", (Parameter("uuid", kind("string")),), this.kind),
    ]
    if "no-get_all" not in flags:
        everything = kind(f"({of} ref -> {of} record) map")
        found += [
            ("get_all", (), refs),
            ("get_all_records", (), everything),
            ("get_all_records_where", (Parameter("expr", kind("string")),), everything),
        ]
    if "name_label" in fields and "no-get_by_name_label" not in flags:
        found.append(("get_by_name_label", (Parameter("label", kind("string")),), refs))
    for field in fields.values():
        found.append((f"get_{field.name}", (this,), field.kind))
        if field.writing == "rw":
            found += _setters(this, field)
    derived = {
        name: Message(of, name, parameters, result, implicit=True)
        for name, parameters, result in found
    }
    if "create" in flags:
        made = Message(of, "create", (Parameter("args", record),), this.kind)
        derived |= {
            "create": made,
            "destroy": Message(of, "destroy", (this,), kind("void")),
        }
    return derived


def _setters(this: Parameter, field: Field) -> list[_Shape]:
    void = kind("void")
    found: list[_Shape] = [
        (f"set_{field.name}", (this, Parameter("value", field.kind)), void),
    ]
    if field.kind.name == "map":
        of_key, of_value = field.kind.parts
        key, value = Parameter("key", of_key), Parameter("value", of_value)
        found += [
            (f"add_to_{field.name}", (this, key, value), void),
            (f"remove_from_{field.name}", (this, key), void),
        ]
    elif field.kind.name == "set":
        value = Parameter("value", field.kind.parts[0])
        found += [(f"{verb}_{field.name}", (this, value), void) for verb in ("add", "remove")]
    return found
