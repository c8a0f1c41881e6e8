"""A scenario: what a person wrote, typed and frozen. Wanted, not found.

The field descriptions are the reference: editors show them (JSON Schema) and
`docs/scenarios.md` is generated from them. Rules that span several fields are in
`labkit/scenario/rules.py`.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from labkit.scenario.problem import spoken
from labkit.scenario.scripts import Stage
from labkit.scenario.values import (
    Address,
    Disk,
    FaultText,
    Keymap,
    Mac,
    Memory,
    Mirror,
    Name,
    Network,
    Script,
    Server,
    Service,
    Share,
    Size,
    Timezone,
)

GenerationName = Literal[
    "xcp-1.6", "xenserver-6.2", "xenserver-7", "xcp-ng-8.2", "xcp-ng-8.3", "xenserver-8"
]
"""Families of installers labkit can drive. `labkit/scenario/generations` has the rules of each."""

Kind = Literal["xen", "nas"]
"""What a host is: one of the pool's, or the storage server."""


class Part(BaseModel):
    """Frozen; a key it does not know is an error, not a wish that goes unheard."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        # An error shows what was put in, and that may be a password.
        hide_input_in_errors=True,
    )


class ScriptSpec(Part):
    """A script of your own that the installer runs. One that ends badly fails the installation."""

    stage: Stage
    """When: before anything is written, in the finished file system (its argument is where that
    is mounted), or at the very end."""
    file: Script
    """The script's file, as seen from the scenario's folder."""


class InstallerSpec(Part):
    """How the hosts are installed."""

    generation: GenerationName
    """The family of installers."""
    iso: Path | None = None
    """The vendor's ISO. Left out: labkit looks in `isos/` for one of the generation."""
    root_password: Annotated[SecretStr, Field(min_length=1)] | None = None
    """The hosts' root password. Left out: `LABKIT_ROOT_PASSWORD`, else labkit asks."""
    keymap: Keymap = "us"
    """Keyboard of the console: us, es, fr…"""
    timezone: Timezone = "Etc/UTC"
    """Region/City, such as `Europe/Madrid`."""
    ntp: tuple[Server, ...] = ()
    """Time servers. Left out: the installer's own default."""
    disk: Disk = "sda"
    """The disk to install on. Machines that labkit makes have one, `sda`; another name is for
    media made for other machines (`labkit media`)."""
    services: dict[Service, Literal["enabled", "disabled"]] = Field(default={})
    """Services of the hosts to start or not to start with them. From 8.0 on."""
    scripts: tuple[ScriptSpec, ...] = ()
    """Scripts of your own, in the order they are run."""


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
    cidr: Network | None = None
    """Its addresses, such as `192.168.1.0/24`. Needed where hosts have their address."""
    gateway: Address | None = None
    """The router. Left out: none, an isolated network."""
    dns: tuple[Address, ...] = ()
    """Name servers."""


class Nic(Part):
    """One network adapter of a host."""

    network: str
    """One of the scenario's networks."""
    promiscuous: Literal["allow-all", "deny"] = "allow-all"
    """Guests of a nested host need `allow-all`."""
    mac: Mac | None = None
    """Its MAC address, such as `08:00:27:00:00:01`. Left out: VirtualBox chooses."""
    management: Literal["static", "dhcp"] | None = None
    """The host is managed over this adapter. `static`: its `address` is set there. `dhcp`: it asks
    the room's DHCP server, which has to keep that `address` for this adapter's `mac`. Left out of
    all adapters: the first one, static."""


class HostSpec(Part):
    """One XCP-ng host, or the lab's storage server."""

    kind: Kind = "xen"
    """`xen`: a host of the pool. `nas`: a storage server, Debian with NFS; one at most."""
    address: Address
    """Its management address, on the network of its management adapter."""
    nics: tuple[Nic, ...] = Field(min_length=1, max_length=8)
    """Its network adapters, in order: `eth0` and so on in the host."""
    cpus: int = Field(default=2, ge=1, le=16, strict=True)
    """Virtual CPUs."""
    memory: Memory = 4096
    """Memory, 2 GiB at least; a `nas` does with 512 MiB."""
    disk: Size = 64 * 1024
    """Disk, 46 GiB at least (XCP 1.6, XenServer 6.2: 12 GiB; a `nas`: 8 GiB); grows as it is
    written. Hosts share one installation, so all have the same."""

    @property
    def management(self) -> int:
        """The number of its management adapter; that of the first is 0."""
        return next((nth for nth, nic in enumerate(self.nics) if nic.management), 0)

    @property
    def management_nic(self) -> Nic:
        """Its management adapter."""
        return self.nics[self.management]

    @property
    def management_mode(self) -> Literal["static", "dhcp"]:
        """How its management adapter comes by the address."""
        return self.management_nic.management or "static"


class ServerInstallerSpec(Part):
    """How a storage server is installed. What is not here is said at the top, in `installer`."""

    generation: Literal["debian-12"] = "debian-12"
    """The release of Debian."""
    iso: Path | None = None
    """Its netinst ISO. Left out: labkit looks in `isos/` for one of the release."""
    mirror: Mirror = "deb.debian.org/debian"
    """Where the packages that are not on the ISO come from, over plain HTTP."""


class ServerSpec(Part):
    """The NFS server with the storage that hosts share: a host of kind `nas`, or one that exists.
    Both export two folders."""

    external: Address | None = None
    """One that exists. Left out: the host of kind `nas`, if there is one."""
    vhd: Share = "/export/vhd"
    """The folder for the disks of VMs."""
    iso: Share = "/export/iso"
    """The folder for ISOs."""
    installer: ServerInstallerSpec = ServerInstallerSpec()
    """How a host of kind `nas` is installed."""


class StorageSpec(Part):
    """Storage repositories."""

    local: Literal["ext", "lvm", "none"] = "ext"
    """The repository the installer makes on each host's own disk."""
    server: ServerSpec = ServerSpec()
    """The server with the storage that hosts share."""


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
    faults: tuple[FaultText, ...] = ()
    """What is to go wrong, for `--on sim` only: `PBD.plug: fail twice with SR_BACKEND_FAILURE_73`
    (docs/faults.md)."""

    @model_validator(mode="after")
    def _rules(self) -> Self:
        # Not at the top: the rules are written in terms of the models above.
        from labkit.scenario.rules import broken

        problems = broken(self)
        if problems:
            raise ValueError("; ".join(f"{spoken(one.place)}: {one.text}" for one in problems))
        return self

    @property
    def members(self) -> tuple[str, ...]:
        """The hosts that join the master, in the order of the file."""
        if self.pool is None:
            return ()
        return tuple(name for name in self.of_kind("xen") if name != self.pool.master)

    @property
    def nas(self) -> str | None:
        """The host that is the lab's storage server, if it has one of its own."""
        return next(iter(self.of_kind("nas")), None)

    @property
    def server(self) -> str | None:
        """The address of the storage server, if there is one."""
        external = self.storage.server.external
        if external is None and self.nas is None:
            return None
        return str(external or self.hosts[self.nas or ""].address)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of hosts there are."""
        return ("xen",) if self.nas is None else ("xen", "nas")

    def generation_of(self, kind: Kind) -> str:
        """What hosts of a kind are installed with."""
        return self.installer_of(kind).generation

    def installer_of(self, kind: Kind) -> InstallerSpec | ServerInstallerSpec:
        """How hosts of a kind are installed."""
        return self.storage.server.installer if kind == "nas" else self.installer

    def of_kind(self, kind: Kind) -> tuple[str, ...]:
        """The hosts of a kind, in the order of the file."""
        return tuple(name for name, host in self.hosts.items() if host.kind == kind)

    @property
    def management(self) -> NetworkSpec:
        """The network the hosts have their addresses on: that of the first host's."""
        first = self.hosts[self.of_kind("xen")[0]]
        return self.networks[first.management_nic.network]
