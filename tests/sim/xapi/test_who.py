"""Who may log in, how often, and what the pool tells people."""

from typing import Any

import pytest
import XenAPI

from labkit.sim.xapi import sessions
from tests.sim.xapi.conftest import PASSWORD, Computer
from tests.sim.xapi.test_life import cut, start
from tests.sim.xapi.test_messages import refusal


@pytest.fixture
def api(computer: Computer) -> Any:
    return computer.login("xcp00")


def test_of_too_many_sessions_the_oldest_ends(
    computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sessions._MOST == 500
    monkeypatch.setattr(sessions, "_MOST", 3)
    raw = computer.client("xcp00")

    def login(originator: str) -> str:
        answer = raw.session.login_with_password("root", PASSWORD, "1.0", originator)
        return str(answer["Value"])

    other = login("other")
    mine = [login("mine") for _ in range(4)]
    known = [raw.pool.get_all(ref)["Status"] == "Success" for ref in [other, *mine]]
    assert known == [True, False, True, True, True]


def test_a_session_tells_of_itself(computer: Computer) -> None:
    session = computer.client("xcp00")
    session.xenapi.login_with_password("root", PASSWORD, "1.0", "labkit")
    record = session.xenapi.session.get_record(session.handle)
    assert record["this_host"] == session.xenapi.host.get_all()[0]
    assert (record["originator"], record["auth_user_name"]) == ("labkit", "root")
    assert (record["is_local_superuser"], record["pool"]) == (True, False)
    assert record["subject"] == "OpaqueRef:NULL"
    session.xenapi.session.add_to_other_config(session.handle, "a", "b")
    assert session.xenapi.session.get_other_config(session.handle) == {"a": "b"}
    assert session.xenapi.session.get_all_subject_identifiers() == []
    assert session.xenapi.session.logout_subject_identifier("S-1-5") == ""
    assert session.xenapi.session.get_pool(session.handle) is False


def test_a_changed_password_is_that_of_the_whole_pool(pool: Computer) -> None:
    raw = XenAPI.Session(pool.url("xcp01"))

    def local(password: str) -> str:
        answer = raw.session.slave_local_login_with_password("root", password)
        return str(answer.get("Value") or answer["ErrorDescription"][0])

    assert local(PASSWORD).startswith("OpaqueRef:")
    pool.login("xcp00").session.change_password(PASSWORD, "sesame")
    assert local("sesame").startswith("OpaqueRef:")
    pool.login("xcp00", "sesame")
    raw("close")()


def test_a_member_that_was_away_learns_the_password_when_it_is_back(pool: Computer) -> None:
    cut(pool, "xcp01")
    pool.login("xcp00").session.change_password("", "sesame")
    start(pool, "xcp01")
    pool.passes(60)
    raw = XenAPI.Session(pool.url("xcp01"))
    answer = raw.session.slave_local_login_with_password("root", "sesame")
    raw("close")()
    assert answer["Status"] == "Success"


def test_there_are_six_roles(api: Any) -> None:
    roles = api.role.get_all_records()
    names = ["pool-admin", "pool-operator", "vm-power-admin", "vm-admin", "vm-operator"]
    assert [role["name_label"] for role in roles.values()] == [*names, "read-only"]
    [admin] = api.role.get_by_name_label("pool-admin")
    assert admin == "OpaqueRef:0165f154-ba3e-034e-6b27-5d271af109ba"
    assert api.role.get_by_uuid(api.role.get_uuid(admin)) == admin
    assert set(api.role.get_all_records_where('field "name_label" = "vm-admin"')) < set(roles)
    assert refusal(api.role.get_permissions, admin) == ["NOT_IMPLEMENTED", "role.get_permissions"]
    assert refusal(api.role.get_name_label, "OpaqueRef:x") == [
        "HANDLE_INVALID",
        "role",
        "OpaqueRef:x",
    ]


def test_subjects_have_roles(api: Any) -> None:
    admin, reader = (api.role.get_by_name_label(name)[0] for name in ("pool-admin", "read-only"))
    subject = api.subject.create({"subject_identifier": "S-1", "other_config": {"a": "b"}})
    assert refusal(api.subject.create, {"subject_identifier": "S-1"}) == ["SUBJECT_ALREADY_EXISTS"]
    assert refusal(api.subject.create, {}) == ["FIELD_TYPE_ERROR", "subject_identifier"]
    api.subject.add_to_roles(subject, admin)
    api.subject.add_to_roles(subject, reader)
    assert refusal(api.subject.add_to_roles, subject, admin) == ["ROLE_ALREADY_EXISTS"]
    assert refusal(api.subject.add_to_roles, subject, "OpaqueRef:x") == ["ROLE_NOT_FOUND"]
    api.subject.remove_from_roles(subject, admin)
    assert refusal(api.subject.remove_from_roles, subject, admin) == ["ROLE_NOT_FOUND"]
    record = api.subject.get_record(subject)
    assert (record["roles"], record["other_config"]) == ([reader], {"a": "b"})
    api.subject.destroy(subject)
    assert api.subject.get_all() == []


def test_no_directory_can_be_asked(api: Any) -> None:
    assert refusal(api.auth.get_subject_identifier, "student") == ["AUTH_IS_DISABLED"]


def test_messages_are_told_the_newest_first(computer: Computer, api: Any) -> None:
    uuid = api.pool.get_record(api.pool.get_all()[0])["uuid"]
    first = api.message.create("FIRST", 3, "Pool", uuid, "one")
    computer.passes(60)
    second = api.message.create("SECOND", 5, "Pool", uuid, "two")
    assert list(api.message.get_all_records()) == [second, first]
    record = api.message.get_record(first)
    assert (record["name"], record["priority"], record["cls"]) == ("FIRST", "3", "Pool")
    when = str(record["timestamp"])
    assert list(api.message.get_since(XenAPI.xmlrpclib.DateTime(when))) == [second]
    assert list(api.message.get("Pool", uuid, XenAPI.xmlrpclib.DateTime(when))) == [second]
    assert list(api.message.get("Pool", uuid, "1970-01-01T00:00:00Z")) == [second, first]
    assert list(api.message.get_all_records_where('field "name" = "FIRST"')) == [first]
    assert api.message.get_by_uuid(record["uuid"]) == first
    assert refusal(api.message.destroy_many, [first, "OpaqueRef:x"])[0] == "HANDLE_INVALID"
    api.message.destroy(second)
    api.message.destroy_many([first])
    assert api.message.get_all() == []


def test_a_message_is_about_something(api: Any) -> None:
    said = refusal(api.message.create, "X", 1, "Host", "nobody", "")
    assert said == ["UUID_INVALID", "Host", "nobody"]
    assert refusal(api.message.create, "X", 1, "Cat", "nobody", "") == ["INVALID_VALUE", "Cat"]
