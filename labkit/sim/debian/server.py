"""A storage server, pretended, from power-on until its shares can be mounted."""

import re
from ipaddress import IPv4Address

from labkit.sim import serial
from labkit.sim.identity import FILE, LABEL
from labkit.sim.installed import System
from labkit.sim.viso import in_drive
from labkit.sim.world import SimMachine, World, happening

NFS = 2049
_TO_LINUX = 6.0
_TO_NETWORK = 6.0
_TO_NFS = 5.0
_NEEDED = ("MACHINE_ID", "HOSTNAME", "ADDRESS", "NETMASK", "CLIENTS", "ROOT_HASH")


def boot(machine: SimMachine) -> None:
    """Start the system on the disk."""
    machine.expect(_TO_LINUX, "Debian starts")


@happening("Debian starts")
def _start(world: World, machine: SimMachine) -> None:
    system = _system(machine)
    serial.say(machine, ["Linux: labkit's pretend Debian kernel"])
    if system.hook and not system.booted:
        serial.say(machine, [_become(machine, system)])
    system.booted = True
    machine.expect(_TO_NETWORK, "Debian has its network")


@happening("Debian has its network")
def _network(world: World, machine: SimMachine) -> None:
    assert machine.memory is not None
    machine.memory.listens = True
    serial.show(machine, [f"{_system(machine).hostname} login:"])
    machine.expect(_TO_NFS, "Debian exports")


@happening("Debian exports")
def _exports(world: World, machine: SimMachine) -> None:
    assert machine.memory is not None
    machine.memory.serves = bool(_system(machine).exports["clients"])
    serial.say(machine, ["systemd: Started NFS server and services"])


def serves(world: World, address: str) -> bool:
    """Whether a storage server at an address can be mounted from. The room that is pretended
    around the computer has one wherever no machine of the computer's has its place."""
    for machine in world.machines.values():
        system = machine.disk.system
        if system is not None and system.management.get("address") == address:
            return machine.memory is not None and machine.memory.serves
    return not any(machine.labels.get("address") == address for machine in world.machines.values())


def _become(machine: SimMachine, system: System) -> str:
    """Make a clone itself; what it says about that."""
    media = [in_drive(medium) for medium in machine.drives]
    medium = next((disc for disc in media if disc.label == LABEL and disc.holds(FILE)), None)
    text = system.exports["own"] or (medium.read(FILE).decode() if medium is not None else "")
    if not text:
        return "labkit: nothing was changed: no medium labelled LABKIT came"
    said = dict(re.findall(r"^(\w+)='([^'\n]*)'$", text, re.MULTILINE))
    missing = [name for name in _NEEDED if not said.get(name)]
    if missing:
        return f"labkit: nothing was changed: the medium says no {', '.join(missing)}"
    mac = said.get("MAC", "").replace(":", "").upper()
    macs = [adapter["mac"] for adapter in machine.adapters]
    system.machine_id, system.hostname = said["MACHINE_ID"], said["HOSTNAME"]
    system.root_hash = said["ROOT_HASH"]
    # An address for an adapter that is not there is nobody's.
    there = (mac in macs) if mac else said.get("INTERFACE") in _interfaces(machine)
    system.management = {
        "interface": f"eth{macs.index(mac)}" if mac in macs else said.get("INTERFACE", ""),
        "mode": "static",
        "address": str(IPv4Address(said["ADDRESS"])) if there else "",
        "netmask": said["NETMASK"],
        "gateway": said.get("GATEWAY", ""),
        "dns": said["DNS"].split(",") if said.get("DNS") else [],
    }
    system.exports |= {"clients": said["CLIENTS"].split(","), "own": ""}
    return f"labkit: this is now {system.hostname}, {said['ADDRESS']}"


def _interfaces(machine: SimMachine) -> list[str]:
    return [f"eth{number}" for number in range(len(machine.adapters))]


def _system(machine: SimMachine) -> System:
    assert machine.disk.system is not None
    return machine.disk.system
