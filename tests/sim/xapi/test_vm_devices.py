"""Disks, drives and interfaces of VMs."""

import pytest

from tests.sim.xapi.conftest import Computer
from tests.sim.xapi.rooms import NULL, Room, attach, disk, interface, local
from tests.sim.xapi.vms import made, refusal


@pytest.fixture
def room(pool: Computer) -> Room:
    return Room(pool, pool.login("xcp00"))


def test_slots_are_given_out_once(room: Room) -> None:
    api = room.api
    vm, sr = made(api), local(api, room.here)
    assert api.VM.get_allowed_VBD_devices(vm)[:2] == ["0", "1"]
    attach(api, vm, disk(api, sr))
    found = attach(api, vm, disk(api, sr), "autodetect")
    assert api.VBD.get_userdevice(found) == "1"
    assert refusal(attach, api, vm, disk(api, sr), "0") == ["DEVICE_ALREADY_EXISTS", "0"]
    assert refusal(attach, api, vm, disk(api, sr), "99") == ["INVALID_DEVICE", "99"]
    interface(api, vm, room.network())
    assert api.VM.get_allowed_VIF_devices(vm)[0] == "1"
    assert refusal(interface, api, vm, room.network()) == ["DEVICE_ALREADY_EXISTS", "0"]


def test_a_disk_is_plugged_and_unplugged_while_the_vm_runs(room: Room) -> None:
    api = room.api
    vm, sr = made(api), local(api, room.here)
    vbd = attach(api, vm, disk(api, sr))
    assert refusal(api.VBD.plug, vbd)[0] == "VM_BAD_POWER_STATE"
    room.done(api.Async.VM.start_on(vm, room.here, False, False))
    assert api.VBD.get_currently_attached(vbd)
    assert api.VBD.get_allowed_operations(vbd) == ["unplug", "unplug_force"]
    assert refusal(api.VBD.plug, vbd) == ["DEVICE_ALREADY_ATTACHED", vbd]
    assert refusal(api.VBD.destroy, vbd)[0] == "OPERATION_NOT_ALLOWED"
    api.VBD.unplug(vbd)
    assert refusal(api.VBD.unplug, vbd) == ["DEVICE_ALREADY_DETACHED", vbd]
    api.VBD.destroy(vbd)
    far = attach(api, vm, disk(api, local(api, room.there)), "5")
    assert refusal(api.VBD.plug, far)[0] == "VM_REQUIRES_SR"


def test_a_disk_is_written_by_one_vm_at_a_time(room: Room) -> None:
    api = room.api
    vdi = disk(api, local(api, room.here))
    one, two = made(api, "one"), made(api, "two")
    attach(api, one, vdi)
    attach(api, two, vdi)
    room.done(api.Async.VM.start_on(one, room.here, False, False))
    assert refusal(api.VM.start_on, two, room.here, False, False)[:2] == ["VDI_IN_USE", vdi]


def test_a_drive_is_filled_and_emptied(room: Room) -> None:
    api = room.api
    vm = made(api)
    vbd = attach(api, vm, NULL, "3", type="CD", mode="RO", empty=True)
    hard = attach(api, vm, disk(api, local(api, room.here)))
    [tools] = api.SR.get_by_name_label("XCP-ng Tools")
    discs = api.SR.get_VDIs(tools)
    assert refusal(api.VBD.eject, vbd) == ["VBD_IS_EMPTY", vbd]
    assert refusal(api.VBD.eject, hard) == ["VBD_NOT_REMOVABLE_MEDIA", hard]
    plain = api.VBD.get_VDI(hard)
    assert refusal(api.VBD.insert, vbd, plain)[:2] == ["VDI_INCOMPATIBLE_TYPE", plain]
    for disc in discs[:1]:
        api.VBD.insert(vbd, disc)
        assert refusal(api.VBD.insert, vbd, disc) == ["VBD_NOT_EMPTY", vbd]
        api.VBD.eject(vbd)
    assert api.VBD.get_empty(vbd)
    assert "insert" in api.VBD.get_allowed_operations(vbd)


def test_what_cannot_be_a_device(room: Room) -> None:
    api = room.api
    vm, vdi = made(api), disk(api, local(api, room.here))
    assert refusal(attach, api, vm, vdi, type="CD")[0] == "VBD_CDS_MUST_BE_READONLY"
    assert refusal(attach, api, vm, vdi, mode="RO")[0] == "DISK_VBD_MUST_BE_READWRITE_FOR_HVM"
    assert refusal(attach, api, vm, NULL) == ["HANDLE_INVALID", "VDI", NULL]
    told = refusal(interface, api, vm, room.network(), MAC="01:02:03:04:05:06")
    assert told == ["MAC_INVALID", "01:02:03:04:05:06"]


def test_an_interface_moves_and_its_guest_has_another_address(room: Room) -> None:
    api = room.api
    vm = made(api)
    vif = interface(api, vm, room.network(), MAC="02:00:00:0A:0B:0C")
    room.done(api.Async.VM.start(vm, False, False))
    metrics = api.VM.get_guest_metrics(vm)
    networks = api.VM_guest_metrics.get_networks(metrics)
    assert networks == {"0/ip": "10.10.11.12", "0/ipv4/0": "10.10.11.12"}
    [inside] = api.network.get_by_name_label("Host internal management network")
    api.VIF.move(vif, inside)
    assert api.VM_guest_metrics.get_networks(metrics) == {}
    api.VIF.configure_ipv4(vif, "Static", "192.168.1.77/24", "192.168.1.1")
    assert api.VM_guest_metrics.get_networks(metrics)["0/ip"] == "192.168.1.77"
    api.VIF.unplug(vif)
    assert api.VM_guest_metrics.get_networks(metrics) == {}
    assert api.VIF.get_allowed_operations(vif) == ["attach", "plug"]


def test_an_interface_is_locked_to_addresses(room: Room) -> None:
    api = room.api
    vif = interface(api, made(api), room.network())
    assert api.VIF.get_locking_mode(vif) == "network_default"
    api.VIF.set_locking_mode(vif, "locked")
    api.VIF.set_ipv4_allowed(vif, ["192.168.1.7"])
    api.VIF.add_ipv4_allowed(vif, "192.168.1.8")
    api.VIF.remove_ipv4_allowed(vif, "192.168.1.7")
    assert api.VIF.get_ipv4_allowed(vif) == ["192.168.1.8"]
    told = refusal(api.VIF.add_ipv4_allowed, vif, "no address")
    assert told == ["INVALID_IP_ADDRESS_SPECIFIED", "no address"]
