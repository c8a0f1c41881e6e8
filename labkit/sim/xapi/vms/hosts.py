"""What happens to a host happens to its VMs."""

from labkit.sim.world import SimMachine
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.places import is_slave
from labkit.sim.xapi.pools import Pool
from labkit.sim.xapi.vms import guests
from labkit.sim.xapi.vms import life as vm_life
from labkit.sim.xapi.vms import memory as vm_memory
from labkit.sim.xapi.vms.boot_checks import can_boot_here
from labkit.sim.xapi.vms.lifecycle import why_not


def of(db: Database, host: str) -> list[str]:
    """The VMs that run on a host, but for its control domain."""
    return db.where("VM", resident_on=host, is_control_domain=False)


def begins_anew(db: Database) -> None:
    """Nothing is under way when the XAPI of a master starts: whoever was at it is gone."""
    for vm in db.refs("VM"):
        if db.get("VM", vm, "scheduled_to_be_resident_on") != NULL:
            db.put("VM", vm, scheduled_to_be_resident_on=NULL)


def looks(pool: Pool, host: str, machine: SimMachine) -> None:
    """A host's XAPI starts and sees which VMs run: after a power cut, none of those that did."""
    assert machine.memory is not None
    for vm in of(pool.db, host):
        if pool.db.get("VM", vm, "uuid") not in machine.memory.domains:
            vm_life.stops(pool, vm)
    vm_memory.account(pool.db, host)
    if not is_slave(machine):
        for vm in pool.db.where("VM", power_state="Running", guest_metrics=NULL):
            guests.boots(pool.home, pool.db, vm)


def shuts_down(pool: Pool, host: str) -> None:
    """The host goes down in good order: its VMs move away where they can, else they end."""
    db = pool.db
    for vm in of(db, host):
        there = [
            other
            for other in db.refs("host")
            if other != host
            and pool.machine(other) is not None
            and why_not(db, vm, "pool_migrate") is None
            and can_boot_here(db, vm, other)
        ]
        if there:
            vm_life.moves(pool, vm, there[0])
        else:
            vm_life.stops(pool, vm)


def is_lost(pool: Pool, host: str) -> None:
    """Somebody says that the host is dead: so are its VMs."""
    for vm in of(pool.db, host):
        vm_life.stops(pool, vm)
        pool.db.put("VM", vm, current_operations={})
