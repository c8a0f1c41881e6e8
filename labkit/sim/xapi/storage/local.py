"""A host's own disk: its partitions, and folders of its file system."""

from labkit.sim.world import SimMachine
from labkit.sim.xapi.places import system_of
from labkit.sim.xapi.storage.codes import refused
from labkit.sim.xapi.storage.driver import MIB, Access, Driver
from labkit.sim.xapi.storage.media import Volume, new_repository

PARTITION = "/dev/sda3"
"""What the installer leaves for a local repository."""
SYSTEM_MIB = 46 * 1024
"""What its own partitions take of the disk."""
_SYSTEM = {"/dev/sda", *(f"/dev/sda{number}" for number in (1, 2, 4, 5, 6))}
_FULL = ("/", "/bin", "/boot", "/etc", "/lib", "/opt", "/root", "/run", "/sbin", "/usr", "/var")
"""Folders that are on any host, and not empty."""
_EMPTY = ("/home", "/media", "/mnt", "/srv", "/opt/xensource/packages/iso")
_NOT_ON_DISK = ("/dev", "/proc", "/sys")


def room_of(machine: SimMachine) -> int:
    """Bytes the installer leaves for a local repository."""
    return max(0, machine.disk.size_mib - SYSTEM_MIB) * MIB


def partition_of(machine: SimMachine, device: str) -> Volume | None:
    """What is on a device; None when there is no such device."""
    volumes = system_of(machine).volumes
    if device in volumes or device in _SYSTEM:
        return Volume(volumes.setdefault(device, {}), room_of(machine))
    return None


def folder_of(machine: SimMachine, path: str) -> Volume | None:
    """What is in a folder; None when there is no such folder."""
    wanted = "/" + path.strip("/")
    volumes = system_of(machine).volumes
    if not path.startswith("/") or (wanted not in volumes and wanted not in (*_FULL, *_EMPTY)):
        return None
    return Volume(volumes.setdefault(wanted, {}), SYSTEM_MIB * MIB // 4)


def make_folder(machine: SimMachine, path: str) -> Volume:
    """The folder, which is made if there is none."""
    wanted = "/" + path.strip("/")
    if not path.startswith("/") or f"/{wanted.split('/')[1]}" in _NOT_ON_DISK:
        raise refused(61, "directory creation failure 1")
    if wanted in _FULL:
        raise refused(42)
    system_of(machine).volumes.setdefault(wanted, {})
    volume = folder_of(machine, wanted)
    assert volume is not None
    return volume


class Partition(Driver):
    """A repository on partitions or disks of the host: `device` names them, with commas. What is
    on them is kept at the first."""

    group_number: int
    """What is told when the volumes cannot be made."""

    def volume(self, access: Access) -> Volume:
        return self._volumes(access)[0]

    def create(self, access: Access) -> None:
        volumes = self._volumes(access)
        devices = access.device["device"].split(",")
        if any(device in _SYSTEM or device in access.taken for device in devices):
            raise refused(16)
        for volume in volumes:
            if volume.suffers("leftovers"):
                raise refused(42)
            if volume.suffers("lvm"):
                raise refused(self.group_number)
            # Whatever was there is gone: nobody asks.
            volume.repositories.clear()
        volumes[0].repositories[access.uuid] = new_repository(self.type)

    def _volumes(self, access: Access) -> list[Volume]:
        found = []
        for device in access.needs("device", 90).split(","):
            volume = partition_of(access.machine, device)
            if volume is None:
                raise refused(91, f"path is {device}")
            found.append(volume)
        return found
