"""The life of one host's toolstack: first boot, starting, running, coming to an end.

`sim/boot.py` says when a host's XAPI starts and stops; what follows is due in the world's time.
"""

from labkit.sim.power import restart, shut_down
from labkit.sim.world import Memory, SimMachine, World, happening
from labkit.sim.xapi import emergency, leaving, operations, roles, tasks
from labkit.sim.xapi import first_boot as records
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.hosts import ASSUMED_DEAD, give_up, is_alive, refresh, unheard
from labkit.sim.xapi.networks import inherit
from labkit.sim.xapi.places import (
    become_slave,
    database_of,
    home_of,
    is_slave,
    memory_of,
    system_of,
    uuid_of,
)
from labkit.sim.xapi.pools import Pool
from labkit.sim.xapi.storage import starting
from labkit.sim.xapi.vms import hosts as vm_hosts

_START = 8.0
"""Seconds a master's XAPI takes to start; a slave's takes as long to say hello."""
_STORAGE = 3.0
"""Seconds until the storage has been tried, after which a host is enabled."""
_AGAIN = 5.0
"""Seconds until what could not be reached is tried once more."""
_RETRY = 5.0
"""Seconds between a slave's hellos to a master that does not answer."""
_LONG_RETRY = 60.0
"""The same where it is of no use until somebody does something."""
_PATIENCE = 60.0
"""Seconds a slave that is up waits for a master that went away."""
_WATCHDOG = 2.0
"""Seconds from XAPI's end until the watchdog starts it again."""


def first_boot(world: World, machine: SimMachine) -> None:
    """Make the records of a freshly installed host: a pool of its own."""
    records.fill(world, machine)


def xapi_starting(world: World, machine: SimMachine) -> None:
    """The toolstack starts: nothing of what it remembered is left."""
    roles.settle(world, machine)
    memory = memory_of(machine)
    _forget(memory)
    memory.xapi = "booting"
    if not is_slave(machine):
        db = database_of(machine)
        operations.forget(db)
        vm_hosts.begins_anew(db)
        _unplugged(db, db.by_uuid("host", uuid_of(machine)))
    machine.expect(_START, "xapi starts serving")


def xapi_stopping(world: World, machine: SimMachine) -> None:
    """The toolstack ends, in whatever way."""
    if machine.disk.system is None or machine.memory is None:
        return
    if is_slave(machine) and (home := home_of(world, machine)) is not None:
        db = database_of(home)
        host = db.first("host", uuid=uuid_of(machine))
        if host is not None:
            unheard(db, host, world.now)
            home.expect(ASSUMED_DEAD, "xapi gives a host up", uuid=uuid_of(machine))
    elif not is_slave(machine):
        for slave in roles.slaves_of(world, machine):
            slave.expect(_PATIENCE, "xapi misses its master")
    memory_of(machine).xapi = "down"
    _forget(memory_of(machine))


def host_shutting_down(world: World, machine: SimMachine) -> None:
    """The operating system ends in good order, and with it whatever VMs there are."""
    home = home_of(world, machine) if machine.disk.system is not None else None
    if home is not None:
        db = database_of(home)
        host = db.first("host", uuid=uuid_of(machine))
        if host is not None:
            vm_hosts.shuts_down(Pool(world, home, db), host)


def _forget(memory: Memory) -> None:
    memory.sessions.clear()
    memory.due = [due for due in memory.due if not due.what.startswith("xapi ")]
    # Who waits for what never comes is hung up on; what has come may still be fetched.
    memory.replies = {task: reply for task, reply in memory.replies.items() if reply is not None}


def _unplugged(db: Database, host: str) -> None:
    db.put("host", host, enabled=False)
    for pbd in db.get("host", host, "PBDs"):
        db.put("PBD", pbd, currently_attached=False)


@happening("xapi starts serving")
def _start_serving(world: World, machine: SimMachine) -> None:
    home = home_of(world, machine)
    in_vain = emergency.reason(world, machine).description[0]
    if home is None or in_vain != emergency.PASSING:
        wait = _RETRY if in_vain == emergency.PASSING else _LONG_RETRY
        machine.expect(wait, "xapi starts serving")
        return
    if home is machine and (other := roles.other_master(world, machine)) is not None:
        become_slave(machine, other)
        _exit(world, machine)
        return
    db = database_of(home)
    host = db.by_uuid("host", uuid_of(machine))
    # A slave brings its files up to date with the master's, the passwords among them.
    system_of(machine).root_hash = system_of(home).root_hash
    _unplugged(db, host)
    refresh(db, host, world, machine)
    memory_of(machine).xapi = "up"
    vm_hosts.looks(Pool(world, home, db), host, machine)
    machine.expect(_STORAGE, "xapi tries the storage")


@happening("xapi tries the storage")
def _try_storage(world: World, machine: SimMachine) -> None:
    home = home_of(world, machine)
    if home is None:
        machine.expect(_RETRY, "xapi tries the storage")
        return
    db = database_of(home)
    host = db.by_uuid("host", uuid_of(machine))
    whole = starting.plug_all(world, db, host)
    # Whether or not the storage could be reached: that is how XAPI does it.
    db.put("host", host, enabled=True)
    inherit.soon(machine)
    if not whole:
        machine.expect(_AGAIN, "xapi tries the storage again")


@happening("xapi gives a host up")
def _give_up(world: World, machine: SimMachine, uuid: str) -> None:
    db = database_of(machine)
    host = db.first("host", uuid=uuid)
    if host is not None:
        give_up(db, world, host)


@happening("xapi misses its master")
def _miss_master(world: World, machine: SimMachine) -> None:
    """A slave whose master stays away falls into emergency mode."""
    if is_slave(machine) and home_of(world, machine) is None:
        _exit(world, machine)


@happening("xapi collects what is left")
def _collect(world: World, machine: SimMachine) -> None:
    leaving.collect(database_of(machine))


@happening("xapi resets the host")
def _reset(world: World, machine: SimMachine) -> None:
    """After an eject: the local storage is made anew, and everything with it."""
    roles.settle(world, machine)
    restart(world, machine)


@happening("xapi ends")
def _end(world: World, machine: SimMachine) -> None:
    xapi_stopping(world, machine)


@happening("xapi tries the storage again")
def _try_storage_again(world: World, machine: SimMachine) -> None:
    home = home_of(world, machine)
    if home is None:
        return
    db = database_of(home)
    host = db.by_uuid("host", uuid_of(machine))
    if not starting.plug_all(world, db, host):
        starting.tell(world, db, host)


@happening("xapi exits")
def _exit(world: World, machine: SimMachine) -> None:
    xapi_stopping(world, machine)
    roles.settle(world, machine)
    machine.expect(_WATCHDOG, "xapi is started again")


@happening("xapi is started again")
def _started_again(world: World, machine: SimMachine) -> None:
    xapi_starting(world, machine)


@happening("xapi task fails")
def _task_fails(world: World, machine: SimMachine, task: str, description: list[str]) -> None:
    tasks.fail(world, machine, task, Failure(*description))


@happening(tasks.SWEEP)
def _sweep(world: World, machine: SimMachine) -> None:
    tasks.sweep(world, machine)


@happening("the host goes down")
def _go_down(world: World, machine: SimMachine, then: str) -> None:
    home = home_of(world, machine)
    if home is not None and home is not machine:
        # Announced, so the master need not wait for heartbeats that do not come.
        db = database_of(home)
        host = db.by_uuid("host", uuid_of(machine))
        is_alive(db, host, False)
        _unplugged(db, host)
    shut_down(world, machine, then=then)
