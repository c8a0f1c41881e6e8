"""VM: moving to a host along with the disks."""

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi import operations
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Later
from labkit.sim.xapi.kinds import NULL, Answer, kind
from labkit.sim.xapi.messages.vm_power import tell
from labkit.sim.xapi.operations import cancelling, ending, go_on
from labkit.sim.xapi.pools import Pool
from labkit.sim.xapi.storage import disks
from labkit.sim.xapi.vms import life as vm_life
from labkit.sim.xapi.vms.lifecycle import RUNNING
from labkit.sim.xapi.vms.migration import seconds_to_move
from labkit.sim.xapi.vms.motion import moving, planned

_RATE = 100.0 * 2**20
"""Bytes of a disk a second that go over the wire."""

Refs = dict[str, str]


@message("VM.assert_can_migrate")
def assert_can_migrate(
    call: Call,
    vm: str,
    dest: Refs,
    live: bool,
    vdi_map: Refs,
    vif_map: Refs,
    options: Refs,
    vgpu_map: Refs | None = None,
) -> None:
    planned(call.db, vm, dest, vdi_map, vif_map, force=options.get("force") == "true")


@message("VM.migrate_send")
def migrate_send(
    call: Call,
    vm: str,
    dest: Refs,
    live: bool,
    vdi_map: Refs,
    vif_map: Refs,
    options: Refs,
    vgpu_map: Refs | None = None,
) -> Later:
    db = call.db
    motion = planned(db, vm, dest, vdi_map, vif_map, force=options.get("force") == "true")
    vm_life.assert_reached(Pool.of(call), vm)
    moved = moving(motion)
    running = db.get("VM", vm, "power_state") == RUNNING
    if running:
        vm_life.reserve(db, vm, motion.host)
    seconds = sum(db.get("VDI", disk, "physical_utilisation") / _RATE for disk in moved)
    seconds += seconds_to_move(db, vm) if running else 1.0
    task = call.task_of_its_own()
    for disk in moved:
        operations.start(db, "VDI", disk, "mirror", task)
    details = {"vm": vm, "host": motion.host, "moved": moved, "task": task}
    return go_on(call, "VM", vm, "migrate_send", seconds, "vm is sent", **details)


@ending("vm is sent")
def _sent(
    world: World, home: SimMachine, db: Database, vm: str, host: str, moved: Refs, task: str
) -> Answer:
    pool = Pool(world, home, db)
    for disk in moved:
        operations.stop(db, "VDI", disk, task)
    before = db.get("VM", vm, "resident_on")
    vm_life.reserve(db, vm, NULL)
    # It may have been shut down meanwhile: then its disks go without it.
    if db.get("VM", vm, "power_state") == RUNNING:
        vm_life.moves(pool, vm, host)
    for disk, sr in moved.items():
        made = disks.copy(world, db, disk, sr)
        for vbd in db.get("VDI", disk, "VBDs"):
            db.put("VBD", vbd, VDI=made)
        disks.remove(world, db, disk)
    if before not in (NULL, host):
        there = db.get("host", host, "name_label")
        tell(pool, vm, "VM_MIGRATED", f"VM '{db.get('VM', vm, 'name_label')}' is now on '{there}'")
    return Answer(kind("VM ref"), vm)


@cancelling("vm is sent")
def _not_sent(
    world: World, home: SimMachine, db: Database, vm: str, host: str, moved: Refs, task: str
) -> None:
    for disk in moved:
        operations.stop(db, "VDI", disk, task)
    vm_life.reserve(db, vm, NULL)
