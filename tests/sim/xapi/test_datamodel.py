"""The tables of classes, and what is derived from them."""

from labkit.sim.xapi.datamodel import model_of
from labkit.sim.xapi.kinds import Kind, kind

MODEL = model_of("xcp-ng-8.3")


def test_types_are_read_as_the_datamodel_writes_them() -> None:
    text = Kind("string")
    assert kind("host ref set") == Kind("set", parts=(Kind("ref", of="host"),))
    assert kind("(VM ref -> (string -> string) map) map") == Kind(
        "map", parts=(Kind("ref", of="VM"), Kind("map", parts=(text, text)))
    )


def test_every_table_is_read() -> None:
    for name in MODEL.class_names:
        known = MODEL.load(name)
        assert known is not None
        assert known.name == name


def test_every_relation_has_two_ends() -> None:
    for name in MODEL.class_names:
        known = MODEL.load(name)
        assert known is not None
        for field in known.fields.values():
            if field.source is not None:
                of, back = field.source
                there = MODEL.load(of)
                assert there is not None, field
                assert there.fields[back].kind in (kind(f"{name} ref"), kind(f"{name} ref set"))


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
