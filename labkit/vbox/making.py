"""Machines come and go, whole: what breaks on the way leaves nothing behind.

Labels are written before a machine is registered, so that none is ever without them. What a
killed run left is found by its place, the machine's own folder.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labkit.errors import LabError
from labkit.vbox import images
from labkit.vbox.connection import Connection
from labkit.vbox.driver import Machine, MachineSpec, Stop
from labkit.vbox.finding import look_up, machine_called, snapshot_called, unreadable
from labkit.vbox.power import stop
from labkit.vbox.refusals import asking
from labkit.vbox.settings import apply_common, apply_hardware
from labkit.vbox.words import CONTROLLER, DRIVES, absolute, as_made, name_of

_OS_TYPE = "Linux26_64"


def create(to: Connection, wanted: MachineSpec) -> Machine:
    """A new machine."""
    bindings, kinds = to.bindings, to.bindings.library.DeviceType
    with _making(to, wanted) as machine:
        apply_hardware(bindings, machine, wanted)
        adapters = apply_common(bindings, machine, wanted)
        images.forget_missing(bindings, _disk_file(wanted))
        if wanted.disk_image is not None:
            disk = _adopted(to, wanted, wanted.disk_image)
        else:
            disk = _new_disk(to, wanted) if wanted.disk_mib else None
        bindings.vbox.register_machine(machine)
        # Only a registered machine takes devices.
        with to.session(machine, wanted.name) as session:
            if disk is not None:
                session.machine.attach_device(CONTROLLER, 0, 0, kinds.hard_disk, disk)
            for port in DRIVES:
                session.machine.attach_device_without_medium(CONTROLLER, port, 0, kinds.dvd)
            session.machine.save_settings()
        return as_made(machine, wanted, adapters)


def clone(to: Connection, source: str, snapshot: str, wanted: MachineSpec) -> Machine:
    """A linked clone of a snapshot."""
    bindings = to.bindings
    origin = snapshot_called(machine_called(bindings, source), snapshot).machine
    with _making(to, wanted) as machine:
        mode, link = bindings.constants.CloneMode_MachineState, bindings.constants.CloneOptions_Link
        progress = bindings.progress(origin._i.cloneTo(machine._i, mode, [link]))
        to.finish(progress, f"`{source}` could not be cloned.")
        # What was in the source's drives came along.
        images.empty_drives(bindings, machine)
        adapters = apply_common(bindings, machine, wanted)
        bindings.vbox.register_machine(machine)
        return as_made(machine, wanted, adapters)


def remove(to: Connection, name: str) -> None:
    """A machine with all that is its own."""
    bindings, modes = to.bindings, to.bindings.library.CleanupMode
    machine = look_up(bindings, name)
    if machine is None:
        return
    what = f"`{name}` could not be removed."
    folder = Path(machine.settings_file_path).parent
    others = [name_of(found) for found in _inside(to, folder) if found.id_p != machine.id_p]
    if others:
        raise LabError(
            what,
            details=f"Its folder {folder} holds other machines, too: {', '.join(others)}.",
            hint="Remove those first.",
        )
    if not machine.accessible:
        machine.unregister(modes.unregister_only)
        images.clear(bindings, folder)
        return
    clones = images.clones_of(bindings, folder)
    if clones:
        # VirtualBox would go ahead, and fail at the disk when the machine is gone already.
        raise LabError(
            what,
            details=f"Linked clones still need its disk: {', '.join(clones)}.",
            hint="Remove those first.",
        )
    stop(to, machine, name, Stop.CUT)
    dvds = images.dvds_of_all(bindings, machine)
    mode = modes.detach_all_return_hard_disks_only
    disks = to.unlocked(name, lambda: machine.unregister(mode))
    own = [disk for disk in disks if images.is_within(disk, folder)]
    # It cannot delete disks of which one is missing: those are forgotten, and cleared away below.
    whole = all(Path(disk.location).exists() for disk in own)
    to.finish(machine.delete_config(own if whole else []), what)
    images.forget_dvds(bindings, dvds)
    images.clear(bindings, folder)


@contextmanager
def _making(to: Connection, wanted: MachineSpec) -> Iterator[Any]:
    """An empty machine, not registered yet; unmade when what is inside breaks."""
    bindings, folder = to.bindings, absolute(wanted.folder)
    if look_up(bindings, wanted.name) is not None:
        raise LabError(
            f"There is a machine called `{wanted.name}` already.",
            hint="Rename or remove it in VirtualBox, then run the command again.",
        )
    clear_leftovers(to, folder)
    machine = bindings.library.IMachine(
        bindings.vbox._i.createMachine(
            str(folder / f"{wanted.name}.vbox"),
            wanted.name,
            bindings.constants.PlatformArchitecture_x86,
            [wanted.group],
            _OS_TYPE,
            *("", "", "", ""),  # flags, and three about encryption
        )
    )
    try:
        yield machine
    except BaseException:  # Ctrl-C too
        with asking(bindings, f"`{wanted.name}` was left half made."):
            remove(to, wanted.name)
            images.clear(bindings, folder)
        raise


def clear_leftovers(to: Connection, folder: Path) -> None:
    """Remove what was left in a folder by something that was killed."""
    # Without a folder there is nothing to look through all machines and disks for, except a
    # machine whose files somebody deleted.
    if not folder.exists() and not any(
        _is_inside(found, folder) for found in unreadable(to.bindings)
    ):
        return
    for found in _inside(to, folder):
        if found.accessible:
            raise LabError(
                f"The folder {folder} belongs to the machine `{found.name}`.",
                hint="Remove that machine in VirtualBox, then run the command again.",
            )
        # Its settings file is gone or half written.
        found.unregister(to.bindings.library.CleanupMode.unregister_only)
    images.clear(to.bindings, folder)


def _inside(to: Connection, folder: Path) -> list[Any]:
    """The machines whose settings are in that folder or below."""
    return [found for found in to.bindings.vbox.machines if _is_inside(found, folder)]


def _is_inside(machine: Any, folder: Path) -> bool:
    return Path(machine.settings_file_path).is_relative_to(folder)


def _adopted(to: Connection, wanted: MachineSpec, image: Path) -> Any:
    file = _disk_file(wanted)
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(image, file)
    library = to.bindings.library
    # True: a new UUID. VirtualBox knows each disk by its own, and copies have the same.
    return to.bindings.vbox.open_medium(
        str(file), library.DeviceType.hard_disk, library.AccessMode.read_write, True
    )


def _new_disk(to: Connection, wanted: MachineSpec) -> Any:
    library = to.bindings.library
    file = _disk_file(wanted)
    disk = to.bindings.vbox.create_medium(
        "VDI", str(file), library.AccessMode.read_write, library.DeviceType.hard_disk
    )
    progress = disk.create_base_storage(wanted.disk_mib * 1024**2, [library.MediumVariant.standard])
    to.finish(progress, f"The disk of `{wanted.name}` could not be made.")
    return disk


def _disk_file(wanted: MachineSpec) -> Path:
    return absolute(wanted.folder) / f"{wanted.name}.vdi"
