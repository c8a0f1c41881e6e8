"""Where a VM can start, and why not: every reason in XAPI's order."""

from typing import Any

import pytest

from tests.sim.xapi.conftest import Computer
from tests.sim.xapi.rooms import Room, attach, disk, interface, local
from tests.sim.xapi.vms import MIB, done, failed, made, refusal


class Place(Room):
    """With a VM that is to start."""

    def __init__(self, computer: Computer, api: Any) -> None:
        super().__init__(computer, api)
        self.vm = made(api)


@pytest.fixture
def room(pool: Computer) -> Place:
    return Place(pool, pool.login("xcp00"))


def _insane(room: Place) -> list[str]:
    room.put("VM", room.vm, VCPUs_at_startup=0)
    return ["INVALID_VALUE", "VCPUs_at_startup", "0 is not between 1 and 1"]


def _dead(room: Place) -> list[str]:
    room.put("host_metrics", room.api.host.get_metrics(room.there), live=False)
    return ["HOST_NOT_LIVE"]


def _disabled(room: Place) -> list[str]:
    room.api.host.disable(room.there)
    return ["HOST_DISABLED", room.there]


def _platform(room: Place) -> list[str]:
    room.put("VM", room.vm, hardware_platform_version=7)
    code = "VM_HOST_INCOMPATIBLE_VIRTUAL_HARDWARE_PLATFORM_VERSION"
    return [code, room.there, "[0; 1; 2]", room.vm, "7"]


def _cpu(room: Place) -> list[str]:
    flags = {"vendor": "AuthenticAMD", "features": "0"}
    room.put("VM", room.vm, power_state="Suspended", last_boot_CPU_flags=flags)
    reason = "The VM was started on a CPU of another vendor."
    return ["VM_INCOMPATIBLE_WITH_THIS_HOST", room.vm, room.there, reason]


def _storage(room: Place) -> list[str]:
    sr = local(room.api, room.here)
    attach(room.api, room.vm, disk(room.api, sr))
    return ["VM_REQUIRES_SR", room.vm, sr]


def _no_interface(room: Place) -> list[str]:
    [network] = room.api.network.get_by_name_label("Pool-wide network associated with eth1")
    interface(room.api, room.vm, network)
    pifs = [
        pif
        for pif in room.api.network.get_PIFs(network)
        if room.api.PIF.get_host(pif) == room.there
    ]
    [mine] = pifs
    room.change(lambda db: db.destroy("PIF", mine))
    return ["VM_REQUIRES_NETWORK", room.vm, network]


def _bonded(room: Place) -> list[str]:
    [network] = room.api.network.get_by_name_label("Pool-wide network associated with eth1")
    interface(room.api, room.vm, network)
    for pif in room.api.network.get_PIFs(network):
        room.put("PIF", pif, bond_slave_of="OpaqueRef:bond")
    return ["HOST_CANNOT_ATTACH_NETWORK", room.there, network]


def _no_hvm(room: Place) -> list[str]:
    room.put("host", room.there, capabilities=["xen-3.0-x86_64"])
    return ["VM_HVM_REQUIRED", room.vm]


def _memory(room: Place) -> list[str]:
    room.api.VM.set_memory(room.vm, str(64 * 1024 * MIB))
    needed = 64 * 1024 * MIB + int(room.api.VM.get_memory_overhead(room.vm))
    return ["HOST_NOT_ENOUGH_FREE_MEMORY", str(needed), str(3072 * MIB)]


def _cpus(room: Place) -> list[str]:
    room.api.VM.set_VCPUs_max(room.vm, "8")
    return ["HOST_NOT_ENOUGH_PCPUS", "8", "2"]


ROWS = [
    _insane,
    _dead,
    _disabled,
    _platform,
    _cpu,
    _storage,
    _no_interface,
    _bonded,
    _no_hvm,
    _memory,
    _cpus,
]


@pytest.mark.parametrize("at", range(len(ROWS)), ids=[row.__name__[1:] for row in ROWS])
def test_the_first_reason_is_told(room: Place, at: int) -> None:
    told = ROWS[at](room)
    api = room.api
    assert refusal(api.VM.assert_can_boot_here, room.vm, room.there) == told
    if ROWS[at] is not _cpu:
        assert refusal(api.VM.start_on, room.vm, room.there, False, False) == told
    # What comes later in the order is not heard of.
    later = [row for row in ROWS[at + 1 :] if {row, ROWS[at]} != {_no_interface, _bonded}]
    for row in later[:3]:
        if row not in (_bonded, _cpu):
            row(room)
    again = refusal(api.VM.assert_can_boot_here, room.vm, room.there)
    # More processors take more memory.
    assert again == told or (ROWS[at] is _memory and again[0] == told[0])
    possible = api.VM.get_possible_hosts(room.vm)
    assert room.there not in possible or ROWS[at] is _cpu


def test_a_vm_is_not_started_where_nobody_has_it(room: Place) -> None:
    api = room.api
    for host in (room.here, room.there):
        api.host.disable(host)
    assert refusal(api.VM.start, room.vm, False, False) == ["NO_HOSTS_AVAILABLE"]
    api.host.enable(room.there)
    done(room.computer, api, api.Async.VM.start(room.vm, False, False))
    assert api.VM.get_resident_on(room.vm) == room.there


def test_a_vm_is_not_started_on_a_host_that_is_being_emptied(room: Place) -> None:
    room.put("host", room.there, current_operations={"OpaqueRef:task": "evacuate"})
    for _ in range(4):
        room.done(room.api.Async.VM.start(room.vm, False, False))
        assert room.api.VM.get_resident_on(room.vm) == room.here
        room.done(room.api.Async.VM.hard_shutdown(room.vm))


def test_only_memory_is_short(room: Place) -> None:
    told = _memory(room)
    assert refusal(room.api.VM.start, room.vm, False, False) == told
    assert failed(room.computer, room.api, room.api.Async.VM.start(room.vm, False, False)) == told


def test_a_vm_starts_on_the_host_it_likes(room: Place) -> None:
    room.api.VM.set_affinity(room.vm, room.here)
    for _ in range(3):
        done(room.computer, room.api, room.api.Async.VM.start(room.vm, False, False))
        assert room.api.VM.get_resident_on(room.vm) == room.here
        done(room.computer, room.api, room.api.Async.VM.hard_shutdown(room.vm))


def _spread(room: Place, seed: int) -> list[str]:
    with room.computer.store.turn() as world:
        world.seed, world.draws = seed, 0
    found = []
    for _ in range(12):
        done(room.computer, room.api, room.api.Async.VM.start(room.vm, False, False), seconds=5)
        found.append(str(room.api.VM.get_resident_on(room.vm)))
        done(room.computer, room.api, room.api.Async.VM.hard_shutdown(room.vm), seconds=2)
    return found


def test_chance_is_the_same_with_the_same_seed_and_leans_away_from_the_master(room: Place) -> None:
    once = _spread(room, 6)
    assert _spread(room, 6) == once
    assert once.count(room.there) > once.count(room.here) > 0


def test_a_network_that_leads_nowhere_is_at_one_host(room: Place) -> None:
    api = room.api
    room.change(lambda db: db.create("network", name_label="inside", bridge="xapi0"))
    [network] = api.network.get_by_name_label("inside")
    interface(api, room.vm, network)
    done(room.computer, api, api.Async.VM.start_on(room.vm, room.here, False, False))
    other = made(api, "other")
    interface(api, other, network)
    told = ["VM_REQUIRES_NETWORK", other, network]
    assert refusal(api.VM.assert_can_boot_here, other, room.there) == told
    assert api.VM.get_possible_hosts(other) == [room.here]
    api.network.add_to_other_config(network, "assume_network_is_shared", "true")
    assert set(api.VM.get_possible_hosts(other)) == {room.here, room.there}


def test_a_scheduled_vm_has_one_possible_host(room: Place) -> None:
    room.api.Async.VM.start_on(room.vm, room.there, False, False)
    assert room.api.VM.get_possible_hosts(room.vm) == [room.there]
