"""Disks: made, copied and moved, within a repository and between the hosts' own."""

from pathlib import Path
from typing import Any

import pytest

from labkit.sim.xapi.places import database_of, system_of
from tests.sim.xapi.conftest import Computer
from tests.sim.xapi.storage import (
    GIB,
    NULL,
    SERVER,
    SHARE,
    after,
    disk,
    failure,
    host,
    made,
)

COPYING = 30


def local(api: Any, name: str) -> Any:
    """The local repository of a host."""
    for sr in api.SR.get_by_name_label("Local storage"):
        [pbd] = api.SR.get_PBDs(sr)
        if api.PBD.get_host(pbd) == host(api, name):
            return sr
    raise AssertionError(name)


def vm_with(pool: Computer, *vdis: Any, state: str = "Halted", on: str = "") -> str:
    """A VM with these disks."""
    running = state == "Running"
    there = host(pool.login("xcp00"), on) if on else NULL
    with pool.store.turn() as world:
        db = database_of(world.machines["xcp00"])
        vm = db.create("VM", power_state=state, resident_on=there)
        for at, vdi in enumerate(vdis):
            fields = {"userdevice": str(at), "type": "Disk", "mode": "RW"}
            db.create("VBD", VM=vm, VDI=vdi, currently_attached=running, **fields)
    return vm


def test_a_disk_is_made_in_whole_blocks_and_counted(computer: Computer) -> None:
    sr = made(computer, "nfs", SHARE)
    api = computer.login("xcp00")
    vdi = disk(api, sr, GIB + 1, name_description="big", tags=["a"])
    record = api.VDI.get_record(vdi)
    assert record["virtual_size"] == str(GIB + 2 * 1024**2)
    assert (record["name_label"], record["tags"], record["managed"]) == ("disk", ["a"], True)
    assert record["location"] == record["uuid"]
    # Room is taken as the disk is written to.
    assert 0 < int(record["physical_utilisation"]) < 1024**2
    assert api.SR.get_virtual_allocation(sr) == record["virtual_size"]
    assert api.SR.get_physical_utilisation(sr) == record["physical_utilisation"]
    api.VDI.destroy(vdi)
    assert api.SR.get_VDIs(sr) == []
    assert api.SR.get_physical_utilisation(sr) == "0"


def test_a_logical_volume_takes_all_its_room_at_once(computer: Computer) -> None:
    with computer.store.turn() as world:
        system_of(world.machines["xcp00"]).volumes["/dev/sdb"] = {"size": 10 * GIB}
    sr = made(computer, "lvm", {"device": "/dev/sdb"}, shared=False)
    api = computer.login("xcp00")
    vdi = disk(api, sr, 8 * GIB)
    assert api.SR.get_physical_utilisation(sr) == str(8 * GIB)
    assert failure(disk, api, sr, 3 * GIB)[0] == "SR_BACKEND_FAILURE_44"
    call: Any = (api.Async.VDI.copy, vdi, sr)
    assert failure(after, computer, *call) == ["SR_FULL", str(8 * GIB), str(2 * GIB)]


@pytest.mark.parametrize("size", [0, -1, 3 * 1024 * GIB])
def test_a_disk_has_a_size_that_a_disk_can_have(computer: Computer, size: int) -> None:
    api = computer.login("xcp00")
    assert failure(disk, api, local(api, "xcp00"), size)[0] == "SR_BACKEND_FAILURE_79"


def test_a_disk_grows_and_never_shrinks(computer: Computer) -> None:
    api = computer.login("xcp00")
    vdi = disk(api, local(api, "xcp00"))
    api.VDI.resize(vdi, str(2 * GIB))
    assert api.VDI.get_virtual_size(vdi) == str(2 * GIB)
    assert failure(api.VDI.resize, vdi, str(GIB))[0] == "SR_BACKEND_FAILURE_79"
    api.VDI.set_read_only(vdi, True)
    assert failure(api.VDI.resize, vdi, str(4 * GIB)) == ["VDI_READONLY", vdi]


def test_snapshots_know_what_they_are_of(computer: Computer) -> None:
    api = computer.login("xcp00")
    vdi = disk(api, local(api, "xcp00"))
    snapshot, clone = api.VDI.snapshot(vdi), api.VDI.clone(vdi)
    assert api.VDI.get_snapshots(vdi) == [snapshot]
    assert api.VDI.get_is_a_snapshot(snapshot) is True
    assert api.VDI.get_snapshot_of(snapshot) == vdi
    assert api.VDI.get_is_a_snapshot(clone) is False
    api.VDI.set_sharable(vdi, True)
    assert failure(api.VDI.snapshot, vdi) == ["VDI_IS_SHARABLE", vdi]
    api.VDI.destroy(vdi)
    assert api.VDI.get_snapshot_of(snapshot) == NULL


def test_a_disk_in_a_drive_leaves_it_empty(computer: Computer) -> None:
    api = computer.login("xcp00")
    vdi = disk(api, local(api, "xcp00"))
    vm = vm_with(computer, vdi)
    assert len(api.VM.get_VBDs(vm)) == 1
    api.VDI.destroy(vdi)
    assert api.VM.get_VBDs(vm) == []


def test_a_copy_goes_from_one_hosts_storage_to_anothers(pool: Computer) -> None:
    api = pool.login("xcp00")
    vdi, target = disk(api, local(api, "xcp00")), local(api, "xcp01")
    task = api.Async.VDI.copy(vdi, target)
    assert list(api.VDI.get_current_operations(vdi).values()) == ["copy"]
    assert api.VDI.get_allowed_operations(vdi) == []
    assert failure(api.VDI.destroy, vdi)[0] == "OTHER_OPERATION_IN_PROGRESS"
    # Ten seconds and a bit for a gibibyte.
    pool.passes(10)
    assert api.task.get_status(task) == "pending"
    pool.passes(5)
    assert api.task.get_status(task) == "success"
    [copied] = api.SR.get_VDIs(target)
    assert api.VDI.get_name_label(copied) == "disk"
    assert api.VDI.get_virtual_size(copied) == str(GIB)
    assert api.VDI.get_current_operations(vdi) == {}


def test_a_copy_may_fill_a_disk_that_is_there(pool: Computer) -> None:
    api = pool.login("xcp00")
    vdi = disk(api, local(api, "xcp00"))
    small, large = (disk(api, local(api, "xcp01"), size) for size in (GIB // 2, 2 * GIB))
    assert after(pool, api.Async.VDI.copy, vdi, NULL, NULL, large) == large
    too_small = failure(api.VDI.copy, vdi, NULL, NULL, small)
    assert too_small == ["VDI_TOO_SMALL", small, str(GIB)]


def test_a_disk_of_no_vm_does_not_migrate(pool: Computer) -> None:
    api = pool.login("xcp00")
    vdi = disk(api, local(api, "xcp00"))
    call: Any = (api.VDI.pool_migrate, vdi, local(api, "xcp01"), {})
    assert failure(*call) == ["VDI_NEEDS_VM_FOR_MIGRATE", vdi]


def test_a_halted_vms_disk_does_not_go_from_host_to_host(pool: Computer) -> None:
    api = pool.login("xcp00")
    vdi, target = disk(api, local(api, "xcp00")), local(api, "xcp01")
    vm_with(pool, vdi)
    assert failure(api.VDI.pool_migrate, vdi, target, {}) == ["NO_HOSTS_AVAILABLE"]


def test_a_halted_vms_disk_goes_where_its_host_sees_both(pool: Computer) -> None:
    sr = made(pool, "nfs", SHARE)
    api = pool.login("xcp00")
    vdi = disk(api, local(api, "xcp01"))
    vm = vm_with(pool, vdi)
    new = after(pool, api.Async.VDI.pool_migrate, vdi, sr, {}, seconds=COPYING)
    assert new != vdi
    assert (api.VDI.get_SR(new), api.VDI.get_name_label(new)) == (sr, "disk")
    assert failure(api.VDI.get_SR, vdi)[0] == "HANDLE_INVALID"
    [vbd] = api.VM.get_VBDs(vm)
    assert api.VBD.get_VDI(vbd) == new
    assert api.VM.get_current_operations(vm) == {}


def test_a_running_vm_goes_with_its_only_disk(pool: Computer) -> None:
    api = pool.login("xcp00")
    vdi, target = disk(api, local(api, "xcp00")), local(api, "xcp01")
    vm = vm_with(pool, vdi, state="Running", on="xcp00")
    new = after(pool, api.Async.VDI.pool_migrate, vdi, target, {}, seconds=COPYING)
    assert api.VDI.get_SR(new) == target
    assert api.VM.get_resident_on(vm) == host(api, "xcp01")


def test_a_running_vm_with_a_disk_left_behind_stays(pool: Computer) -> None:
    api = pool.login("xcp00")
    vdis = [disk(api, local(api, "xcp00")) for _ in range(2)]
    vm_with(pool, *vdis, state="Running", on="xcp00")
    call: Any = (api.VDI.pool_migrate, vdis[0], local(api, "xcp01"), {})
    assert failure(*call) == ["NO_HOSTS_AVAILABLE"]


def test_a_running_vm_stays_where_it_sees_the_new_storage(pool: Computer) -> None:
    sr = made(pool, "nfs", SHARE)
    api = pool.login("xcp00")
    vdi = disk(api, local(api, "xcp01"))
    vm = vm_with(pool, vdi, state="Running", on="xcp01")
    after(pool, api.Async.VDI.pool_migrate, vdi, sr, {}, seconds=COPYING)
    assert api.VM.get_resident_on(vm) == host(api, "xcp01")


def test_an_iso_repository_takes_no_moving_disk(pool: Computer) -> None:
    sr = made(pool, "iso", {"location": f"{SERVER}:/srv/isos"}, content="iso")
    api = pool.login("xcp00")
    vdi = disk(api, local(api, "xcp00"))
    vm_with(pool, vdi)
    code, *params = failure(api.VDI.pool_migrate, vdi, sr, {})
    assert (code, params) == (
        "SR_DOES_NOT_SUPPORT_MIGRATION",
        [sr, "VDI_SNAPSHOT", "VDI_MIRROR"],
    )


def test_a_copy_that_was_under_way_when_the_master_ended_is_over(pool: Computer) -> None:
    from labkit.sim.xapi import node

    api = pool.login("xcp00")
    vdi = disk(api, local(api, "xcp00"))
    api.Async.VDI.copy(vdi, local(api, "xcp01"))
    with pool.store.turn() as world:
        machine = world.machines["xcp00"]
        node.xapi_stopping(world, machine)
        node.xapi_starting(world, machine)
    pool.passes(60)
    api = pool.login("xcp00")
    assert api.VDI.get_current_operations(vdi) == {}
    assert api.SR.get_VDIs(local(api, "xcp01")) == []


def test_what_no_driver_can_is_refused(computer: Computer) -> None:
    api = computer.login("xcp00")
    sr = local(api, "xcp00")
    vdi = disk(api, sr)
    introduce: Any = ("", "x", "", sr, "user", False, False, {}, "somewhere")
    assert failure(api.VDI.introduce, *introduce) == ["SR_OPERATION_NOT_SUPPORTED", sr]
    assert failure(api.VDI.resize_online, vdi, str(2 * GIB)) == ["MESSAGE_REMOVED"]
    assert failure(api.VDI.open_database, vdi) == ["NOT_IMPLEMENTED", "VDI.open_database"]
    missing = failure(api.VDI.create, {"name_label": "x", "SR": sr})
    assert missing == ["FIELD_TYPE_ERROR", "virtual_size"]


@pytest.mark.parametrize("generation", ["xcp-1.6", "xcp-ng-8.2"])
def test_hosts_of_every_release_have_disks(tmp_path: Path, generation: str) -> None:
    old = Computer(tmp_path / "sim", speed=0.001)
    try:
        old.add("xcp00", generation)
        sr = made(old, "nfs", SHARE)
        api = old.login("xcp00")
        vdi = disk(api, sr)
        words = {"clone", "copy", "destroy", "forget", "mirror", "resize", "snapshot"}
        assert words <= set(api.VDI.get_allowed_operations(vdi))
        copied = after(old, api.Async.VDI.copy, api.VDI.snapshot(vdi), sr)
        assert len(api.SR.get_VDIs(sr)) == 3
        online = failure(api.VDI.resize_online, copied, str(2 * GIB))
        without = ["SR_OPERATION_NOT_SUPPORTED", sr]
        assert online == (without if generation == "xcp-1.6" else ["MESSAGE_REMOVED"])
    finally:
        old.close()
