"""What a class of XAPI's datamodel has, and the messages that follow from its fields.

Three quarters of XAPI's messages are `get_<field>`, `set_<field>`, `get_all_records` and their
like: they are derived here and written down nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from labkit.sim.xapi.kinds import Kind, kind

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
    removed: bool = False
    """Whether the messages that follow from it are refused as removed."""


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
    hidden: bool = False
    """Whether it can be called although no documentation has it."""

    @property
    def has_async(self) -> bool:
        return self.of not in _SYNCHRONOUS and not self.implicit


@dataclass(frozen=True)
class Class:
    """One class of the datamodel."""

    name: str
    fields: Mapping[str, Field]
    messages: Mapping[str, Message]
    enums: Mapping[str, tuple[str, ...]]
    elsewhere: Mapping[str, Any]
    """The defaults of fields that other releases have: labkit's own records may hold them, and no
    client ever sees them."""

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """The types of its fields."""
        return {field.name: field.kind for field in self.fields.values()}

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        """What its fields hold before anybody set them."""
        return {field.name: field.default for field in self.fields.values()}

    def default(self, name: str) -> Any:
        """What a field holds before anybody set it, in whatever release it exists."""
        return self.defaults[name] if name in self.fields else self.elsewhere[name]

    @cached_property
    def related(self) -> Mapping[str, tuple[str, str]]:
        """The fields that are read off other objects: the class and field there."""
        fields = self.fields.values()
        return {field.name: field.source for field in fields if field.source is not None}


_Shape = tuple[str, tuple[Parameter, ...], Kind]
"""A message's name, parameters and result."""


def derived(of: str, fields: Mapping[str, Field], flags: set[str]) -> dict[str, Message]:
    """The messages that follow from the fields."""
    this = Parameter("self", kind(f"{of} ref"))
    gone = "removed" in flags
    found = _implicit(of, _lookups(this, fields, flags), removed=gone)
    for field in fields.values():
        shapes: list[_Shape] = [(f"get_{field.name}", (this,), field.kind)]
        if field.writing == "rw":
            shapes += _setters(this, field)
        found |= _implicit(of, shapes, removed=field.removed)
    if "create" in flags:
        record = (Parameter("args", kind(f"{of} record")),)
        found["create"] = Message(of, "create", record, this.kind, removed=gone)
        found["destroy"] = Message(of, "destroy", (this,), kind("void"), removed=gone)
    return found


def _implicit(of: str, shapes: list[_Shape], *, removed: bool) -> dict[str, Message]:
    return {
        name: Message(
            of,
            name,
            parameters,
            result,
            removed=removed,
            implicit=True,
            hidden=name == "get_all_records_where",
        )
        for name, parameters, result in shapes
    }


def _lookups(this: Parameter, fields: Mapping[str, Field], flags: set[str]) -> list[_Shape]:
    of = this.kind.of
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
    return found


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
