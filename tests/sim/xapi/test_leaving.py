"""Hosts that leave a pool: sent away, given up, emptied, switched off."""

from typing import Any

import pytest

from labkit.sim.xapi.places import database_of
from tests.sim.xapi.conftest import ADDRESSES, PASSWORD, Computer
from tests.sim.xapi.test_master import UP, cut, host, refusal, start, states


def guest(computer: Computer, name: str, size: int = 256 << 20) -> str:
    """A VM of that size, with Xen's tools in it, that runs on a host of xcp00's pool."""
    with computer.store.turn() as world:
        db = database_of(world.machines["xcp00"])
        there = db.by_uuid("host", world.machines[name].hardware_uuid)
        memory: dict[str, Any] = dict.fromkeys(
            ("static_min", "dynamic_min", "dynamic_max", "static_max", "target"), size
        )
        return db.create(
            "VM",
            power_state="Running",
            resident_on=there,
            VCPUs_max=1,
            VCPUs_at_startup=1,
            guest_metrics=db.create("VM_guest_metrics", other={"feature-suspend": "1"}),
            **{f"memory_{which}": value for which, value in memory.items()},
        )


def test_an_ejected_host_comes_back_as_a_pool_of_its_own(pool: Computer) -> None:
    api = pool.login("xcp00")
    ejected = host(pool, api, "xcp01")
    [record] = api.pool.get_all_records().values()
    assert record["cpu_info"]["cpu_count"] == "4"
    api.Async.pool.eject(ejected)
    pool.passes(5)
    assert refusal(api.host.get_uuid, ejected) == ["HANDLE_INVALID", "host", ejected]
    assert len(api.SR.get_by_name_label("Local storage")) == 1
    assert api.pool.get_cpu_info(api.pool.get_all()[0])["cpu_count"] == "2"
    assert len(api.PIF.get_all()) == 4
    pool.passes(31)
    assert len(api.PIF.get_all()) == 2
    assert len(api.host_metrics.get_all()) == 1
    assert len([vm for vm in api.VM.get_all_records().values() if not vm["is_a_template"]]) == 1
    pool.passes(120)
    alone = pool.login("xcp01")
    assert [each["name_label"] for each in alone.host.get_all_records().values()] == ["xcp01"]
    assert len(alone.SR.get_by_name_label("Local storage")) == 1
    alone.Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    pool.passes(60)
    assert states(pool, "xcp00") == UP


def test_who_cannot_be_ejected(pool: Computer) -> None:
    api = pool.login("xcp00")
    master, member = host(pool, api, "xcp00"), host(pool, api, "xcp01")
    assert refusal(api.pool.eject, master) == ["INTERNAL_ERROR", "Xapi_pool.Cannot_eject_master"]
    vm = guest(pool, "xcp01")
    busy = ["OPERATION_NOT_ALLOWED", "VM resident on host"]
    assert refusal(api.pool.eject, member) == busy
    with pool.store.turn() as world:
        db = database_of(world.machines["xcp00"])
        db.destroy("VM", vm)
        db.put("pool", db.pool, current_operations={"OpaqueRef:t": "apply_updates"})
    assert refusal(api.pool.eject, member) == ["NOT_SUPPORTED_DURING_UPGRADE"]
    with pool.store.turn() as world:
        db = database_of(world.machines["xcp00"])
        db.put("pool", db.pool, ha_enabled=True)
    assert refusal(api.pool.eject, member) == ["HA_IS_ENABLED"]
    cut(pool, "xcp01")
    assert refusal(api.pool.eject, member) == ["HOST_OFFLINE", member]


def test_a_dead_host_is_forgotten(pool: Computer) -> None:
    api = pool.login("xcp00")
    master, member = host(pool, api, "xcp00"), host(pool, api, "xcp01")
    assert refusal(api.host.destroy, master) == ["HOST_IS_LIVE", master]
    assert refusal(api.host.destroy, member) == ["HOST_IS_LIVE", member]
    vm = guest(pool, "xcp01")
    cut(pool, "xcp01")
    assert refusal(api.host.destroy, member) == ["HOST_HAS_RESIDENT_VMS", member]
    api.host.declare_dead(member)
    assert (api.VM.get_power_state(vm), states(pool, "xcp00")["xcp01"][1]) == ("Halted", False)
    api.host.destroy(member)
    assert api.host.get_all() == [master]
    start(pool, "xcp01")
    pool.passes(20)
    uuid = pool.machine("xcp01").hardware_uuid
    assert refusal(pool.login, "xcp01") == ["HOST_UNKNOWN_TO_MASTER", uuid]


def test_a_host_is_emptied(pool: Computer) -> None:
    api = pool.login("xcp00")
    member, master = host(pool, api, "xcp01"), host(pool, api, "xcp00")
    vm = guest(pool, "xcp01")
    api.host.assert_can_evacuate(member)
    task = api.Async.host.evacuate(member)
    record = api.host.get_record(member)
    assert record["current_operations"] == {task: "evacuate"}
    assert "shutdown" not in record["allowed_operations"]
    answer = ["OTHER_OPERATION_IN_PROGRESS", "host", member, "evacuate", task]
    assert refusal(api.host.evacuate, member) == answer
    pool.passes(10)
    assert (api.task.get_status(task), api.VM.get_resident_on(vm)) == ("success", master)
    # It does not disable the host.
    assert api.host.get_enabled(member) is True


def test_what_keeps_a_host_from_being_emptied(pool: Computer) -> None:
    api = pool.login("xcp00")
    member, master = host(pool, api, "xcp01"), host(pool, api, "xcp00")
    large = guest(pool, "xcp01", 1 << 40)
    short = ["HOST_NOT_ENOUGH_FREE_MEMORY", large]
    assert api.host.get_vms_which_prevent_evacuation(member) == {large: short}
    answer = ["CANNOT_EVACUATE_HOST", ",".join(short)]
    assert refusal(api.host.assert_can_evacuate, member) == answer
    assert refusal(api.host.evacuate, member) == short
    api.host.disable(master)
    nobody = ["NO_HOSTS_AVAILABLE", large]
    assert api.host.get_vms_which_prevent_evacuation(member) == {large: nobody}
    other = guest(pool, "xcp01")
    told = refusal(api.host.assert_can_evacuate, member)
    wanted = [f"NO_HOSTS_AVAILABLE,{vm}" for vm in (large, other)]
    assert sorted(told[1].split("|")) == sorted(wanted)
    assert api.host.get_uncooperative_resident_VMs(member) == []


def test_a_disk_only_one_host_sees_keeps_its_vm_there(pool: Computer) -> None:
    vm = guest(pool, "xcp01")
    api = pool.login("xcp00")
    member = host(pool, api, "xcp01")
    with pool.store.turn() as world:
        db = database_of(world.machines["xcp00"])
        [sr] = [sr for sr in db.where("SR", type="ext") if db.where("PBD", SR=sr, host=member)]
        db.create("VBD", VM=vm, VDI=db.create("VDI", SR=sr))
    assert refusal(api.host.evacuate, member) == ["VM_REQUIRES_SR", vm, sr]


def test_a_host_is_disabled_before_it_goes_down(pool: Computer) -> None:
    api = pool.login("xcp00")
    member = host(pool, api, "xcp01")
    assert refusal(api.host.shutdown, member) == ["HOST_NOT_DISABLED"]
    assert "shutdown" not in api.host.get_allowed_operations(member)
    api.host.disable(member)
    assert "shutdown" in api.host.get_allowed_operations(member)
    api.host.reboot(member)
    # The same word for both.
    assert list(api.host.get_current_operations(member).values()) == ["shutdown"]
    assert api.host.get_allowed_operations(member) == []
    pool.passes(11)
    assert not any(api.PBD.get_currently_attached(pbd) for pbd in api.host.get_PBDs(member))
    start_up = 120
    pool.passes(start_up)
    assert states(pool, "xcp00") == UP


def test_a_host_that_starts_cannot_be_enabled_yet(pool: Computer) -> None:
    api = pool.login("xcp00")
    member = host(pool, api, "xcp01")
    cut(pool, "xcp01")
    start(pool, "xcp01")
    pool.passes(9)
    assert refusal(api.host.enable, member) == ["HOST_STILL_BOOTING"]
    pool.passes(10)
    with pool.store.turn() as world:
        database_of(world.machines["xcp00"]).put(
            "host", member, pending_guidances=["reboot_host"], enabled=False
        )
    answer = ["HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", member]
    assert refusal(api.host.enable, member) == answer


def test_a_host_is_woken(pool: Computer) -> None:
    api = pool.login("xcp00")
    member = host(pool, api, "xcp01")
    assert refusal(api.host.power_on, member) == ["HOST_IS_LIVE", member]
    api.host.disable(member)
    api.host.shutdown(member)
    pool.passes(30)
    assert refusal(api.host.power_on, member) == ["HOST_POWER_ON_MODE_DISABLED"]
    assert "power_on" not in api.host.get_allowed_operations(member)
    api.host.set_power_on_mode(member, "wake-on-lan", {})
    assert "power_on" in api.host.get_allowed_operations(member)
    api.host.power_on(member)
    pool.passes(120)
    assert states(pool, "xcp00") == UP


@pytest.mark.parametrize("code", ["apply_updates", "ha_enable"])
def test_a_pool_does_one_thing_at_a_time(pool: Computer, code: str) -> None:
    api = pool.login("xcp00")
    with pool.store.turn() as world:
        db = database_of(world.machines["xcp00"])
        db.put("pool", db.pool, current_operations={"OpaqueRef:t": code})
    member = host(pool, api, "xcp01")
    answer = [f"{code.upper()}_IN_PROGRESS"]
    assert refusal(api.pool.designate_new_master, member) == answer
