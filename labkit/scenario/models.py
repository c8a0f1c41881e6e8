"""A scenario: what a person wrote, typed and frozen. Wanted, not found.

The field descriptions are the reference: editors show them (JSON Schema) and
`docs/scenarios.md` is generated from them. Rules that span several fields are in
`labkit/scenario/rules.py`.
"""

import re
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

GenerationName = Literal["xcp-ng-8.3"]
"""Families of installers labkit can drive. `labkit/media/generations.py` has the rules of each."""

_UNITS = {"MiB": 1, "GiB": 1024, "TiB": 1024 * 1024}


def _mebibytes(value: Any) -> Any:
    """Turn '4 GiB' into 4096; a bare number would leave the unit to guesswork."""
    match = re.fullmatch(r"\s*(\d+)\s*(MiB|GiB|TiB)\s*", value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("must be a whole number and a unit: MiB, GiB or TiB, such as `4 GiB`")
    return int(match[1]) * _UNITS[match[2]]


Size = Annotated[
    int,
    BeforeValidator(_mebibytes, json_schema_input_type=str),
    Field(json_schema_extra={"pattern": r"^\s*\d+\s*(MiB|GiB|TiB)\s*$", "examples": ["4 GiB"]}),
]
"""MiB inside labkit, a number with its unit in the file."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,62}$")]
"""A host name: letters, digits and dashes."""

Mac = Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$")]


class Part(BaseModel):
    """Frozen; a key it does not know is an error, not a wish that goes unheard."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class InstallerSpec(Part):
    """How the hosts are installed."""

    generation: GenerationName
    """The family of installers."""
    iso: Path | None = None
    """The vendor's ISO. Left out: labkit looks in `isos/` for one of the generation."""
    root_password: SecretStr | None = None
    """The hosts' root password. Left out: `LABKIT_ROOT_PASSWORD`, else labkit asks."""
    keymap: str = "us"
    """Keyboard of the console: us, es, fr…"""
    timezone: str = "Etc/UTC"
    """Region/City, such as `Europe/Madrid`."""
    ntp: tuple[str, ...] = ()
    """Time servers. Left out: the installer's own default."""


class LanSpec(Part):
    """The network of the room, which bridged adapters are put on."""

    adapter: str | None = None
    """The computer's interface, by the exact name VirtualBox lists. Left out: the wired one
    that is up and has the default route."""


class NetworkSpec(Part):
    """A network that hosts' adapters are plugged into."""

    attachment: Literal["bridged", "internal", "host-only"]
    """Bridged: the LAN. Internal: a network of the lab's own. Host-only: this computer and the
    lab."""
    cidr: IPv4Network | None = None
    """Its addresses, such as `192.168.1.0/24`. Needed where hosts have their address."""
    gateway: IPv4Address | None = None
    """The router. Left out: none, an isolated network."""
    dns: tuple[IPv4Address, ...] = ()
    """Name servers."""


class Nic(Part):
    """One network adapter of a host."""

    network: str
    """One of the scenario's networks."""
    promiscuous: Literal["allow-all", "deny"] = "allow-all"
    """Guests of a nested host need `allow-all`."""
    mac: Mac | None = None
    """Left out: VirtualBox chooses."""


class HostSpec(Part):
    """One XCP-ng host."""

    address: IPv4Address
    """Its management address, on the network of its first adapter."""
    nics: tuple[Nic, ...] = Field(min_length=1, max_length=8)
    """Its network adapters, in order; the first one is for management."""
    cpus: int = Field(default=2, ge=1, le=16)
    """Virtual CPUs."""
    memory: Size = Field(default=4096, ge=2048)
    """Memory."""
    disk: Size = Field(default=64 * 1024)
    """Disk; grows as it is written. Hosts of one generation share one installation, so all
    have the same."""


class StorageSpec(Part):
    """Storage repositories."""

    local: Literal["ext", "lvm", "none"] = "ext"
    """The repository the installer makes on each host's own disk."""


class PoolSpec(Part):
    """The pool the hosts are joined into."""

    name: str = Field(min_length=1, max_length=64)
    """Its name label."""
    master: str
    """The host that becomes master; the others join it."""
    kind: Literal["homogeneous", "heterogeneous"] = "homogeneous"
    """Homogeneous: the same CPUs on every host."""


class Scenario(Part):
    """A lab as a person wants it."""

    name: Name
    """What the lab is called: `labkit up 6J`."""
    title: str = ""
    """One line for `labkit scenario list`."""
    installer: InstallerSpec
    """How the hosts are installed."""
    lan: LanSpec = LanSpec()
    """The network of the room."""
    networks: dict[Name, NetworkSpec] = Field(min_length=1)
    """Networks, by name."""
    hosts: dict[Name, HostSpec] = Field(min_length=1)
    """Hosts, by name."""
    storage: StorageSpec = StorageSpec()
    """Storage repositories."""
    pool: PoolSpec | None = None
    """The pool. Left out: the hosts stay on their own."""

    @property
    def members(self) -> tuple[str, ...]:
        """The hosts that join the master, in the order of the file."""
        if self.pool is None:
            return ()
        return tuple(name for name in self.hosts if name != self.pool.master)

    @property
    def management(self) -> NetworkSpec:
        """The network the hosts have their addresses on: that of the first host's first adapter."""
        first = next(iter(self.hosts.values()))
        return self.networks[first.nics[0].network]
