"""The tables say what xapi's own datamodel says, release by release.

That datamodel is not part of labkit. Its JSON is looked for in the folder that
LABKIT_XENAPI_DATAMODEL names, else beside the project.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from labkit.sim.xapi import coverage
from labkit.sim.xapi.classes import Class, Message
from labkit.sim.xapi.datamodel import GENERATIONS, model_of
from labkit.sim.xapi.kinds import Kind, kind, zero
from labkit.sim.xapi.notation import default_of

FOLDER = Path(
    os.environ.get("LABKIT_XENAPI_DATAMODEL")
    or Path(__file__).resolve().parents[3].parent / "shared" / "xenapi"
)
FILES = {
    "xcp-1.6": "xenapi-2020-07-stockholm-8.2.json",
    "xcp-ng-8.2": "xenapi-2020-07-stockholm-8.2.json",
    "xcp-ng-8.3": "xenapi-2025-02-12-near-v25.6.0.json",
}
QUALIFIERS = {"rw": "RW", "constructor": "RO/constructor", "": "RO/runtime"}

LATE = "the lifecycle gives it to a release that lacks the class it is about"
WAS = "it changed after tampa: before that it was worked out when the object ran"
GREW = "parameters that came after tampa; no lifecycle tells of parameters"
DELIBERATE = {
    "event.snapshot type": "one type, which each JSON spells its own way",
    "xcp-1.6 VM.VUSBs exists": LATE,
    "xcp-1.6 VM.power_state qualifier": WAS,
    "xcp-1.6 VM.suspend_VDI qualifier": WAS,
    "xcp-1.6 VM.last_booted_record qualifier": WAS,
    "xcp-1.6 VIF.currently_attached qualifier": WAS,
    "xcp-1.6 VBD.currently_attached qualifier": WAS,
    "xcp-1.6 VBD.device qualifier": WAS,
    "xcp-1.6 network.bridge qualifier": "it could be chosen from falcon on",
    "xcp-1.6 session.login_with_password parameters": GREW,
    "xcp-1.6 VM.assert_can_migrate parameters": GREW,
    "xcp-1.6 VM.migrate_send parameters": GREW,
    "xcp-1.6 host.apply_edition parameters": GREW,
    "xcp-1.6 host.emergency_ha_disable parameters": GREW,
    "xcp-1.6 PIF.db_introduce parameters": GREW,
    "xcp-1.6 PIF.introduce parameters": GREW,
    "xcp-1.6 VDI.copy parameters": GREW,
    "xcp-1.6 VGPU.create parameters": GREW,
    "xcp-1.6 tunnel.create parameters": GREW,
}
"""Where the tables differ from the JSON, and why; with a generation in front, only there."""

_REASON = f"xapi's datamodel is not at {FOLDER}"
needs_datamodel = pytest.mark.skipif(not FOLDER.is_dir(), reason=_REASON)


@cache
def described(file: str) -> Mapping[str, dict[str, Any]]:
    return {each["name"]: each for each in json.loads((FOLDER / file).read_text("utf-8"))}


@cache
def releases() -> tuple[str, ...]:
    """From old to new, as lifecycles name them."""
    return tuple(json.loads((FOLDER / "release_info.json").read_text("utf-8")))


def lifecycle(thing: dict[str, Any]) -> list[dict[str, str]]:
    found = thing["lifecycle"]
    transitions: list[dict[str, str]] = found if isinstance(found, list) else found["transitions"]
    return transitions


def went_through(thing: dict[str, Any], generation: str) -> set[str]:
    """The transitions something had gone through by a release."""
    if generation != "xcp-1.6":
        return {each["transition"] for each in lifecycle(thing)} | {"is there"}
    until = releases().index("tampa")
    return {
        each["transition"]
        for each in lifecycle(thing)
        if each["release"] in releases() and releases().index(each["release"]) <= until
    }


def part(generation: str, of: str, which: str) -> dict[str, dict[str, Any]]:
    """A class's fields or messages in a release."""
    every = described(FILES[generation])[of][which]
    newer = {each["name"]: each for each in described(FILES["xcp-ng-8.3"])[of][which]}
    # Both are asked of the past: each of the two forgets some of it.
    return {
        each["name"]: each
        for each in every
        if any(went_through(one, generation) for one in (each, newer.get(each["name"])) if one)
    }


def classes(generation: str) -> set[str]:
    newer = described(FILES["xcp-ng-8.3"])
    return {
        name
        for name, each in described(FILES[generation]).items()
        if went_through(each, generation) or went_through(newer[name], generation)
    }


def shape(message: dict[str, Any]) -> list[tuple[str, Kind, bool | None]]:
    """The parameters without the session. The older JSON does not tell which may be left out."""
    return [
        (each["name"], kind(each["type"]), each.get("required"))
        for each in message["params"]
        if (each["name"], each["type"]) != ("session_id", "session ref")
    ]


def spelled(message: Message, told: bool) -> list[tuple[str, Kind, bool | None]]:
    return [(each.name, each.kind, each.required if told else None) for each in message.parameters]


def default(wanted: Kind, field: dict[str, Any]) -> Any:
    """What the field holds at first; `{}` is written of sets and of maps."""
    text = field.get("default", "")
    return zero(wanted) if text in ("{}", "Null") else default_of(wanted, text)


def field_differences(generation: str, known: Class) -> Iterator[str]:
    written = part(generation, known.name, "fields")
    for name in written.keys() ^ known.fields.keys():
        yield f"{name} exists"
    for name in written.keys() & known.fields.keys():
        field, given = known.fields[name], written[name]
        if field.kind != kind(given["type"]):
            yield f"{name} type"
        if QUALIFIERS[field.writing] != given["qualifier"]:
            yield f"{name} qualifier"
        if field.default != default(field.kind, given):
            yield f"{name} default"


def message_differences(generation: str, known: Class) -> Iterator[str]:
    written = part(generation, known.name, "messages")
    mine = {name: each for name, each in known.messages.items() if not each.hidden}
    fields = part(generation, known.name, "fields")
    for name in written.keys() ^ mine.keys():
        # What follows from a field comes and goes with it.
        if not any(re.fullmatch(rf"\w+_{field}", name) for field in fields.keys() ^ known.fields):
            yield f"{name} exists"
    for name in written.keys() & mine.keys():
        message, given = mine[name], written[name]
        expected = shape(given)
        told = any(required is not None for _, _, required in expected)
        if spelled(message, told) != expected:
            yield f"{name} parameters"
        if message.result != kind(given["result"][0]):
            yield f"{name} result"
        if message.removed != ("removed" in went_through(given, generation)):
            yield f"{name} removed"


def enum_differences(generation: str, known: Class) -> Iterator[str]:
    written = {
        each["name"]: {value["name"] for value in each["values"]}
        for each in described(FILES[generation])[known.name]["enums"]
    }
    for name in written.keys() | known.enums.keys():
        if generation == "xcp-1.6":
            # No lifecycle tells of words: they can only have become more.
            if not set(known.enums.get(name, ())) <= written.get(name, set()):
                yield f"enum {name}"
        elif set(known.enums.get(name, ())) != written.get(name, set()):
            yield f"enum {name}"


@needs_datamodel
@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_classes_are_those_of_the_release(generation: str) -> None:
    assert model_of(generation).class_names == classes(generation)


@needs_datamodel
@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_class_has_what_it_has_in_the_release(generation: str) -> None:
    found = []
    for name in sorted(model_of(generation).class_names):
        known = model_of(generation).known(name)
        for differences in (field_differences, message_differences, enum_differences):
            found += [f"{name}.{each}" for each in sorted(differences(generation, known))]
    unexpected = [
        each
        for each in found
        if each not in DELIBERATE and f"{generation} {each}" not in DELIBERATE
    ]
    assert unexpected == []
    stale = [
        each
        for each in DELIBERATE
        if each.startswith(f"{generation} ") and each.partition(" ")[2] not in found
    ]
    assert stale == []


@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_coverage_is_counted(generation: str) -> None:
    """Seen with `pytest -rP`."""
    print(f"{generation:20}{''.join(f'{each:>15}' for each in coverage.ANSWERS)}")
    model = model_of(generation)
    for name in (*sorted(model.class_names, key=str.lower), ""):
        counts = coverage.counted(generation, name)
        row = "".join(f"{counts[each]:15}" for each in coverage.ANSWERS)
        print(f"{name or 'all':20}{row}")
    assert coverage.counted(generation).total() == len(model.all_messages())
