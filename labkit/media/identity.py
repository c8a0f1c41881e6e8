"""Who a clone is: a small medium that its first-boot hook reads, once.

Lines of KEY='value' and nothing else, so that a shell without any tools can take them apart;
values that would need more than that are refused here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Literal
from uuid import UUID

from labkit.media.answers import ROOT_HASH
from labkit.media.viso import ON_WINDOWS, place, viso

LABEL = "LABKIT"
"""The medium's volume label; the hook looks for it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one clone of a golden machine from another. Raises `ValueError` when a value
    is not what it should be: all come from labkit itself."""

    host_uuid: str
    """The host's in XAPI."""
    control_domain_uuid: str
    machine_id: str
    """32 hexadecimal digits, as systemd has it."""
    hostname: str
    address: str
    netmask: str
    gateway: str
    """Empty: none."""
    dns: tuple[str, ...]
    root_password_hash: str = field(repr=False)
    """SHA-512 crypt."""
    macs: tuple[str, ...]
    """Of its machine's adapters, in their order: eth0, eth1…"""
    adapter: int = 0
    """The number of its management adapter."""
    mode: Literal["static", "dhcp"] = "static"
    """How that one comes by the address; with `dhcp` the room's server has the others, too."""

    @property
    def interface(self) -> str:
        """The management adapter's name in the host."""
        return f"eth{self.adapter}"

    @property
    def mac(self) -> str:
        """The management adapter's MAC address."""
        return self.macs[self.adapter]

    def __post_init__(self) -> None:
        for uuid_ in (self.host_uuid, self.control_domain_uuid):
            UUID(uuid_)
        gateways = (self.gateway,) if self.gateway else ()
        for address in (self.address, self.netmask, *gateways, *self.dns):
            IPv4Address(address)
        for value, form in (
            (self.machine_id, r"[0-9a-f]{32}"),
            (self.hostname, r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}"),
            (self.mode, "static|dhcp"),
            *((mac, r"([0-9a-f]{2}:){5}[0-9a-f]{2}") for mac in self.macs),
        ):
            if not re.fullmatch(form, value):
                raise ValueError(f"{value!r} is not of the form {form}")
        if self.adapter not in range(len(self.macs)):
            raise ValueError(f"of {len(self.macs)} adapters none has the number {self.adapter}")
        if not ROOT_HASH.fullmatch(self.root_password_hash):
            raise ValueError("the root password's hash is not SHA-512 crypt")


def write_identity(folder: Path, identity: Identity, *, windows: bool = ON_WINDOWS) -> Path:
    """Write `identity.viso` and the file it shows into a folder; gives the VISO's path."""
    return write_medium(folder, _lines(identity), windows=windows)


def write_medium(folder: Path, text: str, *, windows: bool = ON_WINDOWS) -> Path:
    """Write a medium that says who somebody is into a folder; gives the VISO's path."""
    place(folder / "identity", text)
    medium = folder / "identity.viso"
    options = ("--rational-rock", f"--volume-id={LABEL}", "/identity=identity")
    place(medium, viso(options, windows=windows))
    return medium


def lines_of(values: Mapping[str, str]) -> str:
    """What a hook reads: KEY='value', one a line."""
    return "".join(f"{key}='{value}'\n" for key, value in values.items())


def _lines(identity: Identity) -> str:
    values = {
        # XAPI writes UUIDs in one form only and compares them as text.
        "HOST_UUID": str(UUID(identity.host_uuid)),
        "CONTROL_DOMAIN_UUID": str(UUID(identity.control_domain_uuid)),
        "MACHINE_ID": identity.machine_id,
        "HOSTNAME": identity.hostname,
        "MACS": ",".join(identity.macs),
        "INTERFACE": identity.interface,
        "PROTO": identity.mode,
        "ADDRESS": identity.address,
        "NETMASK": identity.netmask,
        "GATEWAY": identity.gateway,
        "DNS": ",".join(identity.dns),
        "ROOT_HASH": identity.root_password_hash,
    }
    return lines_of(values)
