"""pool: who is master."""

from typing import Any

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi import busy, operations, roles, sessions
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure, Later
from labkit.sim.xapi.places import (
    address_of,
    host_at,
    host_of,
    is_slave,
    memory_of,
    system_of,
    uuid_of,
)

_PROPOSING = 5.0
"""Seconds in which everybody is asked and agrees."""


@message("pool.designate_new_master")
def designate_new_master(call: Call, host: str) -> Later | None:
    uuid = call.db.get("host", host, "uuid")
    if host == call.db.master:
        return None
    busy.assert_idle(call.db, "designate_new_master")
    if host_of(call.world, uuid) is None:
        raise Failure("HOST_OFFLINE", host)
    return operations.go_on(
        call,
        "pool",
        call.db.pool,
        "designate_new_master",
        _PROPOSING,
        "pool changes its master",
        uuid=uuid,
    )


@operations.ending("pool changes its master")
def _change_master(world: World, machine: SimMachine, db: Database, uuid: str) -> None:
    """All are asked first, and when one does not agree nobody has changed."""
    members: dict[str, SimMachine] = {}
    for host in db.refs("host"):
        found = host_of(world, db.get("host", host, "uuid"))
        if found is None:
            raise Failure("HOST_OFFLINE", host)
        members[uuid_of(found)] = found
    chosen = members.pop(uuid)
    records = system_of(machine).database
    assert records is not None
    roles.takes_over(chosen, records)
    for member in members.values():
        roles.follows(member, address_of(system_of(chosen)))


@message("pool.emergency_transition_to_master")
def emergency_transition_to_master(call: Call) -> None:
    _local(call)
    if not is_slave(call.machine):
        roles.restarts(call.machine)
        return
    records = roles.backup(call.world, call.machine)
    pool: dict[str, Any] = next(iter(records["pool"].values()))
    if pool.get("ha_enabled"):
        raise Failure("HA_IS_ENABLED")
    roles.takes_over(call.machine, records)


@message("pool.emergency_reset_master")
def emergency_reset_master(call: Call, address: str) -> None:
    _local(call)
    master = host_at(call.world, address)
    # An address nobody answers at is believed, too.
    there = address if master is None else address_of(system_of(master))
    roles.follows(call.machine, there)


@message("pool.recover_slaves")
def recover_slaves(call: Call) -> list[str]:
    """Tell all the others who the master is; answers who listened."""
    recovered = []
    address = address_of(system_of(call.home))
    for host in call.db.refs("host"):
        uuid = call.db.get("host", host, "uuid")
        member = _reachable(call.world, uuid)
        if member is None or member is call.home:
            continue
        roles.follows(member, address)
        recovered.append(host)
    return recovered


@message("pool.sync_database")
def sync_database(call: Call) -> None:
    """A slave's backup is as new as its master's records, always."""


def _reachable(world: World, uuid: str) -> SimMachine | None:
    """The machine of a host whose XAPI runs, in an emergency or not."""
    for machine in world.running():
        if machine.memory is None or machine.disk.system is None:
            continue
        if memory_of(machine).xapi != "down" and uuid_of(machine) == uuid:
            return machine
    return None


def _local(call: Call) -> None:
    """Whoever calls is logged in here: of the pool nobody may be left to ask."""
    here = memory_of(call.machine)
    now = call.world.now
    if sessions.known(here, call.session, now, local=True):
        return
    if not sessions.known(memory_of(call.home), call.session, now):
        raise Failure("SESSION_INVALID", call.session)
