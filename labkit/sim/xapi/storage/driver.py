"""What every storage driver can be asked."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.storage.codes import refused
from labkit.sim.xapi.storage.media import Kept, Volume, new_repository
from labkit.sim.xapi.storage.xml import srlist

MIB = 1024 * 1024
_BLOCK = 2 * MIB
"""Disks are rounded up to it."""
_EMPTY = 64 * 1024
"""What an empty disk takes where room is taken as it is written to."""
_LARGEST = 2040 * 1024 * MIB
"""What a VHD can hold."""


@dataclass(frozen=True, slots=True)
class Access:
    """One host's way to one repository."""

    world: World
    machine: SimMachine
    device: Mapping[str, str]
    """`device_config`."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """`sm_config`."""
    uuid: str = ""
    """The repository's; empty when none is meant, as in a probe."""
    master: bool = True
    """Whether this host may change what describes the repository."""
    taken: frozenset[str] = frozenset()
    """Devices that other repositories of the host are on."""

    def needs(self, key: str, number: int) -> str:
        """An entry of `device_config` without which the driver refuses."""
        value = self.device.get(key, "")
        if not value:
            raise refused(number)
        return value


class Driver(ABC):
    """How repositories of one type are made, found and used. All may raise `Failure`."""

    type: ClassVar[str]
    thick: ClassVar[bool] = False
    """Whether a disk takes all its room at once."""
    remembers_names: ClassVar[bool] = False
    """Whether names can be read off the medium."""

    @abstractmethod
    def volume(self, access: Access) -> Volume:
        """Where the repository is, or is to be."""

    def create(self, access: Access) -> None:
        """Make a repository."""
        self.volume(access).repositories[self.key(access)] = new_repository(self.type)

    def attach(self, access: Access) -> None:
        """Let a host use it."""
        if self.key(access) not in self.volume(access).repositories:
            raise refused(47, f"no such volume group: {access.uuid}")

    def delete(self, access: Access) -> None:
        """Remove it with all that is on it."""
        self.volume(access).repositories.pop(self.key(access), None)

    def probe(self, access: Access) -> str:
        """What is there, in the driver's XML."""
        return srlist({"UUID": uuid} for uuid in self.found(access))

    def found(self, access: Access) -> list[str]:
        """The repositories that are there."""
        there = self.volume(access).repositories.items()
        return [uuid for uuid, each in there if uuid and each["type"] == self.type]

    def disks(self, access: Access) -> dict[str, Kept]:
        """What is on it, by location."""
        there = self.volume(access).repositories.get(self.key(access))
        if there is None:
            raise refused(47, f"no such volume group: {access.uuid}")
        found: dict[str, Kept] = there["disks"]
        return found

    def key(self, access: Access) -> str:
        """Under what it is kept."""
        return access.uuid

    def measured(self, access: Access, size: int) -> tuple[int, int]:
        """The real size of a disk that is wanted so large, and the room it takes at first."""
        if not 0 < size <= _LARGEST:
            raise refused(79, f"VDI size must be between 1 MB and {_LARGEST // MIB} MB")
        whole = -(-size // _BLOCK) * _BLOCK
        takes = whole if self.thick and access.settings.get("allocation") != "thin" else _EMPTY
        volume = self.volume(access)
        if takes > volume.size - volume.used:
            raise refused(44)
        return whole, takes

    def store(self, access: Access, location: str, disk: Kept) -> None:
        """Put a disk there, or what has become of it."""
        self.disks(access)[location] = disk

    def remove(self, access: Access, location: str) -> None:
        """Remove a disk."""
        self.disks(access).pop(location, None)
