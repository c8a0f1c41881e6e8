"""What happens when a machine starts: firmware, Xen, its first boot, and at last XAPI."""

from labkit.sim import identity, installer, serial
from labkit.sim.adapters import named
from labkit.sim.debian import server
from labkit.sim.installed import System
from labkit.sim.product import known
from labkit.sim.viso import in_drive
from labkit.sim.world import SimMachine, World, happening

_TO_XEN = 5.0
_TO_LINUX = 7.0
_TO_SERVICES = 12.0
_TO_XAPI = 15.0
_WORDS = {
    "systemd": ("systemd: Welcome", "systemd: Started XenAPI server"),
    "sysv": ("INIT: version 2.86 booting", "Starting xapi: start-of-day complete."),
}
"""What is said when services start, and when XAPI has."""


@happening("firmware is ready")
def _choose(world: World, machine: SimMachine) -> None:
    """The disk first, then the drives: an installed system wins over the medium it came from."""
    if machine.disk.system is not None:
        if machine.disk.system.generation.startswith("debian-"):
            server.boot(machine)
        else:
            machine.expect(_TO_XEN, "Xen starts")
        return
    for drive, medium in enumerate(machine.drives):
        disc = in_drive(medium)
        if machine.firmware in disc.boots:
            installer.boot(world, machine, drive, disc)
            return
    serial.show(machine, ["FATAL: No bootable medium found! System halted."])


@happening("Xen starts")
def _xen(world: World, machine: SimMachine) -> None:
    system = _system(machine)
    product = f"{system.inventory['PRODUCT_BRAND']} {system.inventory['PRODUCT_VERSION']}"
    serial.show(machine, [f"Booting {product}"])
    serial.say(
        machine,
        [
            "(XEN) labkit's pretend Xen",
            f"(XEN) {machine.cpus} CPUs, {machine.memory_mib} MiB of memory",
            "(XEN) Dom0 is loaded",
        ],
    )
    machine.expect(_TO_LINUX, "dom0 starts")


@happening("dom0 starts")
def _linux(world: World, machine: SimMachine) -> None:
    serial.say(
        machine,
        [
            "Linux: labkit's pretend dom0 kernel",
            *(f"e1000: eth{n} {a['mac']}" for n, a in enumerate(machine.adapters)),
            _WORDS[known(_system(machine).generation).init][0],
        ],
    )
    machine.expect(_TO_SERVICES, "services start")


@happening("services start")
def _services(world: World, machine: SimMachine) -> None:
    assert machine.memory is not None
    machine.memory.listens = True
    system = _system(machine)
    if system.hook and not system.booted:
        media = [in_drive(medium) for medium in machine.drives]
        serial.say(machine, [identity.apply(machine, media)])
    if system.root_hash == "!!":
        # It asks, and everything that comes later waits for the answer.
        serial.show(machine, ["Please specify a password for user 'root':"])
        return
    serial.show(machine, [f"{system.hostname} login:"])
    if system.management.get("interface") not in named(machine, system.macs):
        # XAPI would run, but there is no interface to reach it by.
        serial.show(machine, ["<No network configured>"])
        return
    machine.expect(_TO_XAPI, "XAPI starts")


@happening("XAPI starts")
def _xapi(world: World, machine: SimMachine) -> None:
    # Only here: it is needed by few of those who look at the world.
    from labkit.sim.xapi.node import first_boot, xapi_starting

    system = _system(machine)
    if not system.booted:
        first_boot(world, machine)
        system.booted = True
    xapi_starting(world, machine)
    serial.say(machine, [_WORDS[known(system.generation).init][1]])


def _system(machine: SimMachine) -> System:
    assert machine.disk.system is not None
    return machine.disk.system
