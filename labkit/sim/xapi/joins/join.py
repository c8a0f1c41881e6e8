"""Joining a pool: the questions, the copying of records, and the ten seconds after success.

`pool.join` answers before the host is a member: its records are with the master by then, the
host itself goes on with its old ones until its XAPI has restarted as a slave.
"""

from labkit.sim import faults
from labkit.sim.world import SimMachine, World, happening
from labkit.sim.xapi import tasks
from labkit.sim.xapi.calls import Call
from labkit.sim.xapi.failures import Failure, Later
from labkit.sim.xapi.joins import merge
from labkit.sim.xapi.joins.checks import ask
from labkit.sim.xapi.joins.joining import Joining
from labkit.sim.xapi.places import (
    address_of,
    become_slave,
    database_of,
    host_at,
    is_slave,
    master_address,
    memory_of,
    system_of,
    uuid_of,
)
from labkit.sim.xapi.sessions import authenticate

_PACE = 1.0
"""Seconds each part of the copying takes."""
_FUSE = 10.0
"""Seconds from the answer until the joiner's XAPI exits, to come back as a slave."""


def begin(call: Call, address: str, user: str, password: str, *, force: bool) -> Later:
    """Ask everything at once; what has to be done takes its time."""
    mine = call.db
    me = mine.by_uuid("host", uuid_of(call.machine))
    if mine.get("host", me, "license_params").get("restrict_pooling") == "true":
        raise Failure("LICENCE_RESTRICTION")
    master = _logged_in(call.world, address, user, password)
    ask(Joining(mine, me, database_of(master), force=force))
    task = call.task_of_its_own()
    _go_on_later(call.machine, 0, address_of(system_of(master)), task)
    return Later(task)


def _logged_in(world: World, address: str, user: str, password: str) -> SimMachine:
    """The master at that address, which knows the password."""
    master = host_at(world, address)
    cut_off = master is not None and faults.cut_off(world, master)
    if master is None or cut_off or memory_of(master).xapi == "down":
        # Nothing answers; TLS tells that as a connection that was reset.
        raise Failure("JOINING_HOST_CONNECTION_FAILED")
    if memory_of(master).xapi == "booting":
        raise Failure("HOST_STILL_BOOTING")
    if is_slave(master):
        raise Failure("HOST_IS_SLAVE", master_address(master))
    authenticate(user, password, system_of(master).root_hash)
    return master


def _go_on_later(machine: SimMachine, stage: int, master: str, task: str) -> None:
    machine.expect(_PACE, "xapi join", stage=stage, master=master, task=task)


@happening("xapi join")
def _go_on(world: World, machine: SimMachine, stage: int, master: str, task: str) -> None:
    if stage < len(merge.STAGES):
        there = host_at(world, master)
        # The copying is best effort: when the master is gone the join goes on without.
        if there is not None and memory_of(there).xapi == "up" and not is_slave(there):
            parts = merge.Merge(database_of(machine), database_of(there), uuid_of(machine))
            merge.STAGES[stage](parts)
        _go_on_later(machine, stage + 1, master, task)
        return
    become_slave(machine, master)
    tasks.finish(world, machine, task)
    machine.expect(_FUSE, "xapi exits")
