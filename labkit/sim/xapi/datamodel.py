"""XAPI's classes, read from the tables beside this file: one small file a class, read when asked.

A table says what a class has: enumerations, fields, and the messages that do not follow from
the fields.

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
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from labkit.sim.xapi.classes import Class, Field, Message, Parameter, derived
from labkit.sim.xapi.kinds import Kind, kind, zero

_TABLES = Path(__file__).with_name("tables")


@lru_cache(maxsize=1)
def class_names() -> frozenset[str]:
    """The names of all classes."""
    return frozenset(table.stem for table in _TABLES.glob("*.txt"))


def load(name: str) -> Class | None:
    """The class of that name; None when there is none."""
    # Asked of the list, never of the file system: the name comes from a client.
    return _read(name) if name in class_names() else None


@cache
def _read(name: str) -> Class:
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
    implicit = {} if "plain" in flags else derived(name, fields, flags)
    return Class(name, fields, implicit | explicit, enums)


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
