"""A machine is switched on and off.

What VirtualBox looks at only then is looked at here: whether the images in its drives can be
read, and whether the networks it is plugged into exist.
"""

from pathlib import Path

from labkit.errors import LabError
from labkit.sim import serial
from labkit.sim.viso import BadMedium, open_disc
from labkit.sim.world import Memory, SimMachine, World, happening

_POST = 3.0
"""Seconds the firmware takes before it looks for something to boot."""
_SHUTDOWN = 8.0
"""Seconds an operating system takes to end."""


def turn_on(world: World, machine: SimMachine) -> None:
    """Switch on a machine that is off, or go on from its saved state. Raises `LabError`."""
    _check(world, machine)
    goes_on = machine.power == "saved" and machine.memory is not None
    if not goes_on:
        machine.memory = Memory(screen=[f"labkit's pretend {machine.firmware.upper()}"])
    try:
        serial.attach(machine)
    except OSError as cause:
        if not goes_on:
            machine.memory = None
        raise failed(machine.name, f"VERR_OPEN_FAILED: {cause}") from cause
    machine.power = "running"
    if not goes_on:
        machine.expect(_POST, "firmware is ready")


def turn_off(world: World, machine: SimMachine) -> None:
    """Take the power away."""
    _end_xapi(world, machine)
    machine.memory = None
    machine.power = "off"


def restart(world: World, machine: SimMachine) -> None:
    """Begin anew with the firmware; the power stays on."""
    assert machine.memory is not None
    _end_xapi(world, machine)
    written = machine.memory.serial_bytes
    machine.memory = Memory(serial_bytes=written)
    machine.expect(_POST, "firmware is ready")


def shut_down(world: World, machine: SimMachine, *, then: str = "is off") -> None:
    """Let the operating system end by itself; `then` it `is off` or `begins anew`."""
    assert machine.memory is not None
    machine.memory.listens = False
    if machine.memory.xapi == "up":
        from labkit.sim.xapi.node import host_shutting_down

        host_shutting_down(world, machine)
    _end_xapi(world, machine)
    # Whatever else was under way ends with it.
    machine.memory.due.clear()
    serial.say(machine, ["systemd: Stopping all services"])
    machine.expect(_SHUTDOWN, then)


def press_button(world: World, machine: SimMachine) -> None:
    """The ACPI power button: heard by an operating system that is up, else by nobody."""
    if machine.memory is not None and machine.memory.listens:
        shut_down(world, machine)


happening("is off")(turn_off)
happening("begins anew")(restart)


def failed(name: str, reason: str) -> LabError:
    """It did not come to run."""
    return LabError(
        f"{name} did not start.",
        details=reason,
        hint="Put right what the reason names, then run the same command again.",
    )


def _check(world: World, machine: SimMachine) -> None:
    for drive, medium in enumerate(machine.drives):
        if medium is None:
            continue
        try:
            open_disc(Path(medium))
        except BadMedium as cause:
            raise failed(machine.name, f"DVD drive {drive}, {medium}: {cause}") from cause
    bridged = {interface["name"] for interface in world.interfaces}
    for slot, adapter in enumerate(machine.adapters):
        known = {"bridged": bridged, "host-only": set(world.host_only)}
        names = known.get(adapter["attachment"])
        if names is not None and adapter["network"] not in names:
            raise failed(
                machine.name,
                f"Adapter {slot + 1}: nonexistent host networking interface, "
                f"name '{adapter['network']}' (VERR_INTERNAL_ERROR)",
            )


def _end_xapi(world: World, machine: SimMachine) -> None:
    assert machine.memory is not None
    if machine.memory.xapi != "down":
        # Only here: a machine without XAPI has no need of it.
        from labkit.sim.xapi.node import xapi_stopping

        xapi_stopping(world, machine)
        machine.memory.xapi = "down"
