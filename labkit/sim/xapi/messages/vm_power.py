"""VM: starting and stopping.

What is possible is asked at once; the rest takes its time, and the VM is at that operation until
it is over.
"""

from collections.abc import Callable
from typing import Any

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi import notices
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure, Later
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.operations import cancelling, ending, go_on
from labkit.sim.xapi.pools import Pool
from labkit.sim.xapi.vms import life as vm_life
from labkit.sim.xapi.vms.boot_checks import assert_can_boot_here
from labkit.sim.xapi.vms.lifecycle import (
    PAUSED,
    RUNNING,
    assert_possible,
    domain_type,
    why_not,
)
from labkit.sim.xapi.vms.placement import place

_START, _CLEAN, _HARD, _MOMENT = 3.0, 6.0, 1.0, 0.2
_PRIORITY = 5
"""Of news; XAPI gives lower numbers to what matters more."""


@message("VM.start")
def start(call: Call, vm: str, start_paused: bool, force: bool) -> Later:
    return _begin(call, vm, None, "start", paused=start_paused)


@message("VM.start_on")
def start_on(call: Call, vm: str, host: str, start_paused: bool, force: bool) -> Later:
    call.db.get("host", host, "uuid")
    return _begin(call, vm, host, "start_on", paused=start_paused)


def _begin(call: Call, vm: str, host: str | None, operation: str, *, paused: bool) -> Later:
    assert_possible(call.db, vm, operation)
    if host is None:
        host = place(call.db, call.world, vm)
    else:
        assert_can_boot_here(call.db, vm, host)
    _assert_not_in_use(call.db, vm)
    vm_life.reserve(call.db, vm, host)
    details = {"vm": vm, "host": host, "paused": paused}
    return go_on(call, "VM", vm, operation, _START, "vm starts", **details)


@ending("vm starts")
def _started(
    world: World, home: SimMachine, db: Database, vm: str, host: str, paused: bool
) -> None:
    pool = Pool(world, home, db)
    vm_life.runs(pool, vm, host, paused=paused)
    tell(pool, vm, "VM_STARTED", f"VM '{_name(db, vm)}' has started")


@cancelling("vm starts")
def _not_started(world: World, home: SimMachine, db: Database, vm: str, **details: Any) -> None:
    vm_life.reserve(db, vm, NULL)


def _assert_not_in_use(db: Database, vm: str) -> None:
    """A disk may be written by one VM at a time."""
    for vbd in db.get("VM", vm, "VBDs"):
        disk = db.get("VBD", vbd, "VDI")
        if not db.has("VDI", disk) or db.get("VDI", disk, "sharable"):
            continue
        if db.get("VBD", vbd, "mode") == "RO" and db.get("VBD", vbd, "type") == "CD":
            continue
        others = [each for each in db.get("VDI", disk, "VBDs") if each != vbd]
        if any(db.get("VBD", each, "currently_attached") for each in others):
            raise Failure("VDI_IN_USE", disk, "attach")


@message("VM.pause")
def pause(call: Call, vm: str) -> Later:
    assert_possible(call.db, vm, "pause")
    vm_life.assert_reached(Pool.of(call), vm)
    return go_on(call, "VM", vm, "pause", _MOMENT, "vm is", vm=vm, state=PAUSED)


@message("VM.unpause")
def unpause(call: Call, vm: str) -> Later:
    assert_possible(call.db, vm, "unpause")
    vm_life.assert_reached(Pool.of(call), vm)
    return go_on(call, "VM", vm, "unpause", _MOMENT, "vm is", vm=vm, state=RUNNING)


@ending("vm is")
def _is(world: World, home: SimMachine, db: Database, vm: str, state: str) -> None:
    db.put("VM", vm, power_state=state)
    vm_life.touch_devices(db, vm)


@message("VM.clean_shutdown")
def clean_shutdown(call: Call, vm: str) -> Later:
    assert_possible(call.db, vm, "clean_shutdown")
    vm_life.assert_reached(Pool.of(call), vm)
    return go_on(call, "VM", vm, "clean_shutdown", _CLEAN, "vm stops", vm=vm)


@message("VM.hard_shutdown")
def hard_shutdown(call: Call, vm: str) -> Later:
    assert_possible(call.db, vm, "hard_shutdown")
    vm_life.assert_reached(Pool.of(call), vm)
    vm_life.call_off(Pool.of(call), vm)
    return go_on(call, "VM", vm, "hard_shutdown", _HARD, "vm stops", vm=vm)


@message("VM.shutdown")
def shutdown(call: Call, vm: str) -> Later:
    """Cleanly where the guest can, else not."""
    clean = why_not(call.db, vm, "clean_shutdown") is None
    stop: Callable[[Call, str], Later] = clean_shutdown if clean else hard_shutdown
    return stop(call, vm)


@ending("vm stops")
def _stopped(world: World, home: SimMachine, db: Database, vm: str) -> None:
    pool = Pool(world, home, db)
    vm_life.stops(pool, vm)
    tell(pool, vm, "VM_SHUTDOWN", f"VM '{_name(db, vm)}' has been shut down")


@message("VM.clean_reboot")
def clean_reboot(call: Call, vm: str) -> Later:
    assert_possible(call.db, vm, "clean_reboot")
    vm_life.assert_reached(Pool.of(call), vm)
    return go_on(call, "VM", vm, "clean_reboot", _CLEAN + _START, "vm reboots", vm=vm)


@message("VM.hard_reboot")
def hard_reboot(call: Call, vm: str) -> Later:
    assert_possible(call.db, vm, "hard_reboot")
    vm_life.assert_reached(Pool.of(call), vm)
    vm_life.call_off(Pool.of(call), vm)
    return go_on(call, "VM", vm, "hard_reboot", _HARD + _START, "vm reboots", vm=vm)


@ending("vm reboots")
def _rebooted(world: World, home: SimMachine, db: Database, vm: str) -> None:
    pool = Pool(world, home, db)
    vm_life.runs(pool, vm, db.get("VM", vm, "resident_on"))
    tell(pool, vm, "VM_REBOOTED", f"VM '{_name(db, vm)}' has been rebooted")


@message("VM.power_state_reset")
def power_state_reset(call: Call, vm: str) -> None:
    """Halted, whatever the records said. Not while its host says that it runs."""
    assert_possible(call.db, vm, "power_state_reset")
    host = call.db.get("VM", vm, "resident_on")
    machine = Pool.of(call).machine(host)
    running = machine.memory.domains if machine is not None and machine.memory is not None else {}
    if call.db.get("VM", vm, "uuid") in running:
        raise Failure("OPERATION_NOT_ALLOWED", f"The VM is running on host {host}")
    vm_life.stops(Pool.of(call), vm)
    call.db.put("VM", vm, current_operations={})


@message("VM.send_sysrq")
def send_sysrq(call: Call, vm: str, key: str) -> None:
    assert_possible(call.db, vm, "send_sysrq")


@message("VM.send_trigger")
def send_trigger(call: Call, vm: str, trigger: str) -> None:
    assert_possible(call.db, vm, "send_trigger")
    if domain_type(call.db, vm) == "pv":
        raise Failure("VM_HVM_REQUIRED", vm)


def tell(pool: Pool, vm: str, name: str, body: str) -> None:
    """Tell of something that happened to a VM."""
    uuid = pool.db.get("VM", vm, "uuid")
    notices.raise_message(pool.db, pool.world, name, _PRIORITY, "VM", uuid, body)


def _name(db: Database, vm: str) -> str:
    return str(db.get("VM", vm, "name_label"))
