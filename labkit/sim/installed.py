"""What is on a pretend disk: an installed system, and what has become of it since."""

import copy
from dataclasses import dataclass, field
from typing import Any

Json = Any


class Tables(dict[str, Json]):
    """XAPI's records: by class, then by reference. What is looked up in them again and again is
    kept beside them, and not in the world's file: `index` belongs to `sim/xapi`."""

    index: Any = None

    def __deepcopy__(self, memo: dict[int, Any]) -> "Tables":
        return Tables(copy.deepcopy(dict(self), memo))


@dataclass
class System:
    """What an installer left on a disk, and what has become of it since."""

    generation: str
    inventory: dict[str, str]
    """`/etc/xensource-inventory`: INSTALLATION_UUID, CONTROL_DOMAIN_UUID…"""
    hostname: str
    management: dict[str, Json]
    """interface, mode, address, netmask, gateway, dns: `management.conf`."""
    root_hash: str
    """A crypt string; `!!` when nobody gave a password."""
    sr_type: str
    """`ext`, `lvm`; `none` when no disk was given to a local repository."""
    hook: bool = False
    """A first-boot hook that reads the identity medium is in place."""
    booted: bool = False
    macs: list[str] = field(default_factory=list)
    """Of eth0, eth1…: `static-rules.conf`. Without them adapters are named in their order."""
    machine_id: str = ""
    """`/etc/machine-id`."""
    pool_conf: str = "master"
    """`master`, or `slave:<address>`."""
    certificate: str = ""
    """The key and certificate its web server shows, as PEM; made when HTTPS is first served."""
    exports: dict[str, Json] = field(default_factory=dict)
    """Of a storage server: its shares, and the networks of its clients."""
    volumes: dict[str, Json] = field(default_factory=dict)
    """What is on its disks beside the system, by device or folder. Only `sim/xapi/storage` reads
    it."""
    database: Tables | None = None
    """XAPI's database, kept on the master's disk; made at first boot. Only `sim/xapi` reads it."""
    backup: Tables | None = None
    """The same of a pool this host is to be the master of, from the next start of its XAPI on."""


@dataclass
class Disk:
    """A virtual disk."""

    size_mib: int
    system: System | None = None
