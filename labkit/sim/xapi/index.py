"""Finding objects by what they say without looking at all of them, and what changed when.

Kept beside a pool's records and made anew when they are read from a file. An index of a field
is made when somebody first asks by that field, and kept up from then on.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from labkit.sim.installed import Tables

NOW = "*"
"""Beside the classes in the tables: how many changes there were, and what was destroyed."""
BORN, CHANGED = "_born", "_changed"
"""In every record: the number of the change that made it, and of the latest."""
_REMEMBERED = 10_000
"""Destroyed objects that are remembered, for whoever follows what happens."""

_STALE = 10_000
"""Notes of changes that were followed by others, kept before they are looked through."""

Record = dict[str, Any]
Change = tuple[int, str, str]
"""Its number, and the class and reference of what changed."""


class Index:
    """What is kept beside the records."""

    def __init__(self, tables: dict[str, Any]) -> None:
        self._tables = tables
        self._by: dict[str, dict[str, dict[Any, dict[str, None]]]] = {}
        self._defaults: dict[tuple[str, str], Any] = {}
        self._latest: list[Change] | None = None
        """Changes in their order, at least the latest of each record."""

        self.watched = float("-inf")
        """When the master last looked who is alive."""

    def note(self, number: int, of: str, ref: str) -> None:
        """Note the number of a change, which is higher than all before."""
        if self._latest is not None:
            self._latest.append((number, of, ref))

    def since(self, number: int) -> Iterator[tuple[Change, Record]]:
        """The records that changed after a change, each at its latest one, in that order. Costs
        by what changed, however many records there are."""
        if self._latest is None:
            self._latest = sorted(self._every())
        latest = self._latest
        found = []
        for change in latest[bisect_right(latest, number, key=_number) :]:
            record = self._tables.get(change[1], {}).get(change[2])
            # Of an object that changed again, or is gone, there is a later note.
            if record is not None and record[CHANGED] == change[0]:
                found.append((change, record))
        if len(latest) > 2 * sum(map(len, self._tables.values())) + _STALE:
            self._latest = None
        return iter(found)

    def _every(self) -> Iterator[Change]:
        for of, table in self._tables.items():
            if of != NOW:
                for ref, record in table.items():
                    yield record[CHANGED], of, ref

    def refs(self, of: str, field: str, value: Any, default: Any) -> Iterable[str]:
        """The objects of a class that have this value in a field, or among its values."""
        fields = self._by.setdefault(of, {})
        found = fields.get(field)
        if found is None:
            found = fields[field] = {}
            self._defaults[of, field] = default
            for ref, record in self._tables.get(of, {}).items():
                for key in _keys(record.get(field, default)):
                    found.setdefault(key, {})[ref] = None
        return found.get(value, ())

    def change(
        self, of: str, ref: str, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> None:
        """Follow a change of a record: from nothing where it is made, to nothing where it goes."""
        for field, found in self._by.get(of, {}).items():
            default = self._defaults[of, field]
            old = _keys(before.get(field, default)) if before else ()
            new = _keys(after.get(field, default)) if after else ()
            if old == new:
                continue
            for key in old:
                found[key].pop(ref, None)
                if not found[key]:
                    del found[key]
            for key in new:
                found.setdefault(key, {})[ref] = None


class Journal:
    """Numbers changes, and tells what changed since one of them."""

    def __init__(self, tables: dict[str, Any]) -> None:
        self._tables = tables

    @property
    def now(self) -> int:
        """The number of the latest change."""
        return int(self._kept["now"])

    def next(self) -> int:
        """The number of a new one."""
        self._kept["now"] += 1
        return int(self._kept["now"])

    def gone(self, of: str, ref: str, record: Record) -> None:
        """Remember an object that was destroyed."""
        lost: list[list[Any]] = self._kept["gone"]
        lost.append([self.next(), of, ref, record.get(BORN, 0)])
        if len(lost) > _REMEMBERED:
            self._kept["forgotten"] = lost[len(lost) - _REMEMBERED - 1][0]
            del lost[: len(lost) - _REMEMBERED]

    def gone_since(self, number: int) -> Iterator[Change]:
        """What was there at that number and was destroyed since, in that order."""
        lost: list[list[Any]] = self._kept["gone"]
        for when, of, ref, born in lost[bisect_right(lost, number, key=_number) :]:
            if number >= born:
                yield when, of, ref

    @property
    def forgotten(self) -> int:
        """What was destroyed up to this change is not remembered any more."""
        return int(self._kept.get("forgotten", 0))

    @property
    def _kept(self) -> dict[str, Any]:
        kept: dict[str, Any] = self._tables.setdefault(NOW, {"now": 0, "gone": []})
        return kept


def index_of(tables: dict[str, Any]) -> Index:
    """The index that is kept beside a pool's records."""
    if not isinstance(tables, Tables):
        return Index(tables)
    if tables.index is None:
        tables.index = Index(tables)
    found: Index = tables.index
    return found


def _number(change: Sequence[Any]) -> int:
    return int(change[0])


def _keys(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)
