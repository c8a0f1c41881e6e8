"""Moving a disk to another repository: where its VM has to be for that."""

from collections.abc import Iterable
from dataclasses import dataclass

from labkit.sim.world import World
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.places import host_of
from labkit.sim.xapi.storage.features import features
from labkit.sim.xapi.storage.repositories import seen_by, way_to

_SOURCE = ("VDI_SNAPSHOT", "VDI_MIRROR")
_STATES = ("Halted", "Suspended", "Running")


@dataclass(frozen=True, slots=True)
class Move:
    """A disk's move."""

    vm: str
    host: str
    """Where a running VM is afterwards; NULL: it does not run."""


def planned(world: World, db: Database, vdi: str, sr: str) -> Move:
    """Raises what speaks against it. One host has to see the target and all the disks that stay:
    between local repositories of two hosts there is none for a VM that is off, and a running one
    goes along with its only disk."""
    vm = _vm_of(db, vdi)
    if db.get("VDI", vdi, "cbt_enabled"):
        raise Failure("VDI_CBT_ENABLED", vdi)
    state = db.get("VM", vm, "power_state")
    if state not in _STATES:
        wanted = ", ".join(_STATES).lower()
        raise Failure("VM_BAD_POWER_STATE", vm, wanted, state.lower())
    for task, busy in db.get("VDI", vdi, "current_operations").items():
        raise Failure("OTHER_OPERATION_IN_PROGRESS", "VDI", vdi, busy, task)
    _can_mirror(db, db.get("VDI", vdi, "SR"))
    _can_mirror(db, sr)
    way_to(world, db, sr)
    mine = db.get("VDI", vdi, "SR")
    staying = {each for disk in disks_of(db, vm) if (each := db.get("VDI", disk, "SR"))}
    if state != "Running":
        _one_that_sees(world, db, {*staying, mine, sr}, ())
        return Move(vm, NULL)
    pinned = {db.get("VDI", disk, "SR") for disk in disks_of(db, vm) if disk != vdi}
    here = db.get("VM", vm, "resident_on")
    return Move(vm, _one_that_sees(world, db, {*pinned, sr}, (here,)))


def disks_of(db: Database, vm: str) -> list[str]:
    """What is in the drives of a VM."""
    found = [db.get("VBD", vbd, "VDI") for vbd in db.where("VBD", VM=vm)]
    return [vdi for vdi in found if db.has("VDI", vdi)]


def _vm_of(db: Database, vdi: str) -> str:
    vms: list[str] = [db.get("VBD", vbd, "VM") for vbd in db.where("VBD", VDI=vdi)]
    vms = [vm for vm in vms if db.has("VM", vm)]
    if not vms:
        raise Failure("VDI_NEEDS_VM_FOR_MIGRATE", vdi)
    running = [vm for vm in vms if db.get("VM", vm, "power_state") == "Running"]
    return (running or vms)[0]


def _can_mirror(db: Database, sr: str) -> None:
    missing = [each for each in _SOURCE if each not in features(db, sr)]
    if missing:
        raise Failure("SR_DOES_NOT_SUPPORT_MIGRATION", sr, *missing)


def _one_that_sees(world: World, db: Database, wanted: set[str], first: Iterable[str]) -> str:
    for host in (*first, *db.refs("host")):
        awake = host_of(world, db.get("host", host, "uuid")) is not None
        if awake and db.get("host", host, "enabled") and wanted <= seen_by(db, host):
            return host
    raise Failure("NO_HOSTS_AVAILABLE")
