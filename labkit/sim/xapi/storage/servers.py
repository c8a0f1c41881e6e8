"""The storage servers a pretend host finds: the lab's machines that export, and the room's.

The room has a server wherever no machine has the address. It exports any path to anybody, unless
`World.shares` says otherwise for its address: `off`, `shares`, `clients`, `versions`, `iscsi`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from labkit.sim.debian.server import serves
from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.addresses import is_address
from labkit.sim.xapi.places import system_of
from labkit.sim.xapi.storage.media import Kept, Volume

_MIB = 1024 * 1024
_ROOM = 1024 * 1024 * _MIB
"""The size of a share of the room's: a terabyte."""
_VERSIONS = ("3", "4", "4.0", "4.1")


@dataclass(frozen=True, slots=True)
class Server:
    """A server whose shares can be mounted."""

    shares: tuple[str, ...] | None
    """None: any path is one."""
    clients: tuple[str, ...]
    """Addresses and networks; `*` is everybody."""
    versions: tuple[str, ...]
    size: int
    folders: dict[str, Kept]

    def share(self, path: str, host: SimMachine) -> Volume | None:
        """What a host sees under a path; None when it may not, or nothing is exported there."""
        wanted = "/" + path.strip("/")
        if self.shares is not None and wanted not in self.shares:
            return None
        return Volume(self.folders.setdefault(wanted, {}), self.size) if self._knows(host) else None

    def _knows(self, host: SimMachine) -> bool:
        address = str(system_of(host).management.get("address") or "")
        if "*" in self.clients:
            return True
        return is_address(address) and any(
            ip_address(address) in ip_network(client, strict=False) for client in self.clients
        )


def nfs_server(world: World, address: str) -> Server | None:
    """The server at an address; None when nothing there speaks NFS."""
    if not is_address(address) or not serves(world, address):
        return None
    for machine in world.machines.values():
        system = machine.disk.system
        if system is not None and system.management.get("address") == address:
            exports: Kept = system.exports
            return Server(
                shares=tuple(exports["shares"]),
                clients=tuple(exports["clients"]),
                versions=_VERSIONS,
                size=machine.disk.size_mib * _MIB,
                # On its own disk, so that a checkpoint of the lab has them, too.
                folders=exports.setdefault("folders", {}),
            )
    room = world.shares.setdefault(address, {})
    if room.get("off"):
        return None
    shares = room.get("shares")
    return Server(
        shares=None if shares is None else tuple(shares),
        clients=tuple(room.get("clients", ("*",))),
        versions=tuple(room.get("versions", _VERSIONS)),
        size=_ROOM,
        folders=room.setdefault("folders", {}),
    )


def iscsi_targets(world: World, address: str) -> Mapping[str, Any] | None:
    """The room's iSCSI targets at an address: by IQN, units by their SCSI id; None: nothing
    answers. `labkit` sets up none: they are there when the world says so."""
    found: Mapping[str, Any] | None = world.shares.get(address, {}).get("iscsi")
    return found
