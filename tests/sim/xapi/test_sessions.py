"""Logging in and out, and what a host says of itself then."""

import pytest
import XenAPI

from tests.sim.xapi.conftest import PASSWORD, Computer


def test_a_host_says_what_it_is(computer: Computer) -> None:
    api = computer.login("xcp00")
    [(ref, host)] = api.host.get_all_records().items()
    assert api.pool.get_all_records().popitem()[1]["master"] == ref
    assert host["uuid"] == computer.machine("xcp00").hardware_uuid
    assert (host["name_label"], host["address"]) == ("xcp00", "127.0.1.200")
    assert host["enabled"] is True
    assert host["software_version"]["product_brand"] == "XCP-ng"
    assert host["cpu_info"]["vendor"] == "GenuineIntel"
    assert host["cpu_info"]["cpu_count"] == "2"
    assert len(host["host_CPUs"]) == 2
    assert api.host_metrics.get_live(host["metrics"]) is True


def test_a_host_has_a_network_for_each_adapter(computer: Computer) -> None:
    api = computer.login("xcp00")
    bridges = {network["bridge"] for network in api.network.get_all_records().values()}
    assert bridges == {"xenbr0", "xenbr1", "xenapi"}
    [management] = [p for p in api.PIF.get_all_records().values() if p["management"]]
    assert management["device"] == "eth0"
    assert management["MAC"] == "08:00:27:00:c8:00"
    assert api.network.get_PIFs(management["network"]) == [
        api.PIF.get_by_uuid(management["uuid"]),
    ]


def test_the_local_storage_is_plugged_and_the_pool_s_default(computer: Computer) -> None:
    api = computer.login("xcp00")
    [local] = api.SR.get_by_name_label("Local storage")
    [pool] = api.pool.get_all()
    assert api.pool.get_default_SR(pool) == local
    assert api.SR.get_type(local) == "ext"
    assert [api.PBD.get_currently_attached(pbd) for pbd in api.SR.get_PBDs(local)] == [True]


def test_a_wrong_password_is_told_after_five_seconds(fast: Computer) -> None:
    with fast.store.turn(reading=True) as world:
        before = world.now
    with pytest.raises(XenAPI.Failure) as refused:
        fast.login("xcp00", "guess")
    assert refused.value.details[:2] == ["SESSION_AUTHENTICATION_FAILED", "root"]
    assert "guess" not in str(refused.value)
    with fast.store.turn(reading=True) as world:
        assert world.now - before >= 5


def test_only_root_can_log_in(fast: Computer) -> None:
    with pytest.raises(XenAPI.Failure, match="SESSION_AUTHENTICATION_FAILED"):
        fast.client("xcp00").xenapi.login_with_password("student", PASSWORD)


def test_a_session_ends_with_its_logout(computer: Computer) -> None:
    session = computer.client("xcp00")
    session.xenapi.login_with_password("root", PASSWORD)
    ref = session.handle
    session.xenapi.session.logout()
    answer = session.host.get_all(ref)
    assert answer == {"Status": "Failure", "ErrorDescription": ["SESSION_INVALID", ref]}


def test_a_session_nobody_uses_for_a_day_is_over(computer: Computer) -> None:
    session = computer.client("xcp00")
    session.xenapi.login_with_password("root", PASSWORD)
    computer.passes(23 * 3600)
    assert session.host.get_all(session.handle)["Status"] == "Success"
    computer.passes(25 * 3600)
    assert session.host.get_all(session.handle)["ErrorDescription"][0] == "SESSION_INVALID"


def test_a_local_session_is_good_for_nothing_else(computer: Computer) -> None:
    session = computer.client("xcp00")
    ref = session.session.slave_local_login_with_password("root", PASSWORD)["Value"]
    assert session.host.get_all(ref)["ErrorDescription"] == ["SESSION_INVALID", ref]
    assert session.session.local_logout(ref)["Status"] == "Success"


def test_the_password_is_nowhere_in_the_world(computer: Computer) -> None:
    computer.login("xcp00")
    for file in computer.store.folder.iterdir():
        assert PASSWORD not in file.read_text()


def test_the_client_finds_out_the_api_s_version(computer: Computer) -> None:
    session = computer.client("xcp00")
    session.xenapi.login_with_password("root", PASSWORD)
    assert session.API_version == "2.21"
