"""A machine's folder on the real disk, and the room it takes on the pretend one.

The folder is there so that what labkit must clear away is there to be cleared away. Its files
are small, and what a machine is stands in the world. Only a disk that is copied to be another
machine's, on another pretend computer maybe, is read.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path

from labkit.errors import ComputerError, LabError
from labkit.sim.installed import Disk, System
from labkit.sim.world import SimMachine, World

_IMAGES = (".iso", ".viso", ".cdr", ".dmg")
_PRETENDED = "labkit's pretend disk"
_INSTALLED_MIB = 2300
_CLONED_MIB = 400


def settings_file(machine: SimMachine) -> Path:
    """Without it VirtualBox does not know the machine any more."""
    return Path(machine.folder) / f"{machine.name}.vbox"


def disk_file(machine: SimMachine) -> Path:
    """A machine's own disk."""
    return settings_file(machine).with_suffix(".vdi")


def write_disk(machine: SimMachine) -> None:
    """What is on a machine's disk, into its file."""
    text = json.dumps({_PRETENDED: asdict(machine.disk)}) + "\n"
    disk_file(machine).write_text(text, encoding="utf-8")


def disk_on(image: Path) -> Disk:
    """What is on a disk, from its file. Raises `LabError` when that is none."""
    try:
        tree = json.loads(image.read_text(encoding="utf-8"))[_PRETENDED]
        system = tree["system"]
        return Disk(tree["size_mib"], System(**system) if system is not None else None)
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise LabError(
            f"VirtualBox does not take {image} for a disk image.",
            details=f"VERR_VD_GEN_INVALID_HEADER: {cause}",
            hint="See whether the file is there and whole.",
        ) from cause


def make(machine: SimMachine) -> None:
    """The folder with settings and disk; leftovers of a killed creation go first."""
    folder = Path(machine.folder)
    try:
        clear(folder)
        folder.mkdir(parents=True, exist_ok=True)
        facts = {"name": machine.name, "uuid": machine.uuid, "based on": machine.based_on}
        write_disk(machine)
        settings_file(machine).write_text(json.dumps(facts) + "\n", encoding="utf-8")
    except OSError as cause:
        raise ComputerError(
            f"The folder of {machine.name} could not be made.",
            details=str(cause),
            hint=f"Make room on the disk of {folder}, or see who may write there.",
        ) from cause


def remove(machine: SimMachine) -> None:
    """Its files, as far as they are its own."""
    try:
        clear(Path(machine.folder))
    except OSError as cause:
        raise LabError(
            f"The files of {machine.name} could not all be removed.",
            details=str(cause),
            hint="Close what uses them, then run the same command again.",
        ) from cause


def clear(folder: Path) -> None:
    """Remove it with all that is in it, but never a DVD image: those belong to somebody."""
    for place, folders, names in os.walk(folder, topdown=False):
        here = Path(place)
        links = [name for name in folders if (here / name).is_symlink()]
        for name in [*names, *links]:
            if not name.lower().endswith(_IMAGES):
                (here / name).unlink()
        if not any(here.iterdir()):
            here.rmdir()


def used_mib(machine: SimMachine) -> int:
    """What a machine takes of the pretend computer's disk."""
    written = 0
    if machine.disk.system is not None:
        written = _CLONED_MIB if machine.based_on is not None else _INSTALLED_MIB
    states = sum(machine.memory_mib for kept in machine.snapshots if kept.memory is not None)
    return written + states + (machine.memory_mib if machine.power == "saved" else 0)


def free_mib(world: World) -> int:
    """What is left of it."""
    return max(0, world.disk_mib - sum(used_mib(machine) for machine in world.machines.values()))
