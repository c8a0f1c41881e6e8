"""Joining a pool, moment by moment as a client sees it."""

import time
from typing import Any

import pytest
import XenAPI

from labkit.sim.xapi.places import system_of
from tests.sim.xapi.conftest import ADDRESSES, PASSWORD, Computer


def join(computer: Computer, joiner: str, master: str, message: str = "join") -> Any:
    api = computer.login(joiner)
    getattr(api.pool, message)(ADDRESSES[master], "root", PASSWORD)
    return api


def refusal(call: Any, *args: object) -> list[str]:
    with pytest.raises(XenAPI.Failure) as refused:
        call(*args)
    return list(refused.value.details)


def member(computer: Computer) -> dict[str, Any]:
    """xcp01 as the master has it."""
    master = computer.login("xcp00")
    record = master.host.get_record(
        master.host.get_by_uuid(computer.machine("xcp01").hardware_uuid)
    )
    record["live"] = master.host_metrics.get_live(record["metrics"])
    return dict(record)


def test_two_hosts_become_a_pool(fast: Computer) -> None:
    assert join(fast, "xcp01", "xcp00") is not None
    deadline = time.monotonic() + 20
    while not member(fast)["enabled"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    master = fast.login("xcp00")
    hosts = master.host.get_all_records().values()
    assert sorted((host["name_label"], host["enabled"]) for host in hosts) == [
        ("xcp00", True),
        ("xcp01", True),
    ]
    assert refusal(fast.login, "xcp01") == ["HOST_IS_SLAVE", "127.0.1.200"]


def test_a_client_sees_every_moment_of_a_join(computer: Computer) -> None:
    joiner = computer.login("xcp01")
    old = joiner.pool.get_all()
    task = joiner.Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    assert joiner.task.get_status(task) == "pending"
    assert len(computer.login("xcp00").host.get_all()) == 1

    computer.passes(1)
    found = member(computer)
    assert (found["enabled"], found["live"], found["PBDs"], found["cpu_info"]) == (
        False,
        False,
        [],
        {},
    )
    computer.passes(1)
    assert len(member(computer)["PBDs"]) == 4
    assert member(computer)["PIFs"] == []
    computer.passes(1)
    assert len(member(computer)["PIFs"]) == 2
    assert member(computer)["control_domain"] == "OpaqueRef:NULL"
    computer.passes(3)
    assert (joiner.task.get_status(task), joiner.task.get_result(task)) == ("success", "")

    # Success, and yet it goes on as it was until its toolstack restarts.
    assert member(computer)["enabled"] is False
    computer.passes(9)
    assert joiner.pool.get_all() == old
    computer.passes(1.5)
    with pytest.raises((ConnectionError, OSError)):
        computer.login("xcp01")
    computer.passes(2)
    assert refusal(computer.login, "xcp01") == ["HOST_STILL_BOOTING"]
    assert member(computer)["live"] is False
    computer.passes(8)
    assert refusal(computer.login, "xcp01") == ["HOST_IS_SLAVE", "127.0.1.200"]
    assert (member(computer)["live"], member(computer)["enabled"]) == (True, False)
    computer.passes(3)
    assert member(computer)["enabled"] is True


def test_an_old_session_is_invalid_at_the_member(computer: Computer) -> None:
    session = computer.client("xcp01")
    session.xenapi.login_with_password("root", PASSWORD)
    session.xenapi.Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    ref = session.handle
    computer.passes(60)
    assert session.host.get_all(ref)["ErrorDescription"] == ["SESSION_INVALID", ref]
    # The stock client then logs in again by itself.
    assert refusal(session.xenapi.host.get_all) == ["HOST_IS_SLAVE", "127.0.1.200"]


def test_what_the_member_brings_keeps_its_uuid_but_not_its_reference(computer: Computer) -> None:
    before = computer.login("xcp01")
    [storage] = before.SR.get_by_name_label("Local storage")
    [me] = before.host.get_all()
    domain = before.VM.get_record(before.host.get_control_domain(me))
    uuid = before.SR.get_uuid(storage)
    before.Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    computer.passes(60)
    api = computer.login("xcp00")
    found = api.SR.get_record(api.SR.get_by_uuid(uuid))
    assert (found["shared"], found["type"]) == (False, "ext")
    assert refusal(api.SR.get_uuid, storage)[0] == "HANDLE_INVALID"
    after = api.VM.get_record(api.VM.get_by_uuid(domain["uuid"]))
    assert after["is_control_domain"] is True
    assert api.host.get_hostname(after["resident_on"]) == "xcp01"
    assert api.host.get_control_domain(after["resident_on"]) != "OpaqueRef:NULL"


def test_networks_meet_by_their_bridge(pool: Computer) -> None:
    api = pool.login("xcp00")
    networks = api.network.get_all_records().values()
    assert sorted(network["bridge"] for network in networks) == ["xenapi", "xenbr0", "xenbr1"]
    for network in networks:
        hosts = {api.PIF.get_host(pif) for pif in network["PIFs"]}
        assert len(hosts) == (0 if network["bridge"] == "xenapi" else 2)
    managed = [pif for pif in api.PIF.get_all_records().values() if pif["management"]]
    assert {pif["IP"] for pif in managed} == {"127.0.1.200", "127.0.1.201"}
    assert all(pif["currently_attached"] for pif in managed)


def test_the_pool_keeps_its_default_storage_and_levels_its_cpus(pool: Computer) -> None:
    api = pool.login("xcp00")
    [found] = api.pool.get_all_records().values()
    assert api.SR.get_PBDs(found["default_SR"]) == api.PBD.get_all()[3:4]
    assert api.pool.get_name_label(api.pool.get_all()[0]) == ""
    assert (found["cpu_info"]["cpu_count"], found["cpu_info"]["vendor"]) == ("4", "GenuineIntel")
    assert all(pbd["currently_attached"] for pbd in api.PBD.get_all_records().values())


def test_the_tools_are_one_repository_with_two_plugs(pool: Computer) -> None:
    api = pool.login("xcp00")
    [tools] = api.SR.get_by_name_label("XCP-ng Tools")
    assert len(api.SR.get_PBDs(tools)) == 2
    assert len(api.SR.get_by_name_label("Local storage")) == 2


def test_the_loopback_address_of_the_master_will_do(computer: Computer) -> None:
    computer.login("xcp01").Async.pool.join("127.0.1.200", "root", PASSWORD)
    computer.passes(60)
    assert member(computer)["enabled"] is True
    assert system_of(computer.machine("xcp01")).pool_conf == "slave:127.0.1.200"


def test_a_third_host_joins_too(pool: Computer) -> None:
    pool.add("xcp02")
    pool.login("xcp02").Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    pool.passes(60)
    api = pool.login("xcp00")
    assert [host["enabled"] for host in api.host.get_all_records().values()] == [True] * 3


def test_halted_and_suspended_vms_come_along(computer: Computer) -> None:
    with computer.store.turn() as world:
        machine = world.machines["xcp01"]
        db = system_of(machine).database
        assert db is not None
        for state in ("Halted", "Suspended"):
            db["VM"][f"OpaqueRef:{state}"] = {
                "uuid": f"uuid-of-{state}",
                "name_label": state,
                "power_state": state,
            }
    computer.login("xcp01").Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    computer.passes(60)
    api = computer.login("xcp00")
    for state in ("Halted", "Suspended"):
        assert api.VM.get_power_state(api.VM.get_by_uuid(f"uuid-of-{state}")) == state


def test_a_master_that_goes_away_in_the_middle_leaves_a_host_it_does_not_know(
    computer: Computer,
) -> None:
    computer.login("xcp01").Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    with computer.store.turn() as world:
        world.machines["xcp00"].power = "paused"
        world.settle(30)
    assert refusal(computer.login, "xcp01") == ["HOST_STILL_BOOTING"]
    with computer.store.turn() as world:
        world.machines["xcp00"].power = "running"
    uuid = computer.machine("xcp01").hardware_uuid
    assert refusal(computer.login, "xcp01") == ["HOST_UNKNOWN_TO_MASTER", uuid]
