"""As much of JSON Schema as the scenario schema uses; a keyword it does not know is an error."""

import re
from collections.abc import Iterator
from typing import Any

_SAYS_NOTHING = {"$defs", "$schema", "title", "description", "default", "examples"}
_SAYS_NOTHING |= {"type", "format", "writeOnly"}
_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "null": type(None),
}


def problems(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a value."""
    if "type" in schema and not isinstance(value, _TYPES[schema["type"]]):
        yield f"{value!r} is no {schema['type']}"
        return
    for keyword, wanted in schema.items():
        if keyword not in _SAYS_NOTHING:
            yield from _KEYWORDS[keyword](value, wanted, schema, root)


def _unless(right: bool, text: str) -> Iterator[str]:
    if not right:
        yield text


def _ref(value: Any, wanted: str, _: Any, root: dict[str, Any]) -> Iterator[str]:
    return problems(value, root["$defs"][wanted.removeprefix("#/$defs/")], root)


def _any_of(value: Any, wanted: list[Any], _: Any, root: dict[str, Any]) -> Iterator[str]:
    tried = [list(problems(value, each, root)) for each in wanted]
    return _unless([] in tried, f"{value!r} fits none of {tried}")


def _properties(value: Any, wanted: dict[str, Any], _: Any, root: dict[str, Any]) -> Iterator[str]:
    for name in wanted.keys() & (value if isinstance(value, dict) else {}):
        yield from problems(value[name], wanted[name], root)


def _patterns(value: Any, wanted: dict[str, Any], _: Any, root: dict[str, Any]) -> Iterator[str]:
    for name in value if isinstance(value, dict) else {}:
        for pattern, each in wanted.items():
            if re.search(pattern, name):
                yield from problems(value[name], each, root)


def _additional(value: Any, wanted: Any, schema: Any, _: Any) -> Iterator[str]:
    assert wanted is False
    for name in value if isinstance(value, dict) else {}:
        known = name in schema.get("properties", {})
        if not known and not any(re.search(p, name) for p in schema.get("patternProperties", {})):
            yield f"unknown {name}"


def _items(value: Any, wanted: Any, _: Any, root: dict[str, Any]) -> Iterator[str]:
    for each in value if isinstance(value, list) else []:
        yield from problems(each, wanted, root)


_KEYWORDS: dict[str, Any] = {
    "$ref": _ref,
    "anyOf": _any_of,
    "properties": _properties,
    "patternProperties": _patterns,
    "additionalProperties": _additional,
    "items": _items,
    "required": lambda v, w, s, r: _unless(set(w) <= set(v), f"missing {set(w) - set(v)}"),
    "const": lambda v, w, s, r: _unless(v == w, f"{v!r} is not {w}"),
    "enum": lambda v, w, s, r: _unless(v in w, f"{v!r} is none of {w}"),
    "pattern": lambda v, w, s, r: _unless(bool(re.search(w, str(v))), f"{v!r} is not {w}"),
    "minimum": lambda v, w, s, r: _unless(v >= w, f"{v!r} < {w}"),
    "maximum": lambda v, w, s, r: _unless(v <= w, f"{v!r} > {w}"),
    "minLength": lambda v, w, s, r: _unless(len(v) >= w, f"{v!r} is short"),
    "maxLength": lambda v, w, s, r: _unless(len(v) <= w, f"{v!r} is long"),
    "minItems": lambda v, w, s, r: _unless(len(v) >= w, f"{v!r} is short"),
    "maxItems": lambda v, w, s, r: _unless(len(v) <= w, f"{v!r} is long"),
    "minProperties": lambda v, w, s, r: _unless(len(v) >= w, f"{v!r} is short"),
}
