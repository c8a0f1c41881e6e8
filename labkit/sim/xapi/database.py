"""The records of one pool: plain JSON on the master's disk, given meaning by the field tables.

Only what was set is kept; defaults, the far ends of relations (`host.PIFs`) and what follows
from other fields (`VM.allowed_operations`) are filled in when read. So the two ends of a
relation can never disagree, and a world stays small. Every change is numbered: that is what
events are told from.
"""

import copy
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from labkit.sim.xapi.datamodel import Model, model_of
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.index import BORN, CHANGED, Index, Journal, index_of

Table = dict[str, dict[str, Any]]

Follows = Callable[["Database", str], Any]
_FOLLOWS: dict[str, dict[str, Follows]] = {}
_STIRS: dict[tuple[str, str], set[tuple[str, str]]] = {}
"""By class and field: the classes and the references there to objects that change with it."""


def follows(of: str, field: str, *others: str) -> Callable[[Follows], Follows]:
    """Register `(db, ref)` as what a field is worked out by whenever it is read. It may depend on
    nothing whose change is no change of the object itself: nobody would be told. `others` are
    fields of objects that refer to this one, which therefore stir it: `VBD.VDI.mode`."""

    def register(work_out: Follows) -> Follows:
        _FOLLOWS.setdefault(of, {})[field] = work_out
        for other in others:
            there, back, name = other.split(".")
            _STIRS.setdefault((there, name), set()).add((of, back))
        return work_out

    return register


def new_uuid() -> str:
    return str(uuid.uuid4())


class Database:
    """Tables of records by reference, and the sessions, which live in memory only."""

    def __init__(
        self, tables: dict[str, Any], sessions: Table, generation: str = "xcp-ng-8.3"
    ) -> None:
        self.model: Model = model_of(generation)
        self.journal = Journal(tables)
        self._tables = tables
        self._sessions = sessions
        self._index: Index = index_of(tables)
        self._session_index: Index | None = None

    def refs(self, of: str) -> list[str]:
        """All objects of a class, in the order they were made."""
        return list(self._table(of))

    def has(self, of: str, ref: str) -> bool:
        return ref in self._table(of)

    def get(self, of: str, ref: str, field: str) -> Any:
        """One field, as the caller's own. Raises HANDLE_INVALID."""
        value = self._read(of, ref, self._kept(of, ref), field)
        return copy.deepcopy(value) if isinstance(value, (dict, list)) else value

    def record(self, of: str, ref: str) -> dict[str, Any]:
        """A whole object, to be read only. Raises HANDLE_INVALID."""
        kept = self._kept(of, ref)
        known = self.model.known(of)
        found = dict(known.defaults)
        found.update((name, value) for name, value in kept.items() if name in found)
        for name, (there, back) in known.related.items():
            found[name] = self._related(there, back, ref)
        for name, work_out in _FOLLOWS.get(of, {}).items():
            if name in found:
                found[name] = work_out(self, ref)
        return found

    def put(self, of: str, ref: str, **fields: Any) -> None:
        """Set fields; those the release lacks are kept for labkit alone. Raises HANDLE_INVALID."""
        kept = self._kept(of, ref)
        changed = {
            name: value for name, value in fields.items() if name not in kept or kept[name] != value
        }
        if not changed:
            return
        if of == "session":
            kept.update(changed)
            return
        before = {name: kept[name] for name in changed if name in kept}
        self._index.change(of, ref, kept, {**kept, **changed})
        kept.update(changed)
        # What is for labkit alone is nobody else's news.
        if not self.model.known(of).fields.keys().isdisjoint(changed):
            self._number(of, ref, kept)
            self._tell_the_others(of, before, changed)
            self._stir(of, changed, kept)

    def touch(self, of: str, ref: str) -> None:
        """Let an object count as changed. Raises HANDLE_INVALID."""
        self._number(of, ref, self._kept(of, ref))

    def create(self, of: str, **fields: Any) -> str:
        """A new object's reference; its uuid is new too unless given. Its class has to be one the
        release has; of the fields, those it lacks are kept for labkit alone."""
        assert self.model.load(of) is not None, of
        ref = f"OpaqueRef:{new_uuid()}"
        record = {"uuid": new_uuid()} | fields
        if of == "session":
            self._sessions[ref] = record
            return ref
        self._table(of)[ref] = record
        record[BORN] = self._number(of, ref, record)
        self._index.change(of, ref, {}, record)
        self._tell_the_others(of, {}, record)
        return ref

    def destroy(self, of: str, ref: str) -> None:
        """Remove an object. Raises HANDLE_INVALID."""
        record = self._kept(of, ref)
        del self._table(of)[ref]
        if of != "session":
            self._index.change(of, ref, record, {})
            self.journal.gone(of, ref, record)
            self._tell_the_others(of, record, {})

    def where(self, of: str, **fields: Any) -> list[str]:
        """The objects with these values; of a class the release lacks there are none."""
        refs: Any = self._table(of)
        known = self.model.load(of)
        if known is None:
            return []
        for name, value in fields.items():
            # Whatever is told by few others narrows it down.
            if isinstance(value, str) and name not in known.related and of != "session":
                refs = self._index.refs(of, name, value, known.default(name))
                break
        table = self._table(of)
        return [
            ref
            for ref in refs
            if all(self._read(of, ref, table[ref], name) == each for name, each in fields.items())
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
        return next(iter(self._table("pool")))

    @property
    def master(self) -> str:
        return str(self.get("pool", self.pool, "master"))

    @property
    def index(self) -> Index:
        """What is kept beside the records."""
        return self._index

    def kept(self, of: str, ref: str) -> dict[str, Any]:
        """A copy of what was set on an object, without defaults and relations."""
        found = copy.deepcopy(self._kept(of, ref))
        found.pop(BORN, None)
        found.pop(CHANGED, None)
        return found

    def private(self, of: str, ref: str, note: str) -> Any:
        """A note of labkit's own on an object, which no client sees; None: there is none."""
        return self._kept(of, ref).get(note)

    def changed_since(self, number: int) -> Iterator[tuple[int, str, str, bool]]:
        """Objects made or changed since a change, in the order of their latest one: its number,
        their class and reference, and whether they are new."""
        for (when, of, ref), record in self._index.since(number):
            yield when, of, ref, record[BORN] > number

    def counts(self) -> dict[str, int]:
        """How many objects there are of each class, but for sessions."""
        others = self.model.class_names - {"session"}
        return {of: len(self._tables.get(of, ())) for of in sorted(others)}

    def _number(self, of: str, ref: str, kept: dict[str, Any]) -> int:
        number = kept[CHANGED] = self.journal.next()
        self._index.note(number, of, ref)
        return number

    def _read(self, of: str, ref: str, kept: Mapping[str, Any], field: str) -> Any:
        known = self.model.known(of)
        source = known.related.get(field)
        if source is not None:
            return self._related(*source, ref)
        work_out = _FOLLOWS.get(of, {}).get(field)
        if work_out is not None:
            return work_out(self, ref)
        return kept[field] if field in kept else known.default(field)

    def _related(self, there: str, back: str, ref: str) -> list[str]:
        if there == "session":
            return [other for other, each in self._sessions.items() if each.get(back) == ref]
        default = self.model.known(there).default(back)
        return list(self._index.refs(there, back, ref, default))

    def _tell_the_others(
        self, of: str, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> None:
        """An object at the other end of a relation changes, too."""
        for name in {*before, *after}:
            for relation in self.model.relations.get((of, name), ()):
                far = self._tables.get(relation.far, {})
                for value in (before.get(name), after.get(name)):
                    for ref in value if isinstance(value, list) else (value,):
                        if ref in far:
                            self._number(relation.far, str(ref), far[ref])

    def _stir(self, of: str, changed: Iterable[str], kept: Mapping[str, Any]) -> None:
        """What is worked out from these fields changes, too."""
        for there, back in {each for name in changed for each in _STIRS.get((of, name), ())}:
            far = str(kept.get(back))
            if far in self._tables.get(there, {}):
                self._number(there, far, self._tables[there][far])

    def _table(self, of: str) -> Table:
        if of == "session":
            return self._sessions
        table: Table = self._tables.setdefault(of, {})
        return table

    def _kept(self, of: str, ref: str) -> dict[str, Any]:
        try:
            return self._table(of)[ref]
        except KeyError:
            raise Failure("HANDLE_INVALID", of, ref) from None
