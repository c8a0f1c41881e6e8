"""Getting a host's VMs out of the way: where each could go, and moving it there."""

import importlib
from importlib.util import find_spec

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure

_ROOM = "HOST_NOT_ENOUGH_FREE_MEMORY"


def guests(db: Database, host: str) -> list[str]:
    """The VMs that have to go."""
    return [
        vm
        for vm in db.where("VM", resident_on=host, is_control_domain=False)
        if db.get("VM", vm, "power_state") in ("Running", "Paused")
    ]


def plan(db: Database, host: str) -> tuple[dict[str, str], dict[str, Failure]]:
    """Which VM goes where, and why the others cannot go."""
    targets = [other for other in db.refs("host") if other != host and _takes_guests(db, other)]
    room = {other: _free(db, other) for other in targets}
    moves: dict[str, str] = {}
    stuck: dict[str, Failure] = {}
    # The large ones first: what is packed so fits best.
    for vm in sorted(guests(db, host), key=lambda each: -_size(db, each)):
        failure = _obstacle(db, vm, targets)
        fits = [other for other in targets if room[other] >= _size(db, vm)]
        if failure is None and not fits:
            failure = Failure(_ROOM, vm)
        if failure is not None:
            stuck[vm] = failure
            continue
        moves[vm] = max(fits, key=room.__getitem__)
        room[moves[vm]] -= _size(db, vm)
    return moves, stuck


def move(world: World, home: SimMachine, db: Database, vm: str, host: str) -> None:
    """The seam: as VMs move where their life is simulated, else in the records alone."""
    if find_spec("labkit.sim.xapi.vm_life") is not None:
        pools = importlib.import_module("labkit.sim.xapi.pools")
        life = importlib.import_module("labkit.sim.xapi.vm_life")
        life.moves(pools.Pool(world, home, db), vm, host)
        return
    size = _size(db, vm)
    for there, sign in ((db.get("VM", vm, "resident_on"), 1), (host, -1)):
        if db.has("host", there):
            metrics = db.get("host", there, "metrics")
            db.put("host_metrics", metrics, memory_free=_free(db, there) + sign * size)
    db.put("VM", vm, resident_on=host)


def _obstacle(db: Database, vm: str, targets: list[str]) -> Failure | None:
    """Why a VM cannot go: it has to be at home on every host that is left."""
    if not targets:
        return Failure("NO_HOSTS_AVAILABLE", vm)
    flags = db.get("VM", vm, "last_boot_CPU_flags")
    for host in targets:
        info = db.get("host", host, "cpu_info")
        if flags.get("vendor", info.get("vendor")) != info.get("vendor"):
            reason = "VM last booted on a host which had a CPU from a different vendor."
            return Failure("VM_INCOMPATIBLE_WITH_THIS_HOST", vm, host, reason)
        for sr in _storage(db, vm):
            plugged = db.where("PBD", SR=sr, host=host, currently_attached=True)
            if not plugged:
                return Failure("VM_REQUIRES_SR", vm, sr)
    return None


def _storage(db: Database, vm: str) -> list[str]:
    disks = (db.get("VBD", vbd, "VDI") for vbd in db.get("VM", vm, "VBDs"))
    return [db.get("VDI", vdi, "SR") for vdi in disks if db.has("VDI", vdi)]


def _takes_guests(db: Database, host: str) -> bool:
    metrics = db.get("host", host, "metrics")
    return bool(db.get("host", host, "enabled") and db.get("host_metrics", metrics, "live"))


def _free(db: Database, host: str) -> int:
    return int(db.get("host_metrics", db.get("host", host, "metrics"), "memory_free"))


def _size(db: Database, vm: str) -> int:
    return int(db.get("VM", vm, "memory_dynamic_max"))
