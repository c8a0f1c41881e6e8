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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from labkit.sim.xapi.classes import Class, Field, Message, Parameter, derived
from labkit.sim.xapi.kinds import Kind, kind, zero

_TABLES = Path(__file__).with_name("tables")


@dataclass(frozen=True, slots=True)
class Relation:
    """A field whose other end is read off: of class `of`, the objects that have this one in
    their `back`."""

    of: str
    back: str
    far: str
    """The class this one is a field of, and `field` its name."""
    field: str


class Model:
    """The datamodel of one release."""

    def __init__(self, generation: str) -> None:
        self.generation = generation
        self._classes: dict[str, Class] = {}
        self.showers: dict[Kind, Callable[[Any], str]] = {}
        """What shows values of each type; `wire` alone fills it."""

    @cached_property
    def class_names(self) -> frozenset[str]:
        """The names of all classes."""
        return frozenset(table.stem for table in _TABLES.glob("*.txt"))

    def load(self, name: str) -> Class | None:
        """The class of that name; None when there is none."""
        found = self._classes.get(name)
        # Asked of the list, never of the file system: the name comes from a client.
        if found is None and name in self.class_names:
            found = self._classes[name] = _read(name)
        return found

    def known(self, name: str) -> Class:
        """The class of a name that is one."""
        found = self.load(name)
        assert found is not None, name
        return found

    def find(self, name: str) -> Message | None:
        """The message `Class.name`, or its old spelling `Class_name`."""
        of, dot, short = name.partition(".")
        if dot:
            known = self.load(of)
            return known.messages.get(short) if known is not None else None
        for at in (match.start() for match in re.finditer("_", name)):
            known = self.load(name[:at])
            if known is not None and name[at + 1 :] in known.messages:
                return known.messages[name[at + 1 :]]
        return None

    def kinds_of(self, name: str) -> Mapping[str, Kind]:
        """The types of a class's fields."""
        known = self.load(name)
        return {} if known is None else known.kinds

    def all_messages(self) -> list[str]:
        """Every message by its full name."""
        return [
            f"{name}.{message}"
            for name in sorted(self.class_names)
            for message in self.known(name).messages
        ]

    @cached_property
    def relations(self) -> Mapping[tuple[str, str], tuple[Relation, ...]]:
        """By the class and field that say who is related: what changes at the other end."""
        found: dict[tuple[str, str], tuple[Relation, ...]] = {}
        for name in self.class_names:
            for field in self.known(name).fields.values():
                if field.source is not None:
                    of, back = field.source
                    one = Relation(of, back, name, field.name)
                    found[field.source] = (*found.get(field.source, ()), one)
        return found


@cache
def model_of(generation: str) -> Model:
    """The datamodel of a generation's XAPI."""
    return Model(generation)


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
