"""VDI: copies, and disks that move while their VM is on or off."""

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi import operations
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure, Later
from labkit.sim.xapi.kinds import NULL, Answer, kind
from labkit.sim.xapi.operations import ending, go_on
from labkit.sim.xapi.pools import Pool
from labkit.sim.xapi.storage import disks, moving
from labkit.sim.xapi.storage.allowed import vdi_refusal
from labkit.sim.xapi.storage.repositories import way_to
from labkit.sim.xapi.vms import life as vm_life

_PACE = 100 * 1000 * 1000
"""Bytes a second."""


@message("VDI.copy")
def copy(call: Call, vdi: str, sr: str = NULL, base: str = NULL, into: str = NULL) -> Later:
    """Between hosts, too: one that sees the source streams it to one that sees the target."""
    db = call.db
    refusal = vdi_refusal(db, vdi, "copy")
    if refusal is not None:
        raise refusal
    size = db.get("VDI", vdi, "virtual_size")
    there = db.get("VDI", into, "SR") if into != NULL else sr
    if into != NULL and db.get("VDI", into, "virtual_size") < size:
        raise Failure("VDI_TOO_SMALL", into, str(size))
    way_to(call.world, db, db.get("VDI", vdi, "SR"))
    db.get("SR", there, "uuid")
    way_to(call.world, db, there)
    _fits(call, vdi, there)
    details = {"vdi": vdi, "sr": there, "into": into}
    return go_on(call, "VDI", vdi, "copy", _seconds(size), "VDI is copied", **details)


@ending("VDI is copied")
def _copied(
    world: World, machine: SimMachine, db: Database, vdi: str, sr: str, into: str
) -> Answer:
    if into == NULL:
        return Answer(kind("VDI ref"), disks.copy(world, db, vdi, sr))
    db.put("VDI", into, physical_utilisation=db.get("VDI", vdi, "physical_utilisation"))
    disks.keep(world, db, into)
    return Answer(kind("VDI ref"), into)


@message("VDI.pool_migrate")
def pool_migrate(call: Call, vdi: str, sr: str, options: dict[str, str]) -> Later:
    """Asked of the VM the disk is of: it may have to move, too."""
    db = call.db
    db.get("SR", sr, "uuid")
    move = moving.planned(call.world, db, vdi, sr)
    _fits(call, vdi, sr)
    task = call.task_of_its_own()
    operations.start(db, "VDI", vdi, "mirror", task)
    return go_on(
        call,
        "VM",
        move.vm,
        "migrate_send",
        _seconds(db.get("VDI", vdi, "virtual_size")),
        "VDI is moved",
        vdi=vdi,
        sr=sr,
        vm=move.vm,
        host=move.host,
        task=task,
    )


@ending("VDI is moved")
def _moved(
    world: World,
    machine: SimMachine,
    db: Database,
    vdi: str,
    sr: str,
    vm: str,
    host: str,
    task: str,
) -> Answer:
    operations.stop(db, "VDI", vdi, task)
    # First: when that fails the disk is where it was.
    if host != NULL and db.get("VM", vm, "power_state") == "Running":
        vm_life.moves(Pool(world, machine, db), vm, host)
    made = disks.copy(world, db, vdi, sr)
    for vbd in db.get("VDI", vdi, "VBDs"):
        db.put("VBD", vbd, VDI=made)
    disks.remove(world, db, vdi)
    return Answer(kind("VDI ref"), made)


def _fits(call: Call, vdi: str, sr: str) -> None:
    needed, free = call.db.get("VDI", vdi, "physical_utilisation"), _free(call, sr)
    if needed > free:
        raise Failure("SR_FULL", str(needed), str(free))


def _free(call: Call, sr: str) -> int:
    return disks.free(call.world, call.db, sr)


def _seconds(size: int) -> float:
    return max(1.0, size / _PACE)
