"""A machine as hardware: made as a `MachineSpec` wants it, told as a `Machine` is found."""

import random
import re
import uuid
from pathlib import Path

from labkit.errors import LabError
from labkit.sim import folder
from labkit.sim.installed import Disk
from labkit.sim.world import SimMachine, World
from labkit.vbox.driver import Adapter, AdapterSpec, Attachment, Machine, MachineSpec, Power


def assembled(world: World, wanted: MachineSpec, disk: Disk) -> SimMachine:
    """A machine nobody knows yet. Raises `LabError` where VirtualBox would refuse it."""
    if wanted.name in world.machines:
        raise LabError(
            f"There is a machine {wanted.name} in VirtualBox already.",
            details=f"Its folder is {world.machines[wanted.name].folder}.",
            hint="Rename or remove it there, then run the same command again.",
        )
    if re.search(r'[/\\:*?"<>|]', wanted.name):
        raise LabError(
            f"`{wanted.name}` cannot be the name of a machine.",
            hint="Use letters, digits, spaces, dots and dashes.",
        )
    place = wanted.folder.absolute()
    for other in world.machines.values():
        theirs = Path(other.folder)
        if place == theirs or place in theirs.parents or theirs in place.parents:
            raise LabError(
                f"The folder of {wanted.name} belongs to {other.name}.",
                details=str(place),
                hint=f"Remove {other.name} in VirtualBox, or choose another folder.",
            )
    return SimMachine(
        name=wanted.name,
        uuid=str(uuid.uuid4()),
        hardware_uuid=str(uuid.uuid4()),
        folder=str(place),
        group=wanted.group,
        cpus=wanted.cpus,
        memory_mib=wanted.memory_mib,
        nested=wanted.nested,
        firmware=wanted.firmware,
        adapters=[_adapter(adapter) for adapter in wanted.adapters],
        labels=dict(wanted.labels),
        disk=disk,
        serial_file=str(wanted.serial_file.absolute()) if wanted.serial_file else None,
    )


def registered(world: World, machine: SimMachine) -> Machine:
    """Write its files and make it known."""
    # The machine is known only once its files are there: killed before, they are leftovers.
    folder.make(machine)
    world.machines[machine.name] = machine
    return found(machine)


def found(machine: SimMachine) -> Machine:
    """What VirtualBox tells of it."""
    return Machine(
        name=machine.name,
        uuid=machine.uuid,
        hardware_uuid=machine.hardware_uuid,
        power=power_of(machine),
        group=machine.group,
        cpus=machine.cpus,
        memory_mib=machine.memory_mib,
        adapters=tuple(
            Adapter(**{**adapter, "attachment": Attachment(adapter["attachment"])})
            for adapter in machine.adapters
        ),
        snapshots=tuple(kept.name for kept in machine.snapshots),
        labels=dict(machine.labels),
        folder=Path(machine.folder),
        media=tuple(Path(medium) for medium in machine.drives if medium is not None),
    )


def power_of(machine: SimMachine) -> Power:
    """Broken when somebody removed its settings file."""
    return Power(machine.power) if folder.settings_file(machine).exists() else Power.BROKEN


def _adapter(wanted: AdapterSpec) -> dict[str, str | bool]:
    return {
        "attachment": wanted.attachment.value,
        "network": "" if wanted.attachment is Attachment.NAT else wanted.network,
        "promiscuous": wanted.promiscuous,
        "mac": wanted.mac or f"080027{random.getrandbits(24):06X}",
    }
