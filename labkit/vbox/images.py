"""Disks and DVD images: inserted, forgotten, cleared away. Never a DVD image deleted.

VirtualBox's own full clean-up hands DVD images to be deleted together with the disks, and
would take the vendor's ISO along. So what is deleted is chosen here: hard disks inside a
machine's own folder. DVD images are only forgotten: VirtualBox no longer lists them.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from labkit.errors import LabError
from labkit.vbox.bindings import Bindings
from labkit.vbox.words import CONTROLLER, DRIVES, absolute, dvds_of, snapshots_of

_EJECTED = "labkit.ejected"
"""Extra data: images taken out of a running machine, to be forgotten with it."""
_DVD_SUFFIXES = {".iso", ".viso", ".dmg", ".cdr"}


def insert(bindings: Bindings, session: Any, drive: int, medium: Path | None) -> None:
    """Put an image into a drive of a locked machine, or take out what is in it."""
    library, machine = bindings.library, session.machine
    if drive not in range(len(DRIVES)):
        raise LabError(
            f"`{machine.name}` has no DVD drive {drive}.", hint="Its drives are number 0 and 1."
        )
    port = DRIVES[drive]
    inside = next((found for at, found in dvds_of(bindings, machine) if at == port), None)
    before = Path(inside.location) if inside is not None else None
    after = absolute(medium) if medium is not None else None
    if before == after:
        return
    if after is None:
        # By force: a guest that has mounted its installer would hold on to it.
        machine.unmount_medium(CONTROLLER, port, 0, True)
    else:
        image = bindings.vbox.open_medium(
            str(after), library.DeviceType.dvd, library.AccessMode.read_only, False
        )
        machine.mount_medium(CONTROLLER, port, 0, image, False)
    if before is not None:
        kept = forget_dvds(bindings, {before, *_ejected(machine)})
        machine.set_extra_data(_EJECTED, "\n".join(sorted(map(str, kept))))
    machine.save_settings()


def empty_drives(bindings: Bindings, machine: Any) -> None:
    """Take out what is in a machine's drives."""
    for port, _ in list(dvds_of(bindings, machine)):
        machine.unmount_medium(CONTROLLER, port, 0, True)


def dvds_of_all(bindings: Bindings, machine: Any) -> set[Path]:
    """The DVD images that a machine or one of its snapshots has inserted, or that it was not
    rid of when they were taken out."""
    states = [machine, *(snapshot.machine for snapshot in snapshots_of(machine))]
    inserted = {Path(image.location) for state in states for _, image in dvds_of(bindings, state)}
    return inserted | _ejected(machine)


def forget_dvds(bindings: Bindings, images: Iterable[Path]) -> set[Path]:
    """Let VirtualBox no longer list those images, unless a machine still has them inserted.
    Gives those that it holds on to: a running machine does, after they were taken out."""
    wanted, kept = set(images), set()
    for image in bindings.vbox.dvd_images if wanted else ():
        place = Path(image.location)
        if place not in wanted or image.machine_ids:
            continue
        if image._i.state == bindings.constants.MediumState_LockedRead:
            kept.add(place)
        else:
            image.close()
    return kept


def forget_missing(bindings: Bindings, file: Path) -> None:
    """Let VirtualBox no longer list a disk whose file somebody deleted: as long as it does, it
    refuses another in that place."""
    library = bindings.library
    with suppress(*bindings.errors):  # it knows none
        bindings.vbox.open_medium(
            str(file), library.DeviceType.hard_disk, library.AccessMode.read_write, False
        ).close()


def disk_of(bindings: Bindings, machine: Any, name: str) -> Path:
    """The file at the bottom of a machine's disk."""
    for attachment in machine.medium_attachments:
        if attachment._i.type == bindings.constants.DeviceType_HardDisk:
            return Path(attachment.medium.base.location)
    raise LabError(f"`{name}` has no disk.", hint="Make it afresh, with one.")


def disks_within(bindings: Bindings, folder: Path) -> list[Any]:
    """Every hard disk VirtualBox knows in that folder; those made of others come first."""
    return [disk for disk in _all_disks(bindings.vbox.hard_disks) if is_within(disk, folder)]


def is_within(medium: Any, folder: Path) -> bool:
    """Whether a medium's file is in that folder or below."""
    return Path(medium.location).is_relative_to(folder)


def clones_of(bindings: Bindings, folder: Path) -> tuple[str, ...]:
    """The machines outside whose disks are made of disks in that folder.

    Disks that were to belong to such a machine, but whose making was killed, are forgotten.
    """
    names = set()
    for disk in disks_within(bindings, folder):
        for child in disk.children:
            if is_within(child, folder):
                continue
            family = list(_all_disks([child]))
            users = {uuid for member in family for uuid in member.machine_ids}
            names |= {str(bindings.vbox.find_machine(uuid).name) for uuid in users}
            for member in family if not users else ():
                member.close()
    return tuple(sorted(names))


def clear(bindings: Bindings, folder: Path) -> None:
    """Remove a machine's folder and let VirtualBox forget the disks in it. DVD images stay,
    and with them the folders they are in."""
    for disk in disks_within(bindings, folder):
        disk.close()
    for where, folders, files in os.walk(folder, topdown=False):
        for name in files:
            if Path(name).suffix.lower() not in _DVD_SUFFIXES:
                Path(where, name).unlink()
        for name in folders:
            _remove_folder(Path(where, name))
    if folder.exists():
        _remove_folder(folder)


def _ejected(machine: Any) -> set[Path]:
    return {Path(line) for line in str(machine.get_extra_data(_EJECTED)).splitlines()}


def _remove_folder(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
        return
    with suppress(OSError):  # a DVD image is in it
        folder.rmdir()


def _all_disks(disks: Iterable[Any]) -> Iterator[Any]:
    for disk in disks:
        yield from _all_disks(disk.children)
        yield disk
