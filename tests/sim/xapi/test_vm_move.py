"""Moving VMs between hosts, with their disks where they are or along with them."""

from pathlib import Path
from typing import Any

import pytest

from labkit.sim.power import turn_off
from tests.sim.xapi.conftest import ADDRESSES, PASSWORD, Computer
from tests.sim.xapi.rooms import Room, attach, disk, interface, local
from tests.sim.xapi.vms import in_state, made, refusal


@pytest.fixture
def room(pool: Computer) -> Room:
    return Room(pool, pool.login("xcp00"))


def running(room: Room, sr: str = "", **more: Any) -> str:
    """A VM that runs on the first host, its disk in a repository."""
    vm = made(room.api, **more)
    if sr:
        attach(room.api, vm, disk(room.api, sr))
    room.done(room.api.Async.VM.start_on(vm, room.here, False, False))
    return vm


def test_a_running_vm_moves(room: Room) -> None:
    api = room.api
    vm = running(room, room.shared())
    free = int(api.host.compute_free_memory(room.here))
    task = api.Async.VM.pool_migrate(vm, room.there, {"live": "true"})
    assert api.VM.get_current_operations(vm) == {task: "pool_migrate"}
    assert api.VM.get_resident_on(vm) == room.here
    assert room.done(task) == ""
    assert (api.VM.get_resident_on(vm), api.VM.get_power_state(vm)) == (room.there, "Running")
    assert int(api.host.compute_free_memory(room.here)) > free
    assert api.host.get_resident_VMs(room.here) == [api.host.get_control_domain(room.here)]
    # The guest goes on, and so does what is known of it.
    assert "clean_shutdown" in api.VM.get_allowed_operations(vm)


def test_it_moves_only_to_where_its_disks_are(room: Room) -> None:
    sr = local(room.api, room.here)
    vm = running(room, sr)
    told = ["VM_REQUIRES_SR", vm, sr]
    assert refusal(room.api.VM.pool_migrate, vm, room.there, {}) == told


@pytest.mark.parametrize("state", ["Halted", "Paused", "Suspended"])
def test_only_what_runs_moves(room: Room, state: str) -> None:
    vm = in_state(room.computer, room.api, state)
    told = ["VM_BAD_POWER_STATE", vm, "running", state.lower()]
    assert refusal(room.api.VM.pool_migrate, vm, room.there, {}) == told


def test_the_processor_is_asked_about_first(room: Room) -> None:
    vm = running(room)
    info = room.api.host.get_cpu_info(room.there)
    words = info["features_hvm_host"].split("-")
    lesser = "-".join(["00000000", *words[1:]])
    changed = {**info, "features_hvm": lesser, "features_hvm_host": lesser}
    room.put("host", room.there, cpu_info=changed)
    room.api.host.disable(room.there)
    told = refusal(room.api.VM.pool_migrate, vm, room.there, {})
    assert told[:3] == ["VM_INCOMPATIBLE_WITH_THIS_HOST", vm, room.there]
    assert refusal(room.api.VM.pool_migrate, vm, room.there, {"force": "true"}) == [
        "HOST_DISABLED",
        room.there,
    ]
    room.api.host.enable(room.there)
    room.done(room.api.Async.VM.pool_migrate(vm, room.there, {"force": "true"}))


def test_a_guest_without_tools_stays_unless_forced(room: Room) -> None:
    vm = running(room, other_config={})
    assert refusal(room.api.VM.pool_migrate, vm, room.there, {}) == ["VM_LACKS_FEATURE", vm]
    room.done(room.api.Async.VM.pool_migrate(vm, room.there, {"force": "true"}))
    assert room.api.VM.get_resident_on(vm) == room.there


@pytest.mark.parametrize("why", ["nested-virt", "nomigrate"])
def test_some_vms_are_immobile(room: Room, why: str) -> None:
    vm = running(room, platform={why: "true"})
    assert refusal(room.api.VM.pool_migrate, vm, room.there, {}) == ["VM_IS_IMMOBILE", vm]


def test_the_host_it_goes_to_dies(room: Room) -> None:
    vm = running(room)
    task = room.api.Async.VM.pool_migrate(vm, room.there, {})
    with room.computer.store.turn() as world:
        turn_off(world, world.machines["xcp01"])
    room.computer.passes(60)
    assert room.api.task.get_error_info(task) == ["HOST_OFFLINE", room.there]
    assert room.api.VM.get_resident_on(vm) == room.here
    assert room.api.VM.get_current_operations(vm) == {}
    assert room.api.VM.get_scheduled_to_be_resident_on(vm) == "OpaqueRef:NULL"


def dest(room: Room) -> Any:
    network = room.network("eth0")
    return room.api.host.migrate_receive(room.there, network, {})


@pytest.mark.parametrize("state", ["Running", "Halted"])
def test_a_vm_is_sent_along_with_its_disks(room: Room, state: str) -> None:
    api = room.api
    near, far = local(api, room.here), local(api, room.there)
    vm = running(room, near)
    if state == "Halted":
        room.done(api.Async.VM.hard_shutdown(vm))
    [vbd] = api.VM.get_VBDs(vm)
    vdi = api.VBD.get_VDI(vbd)
    args: Any = (vm, dest(room), True, {vdi: far}, {}, {})
    api.VM.assert_can_migrate(*args)
    assert room.done(api.Async.VM.migrate_send(*args)) == vm
    moved = api.VBD.get_VDI(vbd)
    assert (api.VDI.get_SR(moved), moved != vdi) == (far, True)
    assert refusal(api.VDI.get_uuid, vdi)[0] == "HANDLE_INVALID"
    assert api.VM.get_resident_on(vm) == (room.there if state == "Running" else "OpaqueRef:NULL")
    assert api.SR.get_VDIs(near) == []


def test_what_speaks_against_sending_a_vm(room: Room) -> None:
    api = room.api
    near, far = local(api, room.here), local(api, room.there)
    vm = running(room, near)
    vdi = api.VBD.get_VDI(api.VM.get_VBDs(vm)[0])

    def told(disks: dict[str, str], networks: dict[str, str]) -> list[str]:
        return refusal(api.VM.assert_can_migrate, vm, dest(room), True, disks, networks, {})

    assert told({}, {}) == ["VDI_NOT_IN_MAP", vdi]
    assert told({vdi: near}, {}) == ["VM_REQUIRES_SR", vm, near]
    vif = interface(api, vm, room.network())
    assert told({vdi: far}, {vif: room.network()})[0] == "OPERATION_NOT_ALLOWED"
    [tools] = api.SR.get_by_name_label("XCP-ng Tools")
    refused = told({vdi: tools}, {})
    assert refused == ["SR_DOES_NOT_SUPPORT_MIGRATION", tools, "VDI_SNAPSHOT, VDI_MIRROR_IN"]


def test_a_vm_is_received_by_a_network_with_an_address(room: Room) -> None:
    api = room.api
    receive = api.host.migrate_receive
    assert set(dest(room)) == {"SM", "host", "xenops", "session_id", "master"}
    network = room.network()
    [pif] = [pif for pif in api.network.get_PIFs(network) if api.PIF.get_host(pif) == room.there]
    assert refusal(receive, room.there, network, {}) == ["PIF_HAS_NO_NETWORK_CONFIGURATION", pif]
    [inside] = api.network.get_by_name_label("Host internal management network")
    assert refusal(receive, room.there, inside, {}) == [
        "HOST_CANNOT_ATTACH_NETWORK",
        room.there,
        inside,
    ]


def test_a_disk_that_goes_to_the_other_host_takes_its_vm_along(room: Room) -> None:
    api = room.api
    vm = running(room, local(api, room.here))
    vdi = api.VBD.get_VDI(api.VM.get_VBDs(vm)[0])
    room.done(api.Async.VDI.pool_migrate(vdi, local(api, room.there), {}))
    assert api.VM.get_resident_on(vm) == room.there
    room.done(api.Async.VM.clean_reboot(vm))
    assert api.VM.get_resident_on(vm) == room.there


@pytest.mark.parametrize("generation", ["xcp-1.6", "xcp-ng-8.2", "xcp-ng-8.3"])
def test_every_release_runs_clones_and_moves_vms(tmp_path: Path, generation: str) -> None:
    computer = Computer(tmp_path / "sim", speed=0.001)
    for name in ("xcp00", "xcp01"):
        computer.add(name, generation)
    computer.login("xcp01").Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    computer.passes(60)
    room = Room(computer, computer.login("xcp00"))
    api = room.api
    [template] = api.VM.get_by_name_label("CentOS 7")
    vm = room.done(api.Async.VM.clone(template, "web"))
    said = api.VM.get_other_config(vm)
    said.pop("disks")
    api.VM.set_other_config(vm, said)
    room.done(api.Async.VM.provision(vm))
    interface(api, vm, room.network())
    room.done(api.Async.VM.start_on(vm, room.here, False, False))
    room.done(api.Async.VM.snapshot(vm, "before"))
    room.done(api.Async.VM.pool_migrate(vm, room.there, {}))
    assert api.VM.get_resident_on(vm) == room.there
    room.done(api.Async.VM.clean_shutdown(vm))
    computer.close()
