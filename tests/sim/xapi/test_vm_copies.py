"""Templates, clones, copies, provisioning and snapshots."""

from typing import Any

import pytest

from labkit.sim.xapi.vms.templates import STOCK
from tests.sim.xapi.conftest import ADDRESSES, PASSWORD, Computer
from tests.sim.xapi.rooms import NULL, Room, attach, disk, interface, local
from tests.sim.xapi.vms import made, refusal


@pytest.fixture
def room(pool: Computer) -> Room:
    return Room(pool, pool.login("xcp00"))


def whole(room: Room) -> str:
    """A VM with a disk, a drive and an interface."""
    api = room.api
    vm = made(api, "whole")
    attach(api, vm, disk(api, local(api, room.here)))
    attach(api, vm, NULL, "3", type="CD", mode="RO", empty=True)
    interface(api, vm, room.network())
    return vm


def by_type(api: Any, vm: str) -> dict[str, Any]:
    return {each["type"]: each for each in map(api.VBD.get_record, api.VM.get_VBDs(vm))}


def test_every_host_brings_templates_and_a_pool_has_them_once(room: Room) -> None:
    api = room.api
    names = [vm["name_label"] for vm in api.VM.get_all_records().values() if vm["is_a_template"]]
    assert sorted(names) == sorted(each.name for each in STOCK)
    [vm] = api.VM.get_by_name_label("Debian Bookworm 12")
    assert refusal(api.VM.destroy, vm) == ["VM_IS_TEMPLATE", vm, "destroy"]
    assert refusal(api.VM.start, vm, False, False) == ["VM_IS_TEMPLATE", vm, "start"]


def test_a_vm_is_made_from_a_template(room: Room) -> None:
    api = room.api
    [template] = api.VM.get_by_name_label("Debian Bookworm 12")
    vm = room.done(api.Async.VM.clone(template, "web"))
    record = api.VM.get_record(vm)
    assert (record["is_a_template"], record["is_default_template"]) == (True, False)
    said = record["other_config"]
    assert said["base_template_name"] == "Debian Bookworm 12"
    assert "default_template" not in said
    assert refusal(api.VM.provision, vm) == ["UUID_INVALID", "sr", ""]
    sr = local(api, room.here)
    filled = said["disks"].replace('sr=""', f'sr="{api.SR.get_uuid(sr)}"')
    api.VM.set_other_config(vm, {**said, "disks": filled})
    room.done(api.Async.VM.provision(vm))
    record = api.VM.get_record(vm)
    assert record["is_a_template"] is False
    assert "disks" not in record["other_config"]
    [vbd] = map(api.VBD.get_record, record["VBDs"])
    assert (vbd["userdevice"], vbd["bootable"]) == ("0", True)
    assert api.VDI.get_SR(vbd["VDI"]) == sr
    assert refusal(api.VM.provision, vm) == ["PROVISION_ONLY_ALLOWED_ON_TEMPLATE"]
    room.done(api.Async.VM.start(vm, False, False))
    metrics = api.VM.get_guest_metrics(vm)
    assert api.VM_guest_metrics.get_os_version(metrics)["distro"] == "debianlike"


def test_a_clone_has_disks_and_addresses_of_its_own(room: Room) -> None:
    api = room.api
    vm = whole(room)
    new = room.done(api.Async.VM.clone(vm, "clone"))
    before, after = by_type(api, vm), by_type(api, new)
    assert before["Disk"]["VDI"] != after["Disk"]["VDI"]
    assert api.VDI.get_SR(after["Disk"]["VDI"]) == api.VDI.get_SR(before["Disk"]["VDI"])
    assert "owner" in after["Disk"]["other_config"]
    assert after["CD"]["empty"] is True
    macs = {api.VIF.get_MAC(api.VM.get_VIFs(each)[0]) for each in (vm, new)}
    assert len(macs) == 2
    seeds = {api.VM.get_other_config(each)["mac_seed"] for each in (vm, new)}
    assert len(seeds) == 2


def test_a_copy_has_its_disks_where_it_is_told(room: Room) -> None:
    api = room.api
    vm, shared = whole(room), room.shared()
    there = room.done(api.Async.VM.copy(vm, "there", shared))
    assert api.VDI.get_SR(by_type(api, there)["Disk"]["VDI"]) == shared
    same = room.done(api.Async.VM.copy(vm, "same", NULL))
    assert api.VDI.get_SR(by_type(api, same)["Disk"]["VDI"]) == local(api, room.here)
    [tools] = api.SR.get_by_name_label("XCP-ng Tools")
    assert refusal(api.VM.copy, vm, "no", tools)[0] == "OPERATION_NOT_ALLOWED"


def test_clones_are_made_side_by_side_and_nothing_else(room: Room) -> None:
    api = room.api
    vm = whole(room)
    tasks = [api.Async.VM.clone(vm, "one"), api.Async.VM.copy(vm, "two", NULL)]
    assert set(api.VM.get_current_operations(vm)) == set(tasks)
    assert refusal(api.VM.start, vm, False, False)[0] == "OTHER_OPERATION_IN_PROGRESS"
    assert api.VM.get_allowed_operations(vm) == ["export", "clone", "copy"]


def test_a_snapshot_is_gone_back_to(room: Room) -> None:
    api = room.api
    vm = whole(room)
    mac = api.VIF.get_MAC(api.VM.get_VIFs(vm)[0])
    snapshot = room.done(api.Async.VM.snapshot(vm, "before"))
    record = api.VM.get_record(snapshot)
    assert (record["is_a_snapshot"], record["snapshot_of"]) == (True, vm)
    assert api.VM.get_snapshots(vm) == [snapshot]
    assert api.VM.get_parent(vm) == snapshot
    kept = by_type(api, snapshot)["Disk"]["VDI"]
    assert api.VDI.get_snapshot_of(kept) == by_type(api, vm)["Disk"]["VDI"]
    assert refusal(api.VM.start, snapshot, False, False) == ["VM_IS_SNAPSHOT", snapshot, "start"]
    api.VM.set_VCPUs_max(vm, "2")
    api.VM.set_name_label(vm, "changed")
    room.done(api.Async.VM.start_on(vm, room.here, False, False))
    room.done(api.Async.VM.revert(snapshot))
    assert (api.VM.get_VCPUs_max(vm), api.VM.get_power_state(vm)) == ("1", "Halted")
    assert api.VM.get_name_label(vm) == "changed"
    assert api.VIF.get_MAC(api.VM.get_VIFs(vm)[0]) == mac
    assert by_type(api, vm)["Disk"]["VDI"] != kept
    assert api.VM.get_current_operations(vm) == {}
    room.done(api.Async.VM.start_on(vm, room.here, False, False))


def test_a_checkpoint_keeps_the_memory(room: Room) -> None:
    api = room.api
    vm = whole(room)
    room.done(api.Async.VM.start_on(vm, room.here, False, False))
    checkpoint = room.done(api.Async.VM.checkpoint(vm, "alive"))
    assert api.VM.get_power_state(checkpoint) == "Suspended"
    assert api.VM.get_power_state(vm) == "Running"
    room.done(api.Async.VM.hard_shutdown(vm))
    room.done(api.Async.VM.revert(checkpoint))
    assert api.VM.get_power_state(vm) == "Suspended"
    room.done(api.Async.VM.resume(vm, False, False))
    assert api.VM.get_power_state(vm) == "Running"


def test_suspending_takes_a_disk_and_resuming_gives_it_back(room: Room) -> None:
    api = room.api
    vm = made(api)
    room.done(api.Async.VM.start_on(vm, room.here, False, False))
    room.done(api.Async.VM.suspend(vm))
    image = api.VM.get_suspend_VDI(vm)
    assert api.VDI.get_type(image) == "suspend"
    assert (api.VM.get_power_state(vm), api.VM.get_resident_on(vm)) == ("Suspended", NULL)
    sr = api.VDI.get_SR(image)
    assert refusal(api.VM.resume_on, vm, room.there, False, False) == ["VM_REQUIRES_SR", vm, sr]
    room.done(api.Async.VM.resume_on(vm, room.here, True, False))
    assert api.VM.get_power_state(vm) == "Paused"
    assert api.VM.get_suspend_VDI(vm) == NULL
    assert refusal(api.VDI.get_uuid, image)[0] == "HANDLE_INVALID"


def test_there_may_be_nowhere_to_suspend_to(room: Room) -> None:
    vm = made(room.api)
    room.done(room.api.Async.VM.start_on(vm, room.here, False, False))
    room.api.host.set_suspend_image_sr(room.here, NULL)
    assert refusal(room.api.VM.suspend, vm) == ["VM_NO_SUSPEND_SR", vm]


def test_a_destroyed_vm_leaves_its_disks(room: Room) -> None:
    api = room.api
    vm = whole(room)
    kept = by_type(api, vm)["Disk"]["VDI"]
    api.VM.destroy(vm)
    assert refusal(api.VM.get_uuid, vm) == ["HANDLE_INVALID", "VM", vm]
    assert api.VDI.get_VBDs(kept) == []


def test_memory_and_processors_are_set_within_their_bounds(room: Room) -> None:
    api, mib = room.api, 2**20
    vm = made(api)
    api.VM.set_memory_limits(vm, "0", str(512 * mib), str(128 * mib), str(256 * mib))
    assert api.VM.get_memory_target(vm) == str(256 * mib)
    told = refusal(api.VM.set_memory_dynamic_min, vm, str(300 * mib))
    assert told[0] == "MEMORY_CONSTRAINT_VIOLATION"
    assert refusal(api.VM.set_VCPUs_at_startup, vm, "2") == [
        "INVALID_VALUE",
        "VCPUs_at_startup",
        "2",
    ]
    most = int(api.VM.maximise_memory(vm, str(1024 * mib), False))
    assert 1000 * mib < most < 1024 * mib
    room.done(api.Async.VM.start(vm, False, False))
    told = refusal(api.VM.set_memory_static_max, vm, str(1024 * mib))
    assert told == ["VM_BAD_POWER_STATE", vm, "halted", "running"]
    api.VM.set_memory_dynamic_range(vm, str(64 * mib), str(200 * mib))
    assert api.VM.get_memory_target(vm) == str(200 * mib)


def test_vms_come_along_when_their_host_joins_a_pool(computer: Computer) -> None:
    api = computer.login("xcp01")
    room = Room(computer, api, hosts=("xcp01",))
    vm, suspended = whole(room), made(api, "suspended")
    snapshot = room.done(api.Async.VM.snapshot(vm, "before"))
    room.done(api.Async.VM.start(suspended, False, False))
    room.done(api.Async.VM.suspend(suspended))
    uuids = [api.VM.get_uuid(each) for each in (vm, snapshot, suspended)]
    api.Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    computer.passes(60)
    master = computer.login("xcp00")
    vm, snapshot, suspended = map(master.VM.get_by_uuid, uuids)
    assert master.VM.get_snapshot_of(snapshot) == vm
    assert master.VM.get_parent(vm) == snapshot
    assert {vbd["type"] for vbd in by_type(master, vm).values()} == {"Disk", "CD"}
    there = Room(computer, master)
    there.done(master.Async.VM.start(vm, False, False))
    there.done(master.Async.VM.resume(suspended, False, False))
    [host] = master.host.get_by_name_label("xcp01")
    assert {vm, suspended} < set(master.host.get_resident_VMs(host))


def test_a_copy_that_comes_to_nothing_leaves_nothing(room: Room) -> None:
    api = room.api
    vm, shared = whole(room), room.shared()
    attach(api, vm, disk(api, shared), "1")
    task = api.Async.VM.clone(vm, "half")
    for each in api.SR.get_PBDs(shared):
        room.put("PBD", each, currently_attached=False)
    room.computer.passes(30)
    assert api.task.get_error_info(task) == ["SR_NO_PBDS", shared]
    assert api.VM.get_by_name_label("half") == []
    assert len(api.VBD.get_all()) == len(api.VM.get_VBDs(vm))
    assert api.VM.get_current_operations(vm) == {}


def test_a_cancelled_operation_leaves_things_as_they_were(room: Room) -> None:
    api = room.api
    vm = made(api)
    free = api.host.compute_free_memory(room.here)
    task = api.Async.VM.start_on(vm, room.here, False, False)
    assert api.host.compute_free_memory(room.here) != free
    api.task.cancel(task)
    assert (api.VM.get_power_state(vm), api.VM.get_current_operations(vm)) == ("Halted", {})
    assert api.host.compute_free_memory(room.here) == free
    room.done(api.Async.VM.start_on(vm, room.here, False, False))
    task = api.Async.VM.suspend(vm)
    disks = len(api.VDI.get_all())
    api.task.cancel(task)
    assert (api.VM.get_power_state(vm), api.VM.get_suspend_VDI(vm)) == ("Running", NULL)
    assert len(api.VDI.get_all()) == disks - 1
