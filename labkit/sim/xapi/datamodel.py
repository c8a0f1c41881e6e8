"""XAPI's classes, read from the tables beside this file: one small file a class, read when asked.

`notation` says how they are written, and what of them counts in which release: XCP-ng 8.3's XAPI
here is xapi 25.6, 8.2's and XCP 1.6's are of their day.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from labkit.sim.xapi import notation
from labkit.sim.xapi.classes import Class, Message
from labkit.sim.xapi.kinds import Kind

_TABLES = Path(__file__).with_name("tables")

GENERATIONS = tuple(f"xcp{'-ng' if each != '1.6' else ''}-{each}" for each in notation.RELEASES)
"""Those whose datamodel is known, from old to new."""


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
        self._release = generation.rpartition("-")[2]
        self._classes: dict[str, Class | None] = {}
        self.showers: dict[Kind, Callable[[Any], str]] = {}
        """What shows values of each type; `wire` alone fills it."""

    @cached_property
    def class_names(self) -> frozenset[str]:
        """The names of all classes."""
        return frozenset(name for name in _written() if self.load(name) is not None)

    def load(self, name: str) -> Class | None:
        """The class of that name; None when there is none."""
        # Asked of the list, never of the file system: the name comes from a client.
        if name not in self._classes and name in _written():
            text = (_TABLES / f"{name}.txt").read_text(encoding="utf-8")
            self._classes[name] = notation.read(name, text, self._release)
        return self._classes.get(name)

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
def _written() -> frozenset[str]:
    """The classes there is a table of."""
    return frozenset(table.stem for table in _TABLES.glob("*.txt"))


@cache
def model_of(generation: str) -> Model:
    """The datamodel of a generation's XAPI."""
    return Model(generation)
