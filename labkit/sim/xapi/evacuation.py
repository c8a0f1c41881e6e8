"""Getting a host's VMs out of the way: where each could go, and moving it there."""

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.pools import Pool
from labkit.sim.xapi.vms import life as vm_life
from labkit.sim.xapi.vms.migration import assert_can_move

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
    """Move one, as it was planned."""
    vm_life.moves(Pool(world, home, db), vm, host)


def _obstacle(db: Database, vm: str, targets: list[str]) -> Failure | None:
    """Why a VM cannot go: it has to be at home on every host that is left."""
    if not targets:
        return Failure("NO_HOSTS_AVAILABLE", vm)
    for host in targets:
        try:
            assert_can_move(db, vm, host)
        except Failure as failure:
            # Whether there is room is asked of all hosts together.
            if failure.description[0] != _ROOM:
                return failure
    return None


def _takes_guests(db: Database, host: str) -> bool:
    metrics = db.get("host", host, "metrics")
    return bool(db.get("host", host, "enabled") and db.get("host_metrics", metrics, "live"))


def _free(db: Database, host: str) -> int:
    return int(db.get("host_metrics", db.get("host", host, "metrics"), "memory_free"))


def _size(db: Database, vm: str) -> int:
    return int(db.get("VM", vm, "memory_dynamic_max"))
