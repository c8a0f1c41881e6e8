"""Who is master: handed over in good order, taken in an emergency, or found out at a start.

A slave keeps a backup of its pool's records for the day it becomes master. The pretend one is
made at that moment, from the disk of the master it had: that costs nothing until then.
"""

import copy

from labkit.sim.installed import Tables
from labkit.sim.world import SimMachine, World
from labkit.sim.xapi import first_boot
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.hosts import unheard
from labkit.sim.xapi.notices import raise_message
from labkit.sim.xapi.places import (
    MASTER,
    address_of,
    become_slave,
    database_of,
    host_of,
    is_slave,
    master_address,
    memory_of,
    system_of,
    uuid_of,
)

FUSE = 10.0
"""Seconds from a change of role until XAPI exits, to come back in it."""
_TRANSITION_PRIORITY = 4


def takes_over(machine: SimMachine, records: Tables) -> None:
    """The host is master of these records from its next start on."""
    system_of(machine).backup = copy.deepcopy(records)
    restarts(machine)


def follows(machine: SimMachine, address: str) -> None:
    """The host is a slave of the master at that address from its next start on."""
    system = system_of(machine)
    if is_slave(machine) and master_address(machine) == address and system.backup is None:
        return
    system.backup = None
    become_slave(machine, address)
    restarts(machine)


def restarts(machine: SimMachine) -> None:
    """Its XAPI exits soon, and is started again."""
    if not any(due.what == "xapi exits" for due in memory_of(machine).due):
        machine.expect(FUSE, "xapi exits")


def backup(world: World, machine: SimMachine) -> Tables:
    """What a slave knows of its pool's records. Raises `Failure`."""
    for other in world.machines.values():
        system = other.disk.system
        if system is None or system.database is None or system.pool_conf != MASTER:
            continue
        if address_of(system) == master_address(machine):
            known = Database(system.database, {}, system.generation)
            if known.first("host", uuid=uuid_of(machine)) is not None:
                return system.database
    raise Failure("INTERNAL_ERROR", "There is no backup of the pool's database")


def settle(world: World, machine: SimMachine) -> None:
    """At a start: be what `pool.conf` says."""
    system = system_of(machine)
    if system.backup is not None:
        system.pool_conf = MASTER
        system.database, system.backup = Tables(system.backup), None
        _is_master_now(world, machine)
    elif system.pool_conf != MASTER:
        # A slave has no records of its own.
        system.database = None
    elif system.database is None:
        # It was sent away from its pool.
        first_boot.fill(world, machine)


def other_master(world: World, machine: SimMachine) -> str | None:
    """The address of a host of this master's pool that says it is the master, too."""
    db = database_of(machine)
    for host in db.refs("host"):
        uuid = db.get("host", host, "uuid")
        other = host_of(world, uuid) if uuid != uuid_of(machine) else None
        if other is not None and not is_slave(other):
            return address_of(system_of(other))
    return None


def slaves_of(world: World, master: SimMachine) -> list[SimMachine]:
    """The hosts that run and are slaves of this one, as far as they know."""
    address = address_of(system_of(master))
    return [
        machine
        for machine in world.running()
        if machine.memory is not None
        and machine.disk.system is not None
        and machine.disk.system.pool_conf == f"slave:{address}"
    ]


def _is_master_now(world: World, machine: SimMachine) -> None:
    db = database_of(machine)
    me = db.by_uuid("host", uuid_of(machine))
    db.put("pool", db.pool, master=me, current_operations={})
    for host in db.refs("host"):
        if host != me:
            unheard(db, host, world.now)
    uuid = uuid_of(machine)
    raise_message(db, world, "POOL_MASTER_TRANSITION", _TRANSITION_PRIORITY, "Host", uuid)
