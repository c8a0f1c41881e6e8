"""What becomes of VMs when their host goes down, with a word or without."""

import pytest

from labkit.sim.power import turn_off
from labkit.sim.world import Memory, SimMachine, World
from labkit.sim.xapi import node
from labkit.sim.xapi.places import database_of
from labkit.sim.xapi.pools import Pool
from labkit.sim.xapi.vms import hosts as vm_hosts
from tests.sim.xapi.conftest import Computer
from tests.sim.xapi.rooms import Room, attach, disk, local
from tests.sim.xapi.vms import made, refusal


@pytest.fixture
def room(pool: Computer) -> Room:
    return Room(pool, pool.login("xcp00"))


def running(room: Room, host: str, sr: str = "") -> str:
    vm = made(room.api)
    if sr:
        attach(room.api, vm, disk(room.api, sr))
    room.done(room.api.Async.VM.start_on(vm, host, False, False))
    return vm


def crash(room: Room, name: str) -> None:
    with room.computer.store.turn() as world:
        turn_off(world, world.machines[name])


def _comes_back(world: World, machine: SimMachine) -> None:
    """The toolstack of a machine that was off starts, without the boot before it."""
    machine.power, machine.memory = "running", Memory()
    node.xapi_starting(world, machine)


def test_vms_of_a_dead_member_seem_to_run_until_somebody_says_otherwise(room: Room) -> None:
    api = room.api
    vm = running(room, room.there)
    assert refusal(api.VM.power_state_reset, vm)[0] == "OPERATION_NOT_ALLOWED"
    crash(room, "xcp01")
    room.computer.passes(700)
    assert (api.VM.get_power_state(vm), api.VM.get_resident_on(vm)) == ("Running", room.there)
    for verb in ("clean_shutdown", "hard_shutdown", "pause", "suspend", "hard_reboot"):
        assert refusal(getattr(api.VM, verb), vm) == ["HOST_OFFLINE", room.there]
    assert refusal(api.VM.pool_migrate, vm, room.here, {}) == ["HOST_OFFLINE", room.there]
    api.VM.power_state_reset(vm)
    assert (api.VM.get_power_state(vm), api.VM.get_resident_on(vm)) == ("Halted", "OpaqueRef:NULL")
    room.done(api.Async.VM.start(vm, False, False))
    assert api.VM.get_resident_on(vm) == room.here


def test_vms_of_a_host_that_is_declared_dead_are_halted(room: Room) -> None:
    vm = running(room, room.there)
    crash(room, "xcp01")
    with room.computer.store.turn() as world:
        vm_hosts.is_lost(Pool.at(world, world.machines["xcp00"]), room.there)
    assert room.api.VM.get_power_state(vm) == "Halted"


def test_a_member_that_comes_back_knows_that_its_vms_are_gone(room: Room) -> None:
    vm = running(room, room.there)
    crash(room, "xcp01")
    with room.computer.store.turn() as world:
        _comes_back(world, world.machines["xcp01"])
    room.computer.passes(300)
    assert room.api.host.get_enabled(room.there)
    assert room.api.VM.get_power_state(vm) == "Halted"


def test_vms_outlive_a_restart_of_xapi(room: Room) -> None:
    vm = running(room, room.there)
    with room.computer.store.turn() as world:
        world.machines["xcp01"].expect(0, "xapi exits")
        world.machines["xcp00"].expect(0, "xapi exits")
        world.settle(60)
        records = database_of(world.machines["xcp00"])
        assert records.get("VM", vm, "power_state") == "Running"


def test_what_a_master_was_at_is_over_when_it_starts_again(room: Room) -> None:
    vm = made(room.api)
    room.api.Async.VM.start_on(vm, room.here, False, False)
    crash(room, "xcp00")
    with room.computer.store.turn() as world:
        _comes_back(world, world.machines["xcp00"])
        world.settle(300)
        records = database_of(world.machines["xcp00"])
        assert records.get("VM", vm, "current_operations") == {}
        assert records.get("VM", vm, "scheduled_to_be_resident_on") == "OpaqueRef:NULL"


def test_a_host_that_shuts_down_sends_its_vms_away_or_ends_them(room: Room) -> None:
    api = room.api
    moves, stays = running(room, room.there), running(room, room.there, local(api, room.there))
    api.host.disable(room.there)
    api.host.shutdown(room.there)
    assert api.VM.get_resident_on(moves) == room.there
    room.computer.passes(60)
    assert api.VM.get_resident_on(moves) == room.here
    assert (api.VM.get_power_state(moves), api.VM.get_power_state(stays)) == ("Running", "Halted")
