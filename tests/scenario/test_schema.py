"""What an editor is told agrees with what labkit accepts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labkit.scenario.catalogue import shipped
from labkit.scenario.document import read
from labkit.scenario.reference import reference
from labkit.scenario.schema import json_schema
from tests.scenario.structural import problems

HERE = Path(__file__).parent
COMMAND = "python -m labkit.scenario.reference > docs/scenarios.md"


@pytest.mark.parametrize(
    "path",
    [*sorted(shipped().glob("*.yaml")), *sorted((HERE / "good").glob("*.yaml"))],
    ids=lambda path: path.name,
)
def test_a_good_scenario_fits_the_schema(path: Path) -> None:
    schema = json_schema()
    assert list(problems(read(path).value, schema, schema)) == []


@pytest.mark.parametrize(
    "name",
    [
        "unknown-key",
        "unknown-key-at-top",
        "unknown-key-of-no-likeness",
        "missing-keys",
        "host-name-with-underscore",
        "memory-without-unit",
        "memory-in-gb",
        "cpus-out-of-range",
        "attachment-misspelt",
        "unknown-generation",
        "name-is-a-number",
        "no-hosts",
        "no-adapters",
        "mac-malformed",
        "timezone-and-more",
        "pool-name-empty",
        "password-is-a-number",
    ],
)
def test_an_editor_sees_what_is_wrong_by_itself(name: str) -> None:
    schema = json_schema()
    assert list(problems(read(HERE / "bad" / f"{name}.yaml").value, schema, schema))


def test_unknown_keys_are_closed_everywhere() -> None:
    for part in _objects(json_schema()):
        assert part["additionalProperties"] is False, part


def test_every_key_is_described() -> None:
    schema = json_schema()
    for part in _objects(schema):
        for name, field in part.get("properties", {}).items():
            assert "description" in field or "$ref" in field, name


def test_it_says_which_draft_and_what_it_is() -> None:
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == "labkit scenario"


def test_sizes_are_text_with_a_unit_their_defaults_too() -> None:
    memory = json_schema()["$defs"]["HostSpec"]["properties"]["memory"]
    assert memory["type"] == "string"
    assert memory["default"] == "4 GiB"
    assert "GiB" in memory["pattern"]


def test_the_reference_is_current() -> None:
    page = HERE.parents[1] / "docs" / "scenarios.md"
    assert page.read_text(encoding="utf-8") == reference(), f"run: {COMMAND}"


def test_the_reference_names_every_key_and_the_command_that_writes_it() -> None:
    page = reference()
    assert COMMAND in page
    for part in _objects(json_schema()):
        for name in part.get("properties", {}):
            assert f"| `{name}` |" in page


def _objects(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if part.get("type") == "object":
            yield part
        for each in part.values():
            yield from _objects(each)
