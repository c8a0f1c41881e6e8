"""The records of one pool: plain JSON on the master's disk, given meaning by the field tables.

Only what was set is kept; defaults and the far ends of relations (`host.PIFs`) are filled in
when read. So the two ends of a relation can never disagree, and a world stays small.
"""

import copy
import uuid
from collections.abc import Iterator
from typing import Any

from labkit.sim.xapi.classes import Class
from labkit.sim.xapi.datamodel import load
from labkit.sim.xapi.failures import Failure

Table = dict[str, dict[str, Any]]


def new_uuid() -> str:
    return str(uuid.uuid4())


class Database:
    """Tables of records by reference, and the sessions, which live in memory only."""

    def __init__(self, tables: dict[str, Table], sessions: Table) -> None:
        self._tables = tables
        self._sessions = sessions

    def refs(self, of: str) -> list[str]:
        """All objects of a class, in the order they were made."""
        return list(self._table(of))

    def has(self, of: str, ref: str) -> bool:
        return ref in self._table(of)

    def get(self, of: str, ref: str, field: str) -> Any:
        """One field; defaults and relations filled in. Raises HANDLE_INVALID."""
        kept = self._kept(of, ref)
        found = _class(of).fields[field]
        if found.source is not None:
            there, back = found.source
            return [other for other, record in self._items(there) if record.get(back) == ref]
        return copy.deepcopy(kept.get(field, found.default))

    def record(self, of: str, ref: str) -> dict[str, Any]:
        """A whole object. Raises HANDLE_INVALID."""
        return {field: self.get(of, ref, field) for field in _class(of).fields}

    def put(self, of: str, ref: str, **fields: Any) -> None:
        """Set fields. Raises HANDLE_INVALID."""
        self._kept(of, ref).update(fields)

    def create(self, of: str, **fields: Any) -> str:
        """A new object's reference; its uuid is new too unless given."""
        ref = f"OpaqueRef:{new_uuid()}"
        self._table(of)[ref] = {"uuid": new_uuid()} | fields
        return ref

    def destroy(self, of: str, ref: str) -> None:
        """Remove an object. Raises HANDLE_INVALID."""
        self._kept(of, ref)
        del self._table(of)[ref]

    def clear(self, of: str) -> None:
        self._table(of).clear()

    def where(self, of: str, **fields: Any) -> list[str]:
        """The objects with these values."""
        return [
            ref
            for ref in self._table(of)
            if all(self.get(of, ref, name) == value for name, value in fields.items())
        ]

    def first(self, of: str, **fields: Any) -> str | None:
        """The first of the objects with these values."""
        return next(iter(self.where(of, **fields)), None)

    def by_uuid(self, of: str, wanted: str) -> str:
        """Raises UUID_INVALID."""
        ref = self.first(of, uuid=wanted)
        if ref is None:
            raise Failure("UUID_INVALID", of, wanted)
        return ref

    @property
    def pool(self) -> str:
        """The pool, of which there is one."""
        return self.refs("pool")[0]

    @property
    def master(self) -> str:
        return str(self.get("pool", self.pool, "master"))

    def kept(self, of: str, ref: str) -> dict[str, Any]:
        """A copy of what was set on an object, without defaults and relations."""
        return copy.deepcopy(self._kept(of, ref))

    def _items(self, of: str) -> Iterator[tuple[str, dict[str, Any]]]:
        return iter(self._table(of).items())

    def _table(self, of: str) -> Table:
        return self._sessions if of == "session" else self._tables.setdefault(of, {})

    def _kept(self, of: str, ref: str) -> dict[str, Any]:
        try:
            return self._table(of)[ref]
        except KeyError:
            raise Failure("HANDLE_INVALID", of, ref) from None


def _class(name: str) -> Class:
    found = load(name)
    assert found is not None
    return found
