"""Which host is where: who answers at an address, and on whose disk a pool's records are."""

from labkit.sim import faults
from labkit.sim.installed import System
from labkit.sim.world import Memory, SimMachine, World
from labkit.sim.xapi.addresses import is_address, stand_in
from labkit.sim.xapi.database import Database

MASTER = "master"
_SLAVE = "slave:"


def system_of(machine: SimMachine) -> System:
    """What is installed on a machine that runs XAPI."""
    assert machine.disk.system is not None
    return machine.disk.system


def memory_of(machine: SimMachine) -> Memory:
    """The memory of a machine that runs."""
    assert machine.memory is not None
    return machine.memory


def address_of(system: System) -> str:
    """The stand-in for a host's management address; empty when it has none."""
    address = str(system.management.get("address") or "")
    return stand_in(address) if is_address(address) else ""


def uuid_of(machine: SimMachine) -> str:
    """The host's uuid."""
    return system_of(machine).inventory["INSTALLATION_UUID"]


def host_at(world: World, address: str) -> SimMachine | None:
    """The running host at an address: its own, or the one that stands in for it."""
    if not is_address(address):
        return None
    there = stand_in(address)
    for machine in world.running():
        system = machine.disk.system
        if machine.memory is not None and system is not None and address_of(system) == there:
            return machine
    return None


def host_of(world: World, uuid: str) -> SimMachine | None:
    """The running host of that uuid whose XAPI is up."""
    for machine in world.running():
        if machine.memory is not None and machine.memory.xapi == "up" and uuid_of(machine) == uuid:
            return machine
    return None


def is_slave(machine: SimMachine) -> bool:
    """Whether its XAPI runs as a slave. A host that has joined a pool goes on as a master with
    its old records until its XAPI restarts."""
    return system_of(machine).database is None


def master_address(machine: SimMachine) -> str:
    """The address of its master, for a slave."""
    return system_of(machine).pool_conf.removeprefix(_SLAVE)


def become_slave(machine: SimMachine, master: str) -> None:
    """Say in `pool.conf` whose slave the host is from its next start on."""
    system_of(machine).pool_conf = _SLAVE + master


def home_of(world: World, machine: SimMachine) -> SimMachine | None:
    """The host on whose disk the records are that this one works with: itself, or its master.
    None while the master cannot be reached."""
    if not is_slave(machine):
        return machine
    master = host_at(world, master_address(machine))
    if master is None or is_slave(master) or memory_of(master).xapi != "up":
        return None
    if world.faults and (faults.cut_off(world, master) or faults.cut_off(world, machine)):
        return None
    return master


def database_of(machine: SimMachine) -> Database:
    """The records on a master's disk."""
    system = system_of(machine)
    assert system.database is not None
    return Database(system.database, memory_of(machine).sessions, system.generation)
