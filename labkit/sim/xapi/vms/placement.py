"""Where a VM starts: on the host it likes, or on one of the roomiest, by chance.

Chance can be told from the beginning: a world has a seed (`LABKIT_SIM_SEED` when it is made
first use of, else drawn once), and the same questions in the same order get the same answers.
"""

from labkit.sim.chance import draw
from labkit.sim.world import World
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.vms import memory as vm_memory
from labkit.sim.xapi.vms.boot_checks import assert_can_boot_here, can_boot_here, needed_memory

_CATEGORIES = ("memory_static_max", "memory_dynamic_max", "memory_dynamic_min")
"""Hosts a VM fits in definitely, probably, possibly."""
_BIASED = _CATEGORIES[:2]


def place(db: Database, world: World, vm: str) -> str:
    """The host a VM is to start on. Raises NO_HOSTS_AVAILABLE, or what the chosen one lacks."""
    fit = [host for host in _hosts(db) if can_boot_here(db, vm, host)]
    if not fit:
        return _place_without_memory(db, world, vm)
    affinity = str(db.get("VM", vm, "affinity"))
    if affinity in fit:
        return affinity
    free = {host: vm_memory.free(db, host) for host in fit}
    for limit in _CATEGORIES:
        left = {host: free[host] - needed_memory(db, vm, limit) for host in fit}
        scores = {host: float(room) for host, room in left.items() if room >= 0}
        if not scores:
            continue
        if limit in _BIASED and db.master in scores and db.get("pool", db.pool, "coordinator_bias"):
            scores[db.master] /= 2
        return _drawn(world, sorted(scores, key=lambda host: -scores[host]))
    return _drawn(world, sorted(fit, key=lambda host: -free[host]))


def _place_without_memory(db: Database, world: World, vm: str) -> str:
    """Only memory may be short: then that is the error, and not that there is no host."""
    fit = [host for host in _hosts(db) if can_boot_here(db, vm, host, memory=False)]
    if not fit:
        raise Failure("NO_HOSTS_AVAILABLE")
    affinity = str(db.get("VM", vm, "affinity"))
    chosen = affinity if affinity in fit else _drawn(world, fit)
    assert_can_boot_here(db, vm, chosen)
    return chosen


def _hosts(db: Database) -> list[str]:
    """The hosts that are not being emptied."""
    return [
        host
        for host in db.refs("host")
        if "evacuate" not in db.get("host", host, "current_operations").values()
    ]


def _drawn(world: World, hosts: list[str]) -> str:
    """One of them, the first most likely."""
    if len(hosts) == 1:
        return hosts[0]
    drawn = draw(world)
    return hosts[int(drawn * drawn * len(hosts))]
