"""docs/scenarios.md, written from the models and the rules.

python -m labkit.scenario.reference > docs/scenarios.md
"""

import sys
from collections.abc import Iterator
from typing import Any

_BEGINNING = """\
# Scenarios

<!-- Generated: python -m labkit.scenario.reference > docs/scenarios.md -->

A scenario is a YAML file that says what a lab has: `labkit up 6J` builds the one that calls itself
`6J`. `labkit scenario list` shows all there are, `labkit scenario validate NAME` checks one and
tells every problem with its line, and `labkit scenario schema` prints a JSON Schema for editors.

## Where they are

A path (it ends in `.yaml` or contains a separator) is taken as it is. A name is looked for in

1. the folders and files that `LABKIT_SCENARIOS` names,
2. the folder `scenarios` where you are,
3. the folder `scenarios` in labkit's home (`LABKIT_HOME`),
4. the scenarios that come with labkit.

The first wins, so a copy of a shipped scenario can be changed in any of the others.

## YAML

Scenarios are YAML 1.2: `on`, `off`, `yes` and `no` are text. What looks like a number is one, and
has to be in quotes where text is wanted (`name: "6"`). Sizes have their unit: `4 GiB`. Anchors
(`&shape`), aliases (`*shape`) and merge keys (`<<: *shape`) work; tags (`!shape`) do not.
"""

_RULES = """\
## Rules

Beyond what each key may be:
"""


def reference() -> str:
    """The whole page, in Markdown."""
    from labkit.scenario.rules import RULES
    from labkit.scenario.schema import json_schema

    schema = json_schema()
    rules = "\n".join(f"- {(rule.__doc__ or '').splitlines()[0]}" for rule in RULES)
    keys = "\n".join(_part(schema, schema, ""))
    return f"{_BEGINNING}\n## Keys\n\n{keys}\n{_RULES}\n{rules}\n"


def _part(part: dict[str, Any], schema: dict[str, Any], place: str) -> Iterator[str]:
    """A table of the keys at a place, then those of the parts in it."""
    yield f"### {f'`{place}`' if place else 'At the top'}\n"
    yield f"{part['description']}\n"
    yield "| Key | Is | Left out | Meaning |\n| --- | --- | --- | --- |"
    inner = []
    for name, field in part["properties"].items():
        one, suffix = _inner(field)
        if one:
            found = schema["$defs"][one.rpartition("/")[2]]
            inner.append((found, f"{place}.{name}{suffix}".lstrip(".")))
            field = {"description": found["description"], **field}
        cells = (f"`{name}`", _kind(field), _default(name, field, part), field["description"])
        yield f"| {' | '.join(cells)} |"
    yield ""
    for found, where in inner:
        yield from _part(found, schema, where)


def _inner(field: dict[str, Any]) -> tuple[str, str]:
    """Which part a field holds, and how it is found in it."""
    field = _some(field)
    for names in field.get("patternProperties", {}).values():
        return names.get("$ref", ""), ".NAME"
    if "$ref" in field.get("items", {}):
        return field["items"]["$ref"], "[]"
    return field.get("$ref", ""), ""


def _some(field: dict[str, Any]) -> dict[str, Any]:
    """The field without the wish to leave it empty."""
    return next((each for each in field.get("anyOf", ()) if each.get("type") != "null"), field)


def _kind(field: dict[str, Any]) -> str:
    field = _some(field)
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return " or ".join(f"`{choice}`" for choice in field["enum"])
    if "$ref" in field:
        return "keys, below"
    if "patternProperties" in field:
        [each] = field["patternProperties"].values()
        return f"names, each {'with keys, below' if '$ref' in each else _kind(each)}"
    if field["type"] == "array":
        return f"list of {_kind(field['items'])}"
    if field["type"] == "integer":
        return f"{field['minimum']} to {field['maximum']}"
    formats = {"ipv4": "IPv4 address", "ipv4network": "IPv4 network", "path": "path"}
    return "size" if "examples" in field else formats.get(field.get("format", ""), "text")


def _default(name: str, field: dict[str, Any], part: dict[str, Any]) -> str:
    if name in part.get("required", ()):
        return "**needed**"
    default = field.get("default")
    return f"`{default}`" if isinstance(default, str | int) and default != "" else ""


if __name__ == "__main__":
    # The same bytes on every system: Windows would write its own line ends and encoding.
    sys.stdout.buffer.write(reference().encode())
