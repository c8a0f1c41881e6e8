"""A machine's folder on the real disk, and the room it takes on the pretend one.

The folder is there so that what labkit must clear away is there to be cleared away. Its files
are small and nothing in them is read: what a machine is stands in the world.
"""

import json
import os
from pathlib import Path

from labkit.errors import ComputerError, LabError
from labkit.sim.world import SimMachine, World

_IMAGES = (".iso", ".viso", ".cdr", ".dmg")
_INSTALLED_MIB = 2300
_CLONED_MIB = 400


def settings_file(machine: SimMachine) -> Path:
    """Without it VirtualBox does not know the machine any more."""
    return Path(machine.folder) / f"{machine.name}.vbox"


def make(machine: SimMachine) -> None:
    """The folder with settings and disk; leftovers of a killed creation go first."""
    folder = Path(machine.folder)
    try:
        clear(folder)
        folder.mkdir(parents=True, exist_ok=True)
        facts = {"name": machine.name, "uuid": machine.uuid, "based on": machine.based_on}
        disk = f"labkit's pretend disk of {machine.disk.size_mib} MiB\n"
        settings_file(machine).with_suffix(".vdi").write_text(disk, encoding="utf-8")
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
