"""Who is master of a pool: handed over, taken in an emergency, lost and found again."""

from typing import Any

import pytest
import XenAPI

from labkit.sha512crypt import hash_password
from labkit.sim import power
from labkit.sim.xapi import emergency, node
from labkit.sim.xapi.places import database_of, system_of
from tests.sim.xapi.conftest import ADDRESSES, PASSWORD, Computer


def refusal(call: Any, *args: object) -> list[str]:
    with pytest.raises(XenAPI.Failure) as refused:
        call(*args)
    return list(refused.value.details)


def host(computer: Computer, api: Any, name: str) -> str:
    return str(api.host.get_by_uuid(computer.machine(name).hardware_uuid))


def cut(computer: Computer, name: str) -> None:
    with computer.store.turn() as world:
        power.turn_off(world, world.machines[name])


def start(computer: Computer, name: str) -> None:
    with computer.store.turn() as world:
        machine = world.machines[name]
        power.turn_on(world, machine)
        assert machine.memory is not None
        machine.memory.due.clear()
        node.xapi_starting(world, machine)


def locally(computer: Computer, name: str) -> Any:
    """Logged in at a host itself, whoever is master."""
    session = computer.client(name)
    session.slave_local_login_with_password("root", PASSWORD)
    return session.xenapi


def states(computer: Computer, master: str) -> dict[str, tuple[bool, bool]]:
    api = computer.login(master)
    return {
        each["name_label"]: (each["enabled"], api.host_metrics.get_live(each["metrics"]))
        for each in api.host.get_all_records().values()
    }


UP = {"xcp00": (True, True), "xcp01": (True, True)}


def test_a_pool_changes_its_master(pool: Computer) -> None:
    api = pool.login("xcp00")
    api.Async.pool.designate_new_master(host(pool, api, "xcp01"))
    [record] = api.pool.get_all_records().values()
    assert list(record["current_operations"].values()) == ["designate_new_master"]
    assert "designate_new_master" not in record["allowed_operations"]
    pool.passes(5)
    # Everybody goes on as before until their toolstacks restart.
    assert refusal(pool.login, "xcp01") == ["HOST_IS_SLAVE", "127.0.1.200"]
    pool.passes(60)
    assert refusal(pool.login, "xcp00") == ["HOST_IS_SLAVE", "127.0.1.201"]
    assert states(pool, "xcp01") == UP
    api = pool.login("xcp01")
    [record] = api.pool.get_all_records().values()
    assert (record["master"], record["current_operations"]) == (host(pool, api, "xcp01"), {})
    with pool.store.turn(reading=True) as world:
        db = database_of(world.machines["xcp01"])
        assert [db.get("message", each, "name") for each in db.refs("message")] == [
            "POOL_MASTER_TRANSITION"
        ]


def test_the_master_stays_who_it_is(pool: Computer) -> None:
    api = pool.login("xcp00")
    api.pool.designate_new_master(host(pool, api, "xcp00"))
    pool.passes(60)
    assert states(pool, "xcp00") == UP


def test_a_pool_changes_its_master_once_at_a_time(pool: Computer) -> None:
    api = pool.login("xcp00")
    other = host(pool, api, "xcp01")
    api.Async.pool.designate_new_master(other)
    assert refusal(api.pool.designate_new_master, other) == ["DESIGNATE_NEW_MASTER_IN_PROGRESS"]


def test_a_member_that_is_off_cannot_become_master(pool: Computer) -> None:
    api = pool.login("xcp00")
    other = host(pool, api, "xcp01")
    cut(pool, "xcp01")
    assert refusal(api.pool.designate_new_master, other) == ["HOST_OFFLINE", other]


def test_one_member_that_does_not_agree_stops_the_change(pool: Computer) -> None:
    pool.add("xcp02")
    pool.login("xcp02").Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    pool.passes(60)
    api = pool.login("xcp00")
    task = api.Async.pool.designate_new_master(host(pool, api, "xcp01"))
    cut(pool, "xcp02")
    pool.passes(5)
    assert api.task.get_error_info(task)[0] == "HOST_OFFLINE"
    pool.passes(30)
    assert refusal(pool.login, "xcp01") == ["HOST_IS_SLAVE", "127.0.1.200"]


def test_a_slave_takes_over_and_calls_the_others(pool: Computer) -> None:
    pool.add("xcp02")
    pool.login("xcp02").Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    pool.passes(60)
    cut(pool, "xcp00")
    locally(pool, "xcp01").pool.emergency_transition_to_master()
    pool.passes(40)
    api = pool.login("xcp01")
    assert api.pool.get_master(api.pool.get_all()[0]) == host(pool, api, "xcp01")
    assert states(pool, "xcp01")["xcp02"][0] in (True, False)
    assert api.pool.recover_slaves() == [host(pool, api, "xcp02")]
    pool.passes(60)
    assert refusal(pool.login, "xcp02") == ["HOST_IS_SLAVE", "127.0.1.201"]
    assert states(pool, "xcp01")["xcp02"] == (True, True)
    # The old master finds at its start that it is none any more.
    start(pool, "xcp00")
    pool.passes(60)
    assert refusal(pool.login, "xcp00") == ["HOST_IS_SLAVE", "127.0.1.201"]
    assert states(pool, "xcp01")["xcp00"] == (True, True)


def test_a_slave_without_its_master_falls_into_an_emergency(pool: Computer) -> None:
    cut(pool, "xcp00")
    assert refusal(pool.login, "xcp01")[0] == "HOST_IS_SLAVE"
    pool.passes(120)
    assert refusal(pool.login, "xcp01") == ["HOST_STILL_BOOTING"]
    start(pool, "xcp00")
    pool.passes(60)
    assert states(pool, "xcp00") == UP


def test_a_slave_is_told_of_another_master_by_hand(pool: Computer) -> None:
    locally(pool, "xcp01").pool.emergency_reset_master("192.168.1.99")
    pool.passes(60)
    assert refusal(pool.login, "xcp01") == ["HOST_STILL_BOOTING"]
    locally(pool, "xcp01").pool.emergency_reset_master(ADDRESSES["xcp00"])
    pool.passes(60)
    assert states(pool, "xcp00") == UP


def test_an_emergency_call_needs_a_session(pool: Computer) -> None:
    session = pool.client("xcp01")
    answer = session.pool.emergency_transition_to_master("OpaqueRef:none")
    assert answer["ErrorDescription"] == ["SESSION_INVALID", "OpaqueRef:none"]


def test_a_host_that_is_its_own_slave_says_so(pool: Computer) -> None:
    locally(pool, "xcp01").pool.emergency_reset_master(ADDRESSES["xcp01"])
    pool.passes(30)
    assert refusal(pool.login, "xcp01") == ["HOST_ITS_OWN_SLAVE"]


def test_a_host_whose_address_is_taken_cannot_be_talked_back_to(pool: Computer) -> None:
    cut(pool, "xcp01")
    pool.add("xcp02")
    with pool.store.turn() as world:
        # Both at one address: who was there first is who is found.
        system = system_of(world.machines["xcp01"])
        system.management["address"] = ADDRESSES["xcp02"]
        machines = world.machines
        machines["xcp01"] = machines.pop("xcp01")
    start(pool, "xcp01")
    pool.passes(30)
    with pool.store.turn() as world:
        answer = emergency.reason(world, world.machines["xcp01"])
        assert answer.description == ["HOST_MASTER_CANNOT_TALK_BACK", "127.0.1.202"]
        system_of(world.machines["xcp01"]).management["address"] = ""
        answer = emergency.reason(world, world.machines["xcp01"])
        assert answer.description == ["HOST_HAS_NO_MANAGEMENT_IP"]


def test_a_member_takes_the_password_of_its_pool(computer: Computer) -> None:
    with computer.store.turn() as world:
        mine = system_of(world.machines["xcp01"])
        other = mine.root_hash
        mine.root_hash = hash_password("another", rounds=1000)
    computer.login("xcp01", "another").Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    computer.passes(60)
    assert system_of(computer.machine("xcp01")).root_hash == other
    locally(computer, "xcp01")


def test_a_master_that_gives_its_interface_up_is_not_reached_any_more(computer: Computer) -> None:
    computer.login("xcp00").host.management_disable()
    with pytest.raises((ConnectionError, OSError)):
        computer.login("xcp00")


def test_a_slave_needs_its_management_interface(pool: Computer) -> None:
    answer = refusal(locally(pool, "xcp01").host.management_disable)
    assert answer == ["SLAVE_REQUIRES_MANAGEMENT_INTERFACE"]


def test_a_toolstack_restarts_on_request(pool: Computer) -> None:
    api = pool.login("xcp00")
    api.host.restart_agent(host(pool, api, "xcp01"))
    pool.passes(2)
    with pytest.raises((ConnectionError, OSError)):
        pool.login("xcp01")
    pool.passes(30)
    assert states(pool, "xcp00") == UP
