"""VM: suspending to a disk, and going on from there."""

from typing import Any

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Later
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.messages.vm_power import tell
from labkit.sim.xapi.operations import cancelling, ending, go_on
from labkit.sim.xapi.pools import Pool
from labkit.sim.xapi.vms import copies as vm_copies
from labkit.sim.xapi.vms import life as vm_life
from labkit.sim.xapi.vms.boot_checks import assert_can_boot_here
from labkit.sim.xapi.vms.lifecycle import SUSPENDED, assert_possible
from labkit.sim.xapi.vms.placement import place

_SUSPEND, _RESUME = 5.0, 4.0


@message("VM.suspend")
def suspend(call: Call, vm: str) -> Later:
    assert_possible(call.db, vm, "suspend")
    vm_life.assert_reached(Pool.of(call), vm)
    image = vm_copies.memory_image(Pool.of(call), vm)
    call.db.put("VM", vm, suspend_VDI=image)
    return go_on(call, "VM", vm, "suspend", _SUSPEND, "vm is suspended", vm=vm)


@ending("vm is suspended")
def _suspended(world: World, home: SimMachine, db: Database, vm: str) -> None:
    pool = Pool(world, home, db)
    vm_life.stops(pool, vm, state=SUSPENDED)
    tell(pool, vm, "VM_SUSPENDED", f"VM '{db.get('VM', vm, 'name_label')}' has been suspended")


@cancelling("vm is suspended")
def _not_suspended(world: World, home: SimMachine, db: Database, vm: str) -> None:
    vm_life.drop_image(Pool(world, home, db), vm)


@message("VM.resume")
def resume(call: Call, vm: str, start_paused: bool, force: bool) -> Later:
    assert_possible(call.db, vm, "resume")
    host = place(call.db, call.world, vm)
    return _resume(call, vm, host, "resume", paused=start_paused)


@message("VM.resume_on")
def resume_on(call: Call, vm: str, host: str, start_paused: bool, force: bool) -> Later:
    call.db.get("host", host, "uuid")
    assert_possible(call.db, vm, "resume_on")
    assert_can_boot_here(call.db, vm, host, cpu=not force)
    return _resume(call, vm, host, "resume_on", paused=start_paused)


def _resume(call: Call, vm: str, host: str, operation: str, *, paused: bool) -> Later:
    vm_life.reserve(call.db, vm, host)
    details = {"vm": vm, "host": host, "paused": paused}
    return go_on(call, "VM", vm, operation, _RESUME, "vm resumes", **details)


@ending("vm resumes")
def _resumed(
    world: World, home: SimMachine, db: Database, vm: str, host: str, paused: bool
) -> None:
    pool = Pool(world, home, db)
    vm_life.runs(pool, vm, host, paused=paused, anew=False)
    vm_life.drop_image(pool, vm)
    tell(pool, vm, "VM_RESUMED", f"VM '{db.get('VM', vm, 'name_label')}' has been resumed")


@cancelling("vm resumes")
def _not_resumed(world: World, home: SimMachine, db: Database, vm: str, **details: Any) -> None:
    vm_life.reserve(db, vm, NULL)
