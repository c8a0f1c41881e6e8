"""The tables of classes, and what is derived from them."""

import pytest

from labkit.sim.installed import Tables
from labkit.sim.xapi import notation
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.datamodel import GENERATIONS, model_of
from labkit.sim.xapi.kinds import Kind, kind

MODEL = model_of("xcp-ng-8.3")


def test_types_are_read_as_the_datamodel_writes_them() -> None:
    text = Kind("string")
    assert kind("host ref set") == Kind("set", parts=(Kind("ref", of="host"),))
    assert kind("(VM ref -> (string -> string) map) map") == Kind(
        "map", parts=(Kind("ref", of="VM"), Kind("map", parts=(text, text)))
    )


@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_table_is_read(generation: str) -> None:
    model = model_of(generation)
    for name in model.class_names:
        known = model.load(name)
        assert known is not None
        assert known.name == name


@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_relation_has_two_ends(generation: str) -> None:
    model = model_of(generation)
    for name in model.class_names:
        known = model.load(name)
        assert known is not None
        for field in known.fields.values():
            if field.source is not None:
                of, back = field.source
                there = model.load(of)
                assert there is not None, field
                assert there.fields[back].kind in (kind(f"{name} ref"), kind(f"{name} ref set"))


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_release_speaks_of_nothing_it_lacks(generation: str) -> None:
    model = model_of(generation)
    for name in model.class_names:
        known = model.known(name)
        kinds = [field.kind for field in known.fields.values()]
        for message in known.messages.values():
            kinds += [message.result, *(each.kind for each in message.parameters)]
        for each in kinds:
            for part in _parts(each):
                if part.name in ("ref", "record"):
                    assert part.of in model.class_names or part.of == "<class>", (name, part)
                if part.name == "enum":
                    assert part.of in known.enums, (name, part)


def _parts(whole: Kind) -> list[Kind]:
    return [whole, *(inner for part in whole.parts for inner in _parts(part))]


TABLE = """\
class lamp: create [since 8.2]
enum color = red
enum color = green [since 8.3]
uuid: string
bright: bool rw [until 8.2]
bright: bool = true [since 8.3]
smell: string rw [removed 8.3]
blink(self: lamp ref) [removed 8.3]
burn(self: lamp ref, hours: int?) [since 8.3]
glow() -> enum color [sessionless] [hidden]
"""


def test_marks_say_what_counts_in_a_release() -> None:
    assert notation.read("lamp", TABLE, "1.6") is None
    old, new = notation.read("lamp", TABLE, "8.2"), notation.read("lamp", TABLE, "8.3")
    assert old is not None
    assert new is not None
    assert (old.enums["color"], new.enums["color"]) == (("red",), ("red", "green"))
    assert (old.defaults["bright"], new.defaults["bright"]) == (False, True)
    assert ("set_bright" in old.messages, "set_bright" in new.messages) == (True, False)
    for name in ("blink", "get_smell", "set_smell"):
        assert (old.messages[name].removed, new.messages[name].removed) == (False, True), name
    assert ("burn" in old.messages, "burn" in new.messages) == (False, True)
    assert (new.messages["glow"].session, new.messages["glow"].hidden) == (False, True)


def test_a_field_of_another_release_is_kept_for_labkit_and_shown_to_nobody() -> None:
    db = Database(Tables(), {}, "xcp-1.6")
    tools = db.create("SR", is_tools_sr=True)
    other = db.create("SR")
    assert db.get("SR", tools, "is_tools_sr") is True
    assert db.get("SR", other, "is_tools_sr") is False
    assert db.where("SR", is_tools_sr=True) == [tools]
    assert "is_tools_sr" not in db.record("SR", tools)


def test_a_field_of_another_release_is_no_news() -> None:
    db = Database(Tables(), {}, "xcp-1.6")
    sr = db.create("SR")
    then = db.journal.now
    db.put("SR", sr, is_tools_sr=True)
    assert list(db.changed_since(then)) == []
    db.put("SR", sr, is_tools_sr=False, name_label="tools")
    assert [(of, ref) for _, of, ref, _ in db.changed_since(then)] == [("SR", sr)]


def test_of_a_class_of_another_release_there_is_nothing() -> None:
    db = Database(Tables(), {}, "xcp-1.6")
    assert db.where("Certificate", host="OpaqueRef:NULL") == []
    with pytest.raises(AssertionError):
        db.create("Certificate")


def test_messages_follow_from_the_fields() -> None:
    for name in ("pool.get_master", "pool.set_name_label", "host.add_to_other_config", "VM.create"):
        assert MODEL.find(name) is not None, name
    for name in ("pool.set_master", "pool.get_by_name_label", "session.get_all", "event.get_id"):
        assert MODEL.find(name) is None, name


def test_a_parameter_may_be_left_out() -> None:
    login = MODEL.find("session.login_with_password")
    assert login is not None
    assert [each.required for each in login.parameters] == [True, True, False, False]
    assert not login.session
