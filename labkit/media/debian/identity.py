"""Who a storage server is: a small medium that its first-boot hook reads, once.

As a host's, in lines of KEY='value'; what would need more than that is refused here.
"""

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from labkit.media.answers import ROOT_HASH
from labkit.media.identity import lines_of, write_medium
from labkit.media.viso import ON_WINDOWS


@dataclass(frozen=True, slots=True)
class NasIdentity:
    """What tells one storage server from another. Raises `ValueError` when a value is not what
    it should be: all come from labkit itself."""

    machine_id: str
    """32 hexadecimal digits, as systemd has it."""
    hostname: str
    address: str
    netmask: str
    gateway: str
    """Empty: none."""
    dns: tuple[str, ...]
    clients: tuple[str, ...]
    """Networks that may mount the shares: `192.168.1.0/24`."""
    root_password_hash: str = field(repr=False)
    """SHA-512 crypt."""
    interface: str = "eth0"
    mac: str = ""
    """Of the adapter that gets the address, with colons. Empty: that of the name `interface`."""

    def __post_init__(self) -> None:
        gateways = (self.gateway,) if self.gateway else ()
        for address in (self.address, *gateways, *self.dns):
            IPv4Address(address)
        # Only a mask makes a network of nothing else.
        IPv4Network(f"0.0.0.0/{self.netmask}")
        for clients in self.clients:
            IPv4Network(clients)
        for value, form in (
            (self.machine_id, r"[0-9a-f]{32}"),
            (self.hostname, r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}"),
            (self.netmask, r"[0-9.]{7,15}"),
            (self.interface, r"eth[0-9]{1,2}"),
            (self.mac, r"(([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2})?"),
        ):
            if not re.fullmatch(form, value):
                raise ValueError(f"{value!r} is not of the form {form}")
        if not self.clients:
            raise ValueError("nobody may mount the shares")
        if not ROOT_HASH.fullmatch(self.root_password_hash):
            raise ValueError("the root password's hash is not SHA-512 crypt")


def write_identity(folder: Path, identity: NasIdentity, *, windows: bool = ON_WINDOWS) -> Path:
    """Write `identity.viso` and the file it shows into a folder; gives the VISO's path."""
    return write_medium(folder, identity_lines(identity), windows=windows)


def identity_lines(identity: NasIdentity) -> str:
    """What the hook reads."""
    values = {
        "MACHINE_ID": identity.machine_id,
        "HOSTNAME": identity.hostname,
        "INTERFACE": identity.interface,
        "MAC": identity.mac.lower(),
        "ADDRESS": identity.address,
        "NETMASK": identity.netmask,
        "GATEWAY": identity.gateway,
        "DNS": ",".join(identity.dns),
        "CLIENTS": ",".join(identity.clients),
        "ROOT_HASH": identity.root_password_hash,
    }
    return lines_of(values)
