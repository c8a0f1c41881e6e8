"""The little language of `get_all_records_where`: `field "type"="ext" and not true`."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from labkit.sim.xapi.failures import Failure

Record = dict[str, Any]
Matcher = Callable[[Record], bool]

_TOKEN = re.compile(
    r"""\s*(?:(\(|\)|=|and\b|or\b|not\b|true\b|false\b|field\b)|"((?:[^"\\]|\\.)*)"|'([^']*)')"""
)
_DEEPEST = 100
"""Brackets and `not`s in one another that are followed."""


def matcher(text: str) -> Matcher:
    """What the expression asks of a record. Raises INTERNAL_ERROR, as XAPI does, when it does
    not parse."""
    try:
        return _Parser(list(_tokens(text))).whole()
    except (IndexError, ValueError):
        raise Failure("INTERNAL_ERROR", f"Db_filter.Expression_error({text!r})") from None


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(text[at:])
        at = found.end()
        word, double, single = found.groups()
        yield ("word", word) if word else ("text", double if double is not None else single)


class _Parser:
    """By recursive descent: `or` binds loosest, then `and`, then `not`."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._rest = tokens
        self._depth = 0

    def whole(self) -> Matcher:
        found = self._any()
        if self._rest:
            raise ValueError("more than an expression")
        return found

    def _any(self) -> Matcher:
        either = [self._every()]
        while self._next("or"):
            either.append(self._every())
        return lambda record: any(one(record) for one in either)

    def _every(self) -> Matcher:
        each = [self._one()]
        while self._next("and"):
            each.append(self._one())
        return lambda record: all(one(record) for one in each)

    def _one(self) -> Matcher:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("too deep")
        try:
            return self._atom()
        finally:
            self._depth -= 1

    def _atom(self) -> Matcher:
        if self._next("not"):
            inner = self._one()
            return lambda record: not inner(record)
        if self._next("("):
            inner = self._any()
            self._must("word", ")")
            return inner
        for word in ("true", "false"):
            if self._next(word):
                return lambda record, said=word: said == "true"  # type: ignore[misc]
        left = self._operand()
        self._must("word", "=")
        right = self._operand()
        return lambda record: left(record) == right(record)

    def _operand(self) -> Callable[[Record], str]:
        if self._next("field"):
            field = self._must("text")
            return lambda record: _shown(record.get(field, ""))
        text = self._must("text")
        return lambda record: text

    def _next(self, word: str) -> bool:
        if self._rest and self._rest[0] == ("word", word):
            del self._rest[0]
            return True
        return False

    def _must(self, kind: str, word: str | None = None) -> str:
        found_kind, found = self._rest.pop(0)
        if found_kind != kind or (word is not None and found != word):
            raise ValueError(found)
        return found


def _shown(value: Any) -> str:
    """A field as the database compares it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
