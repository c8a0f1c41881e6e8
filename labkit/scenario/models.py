"""A scenario: what a person wrote, typed and frozen. Wanted, not found.

The field descriptions are the reference: editors show them (JSON Schema) and
`docs/scenarios.md` is generated from them. Rules that span several fields are in
`labkit/scenario/rules.py`.
"""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    model_validator,
)

from labkit.scenario.problem import spoken
from labkit.scenario.scripts import ScriptFile, Stage, read_script

GenerationName = Literal[
    "xcp-1.6", "xenserver-6.2", "xenserver-7", "xcp-ng-8.2", "xcp-ng-8.3", "xenserver-8"
]
"""Families of installers labkit can drive. `labkit/scenario/generations` has the rules of each."""

_UNITS = {"TiB": 1024 * 1024, "GiB": 1024, "MiB": 1}
_MAC = r"^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$"
SIZE_PATTERN = r"^\s*[0-9]{1,9}\s*(MiB|GiB|TiB)\s*$"


def size_in_words(mebibytes: int) -> str:
    """'4 GiB' for 4096: the largest unit that needs no fraction."""
    unit = next(unit for unit, factor in _UNITS.items() if mebibytes % factor == 0)
    return f"{mebibytes // _UNITS[unit]} {unit}"


def _mebibytes(value: Any) -> Any:
    """Turn '4 GiB' into 4096; a bare number would leave the unit to guesswork."""
    if not isinstance(value, str) or re.fullmatch(SIZE_PATTERN, value) is None:
        raise ValueError("must be a whole number and a unit: MiB, GiB or TiB, such as `4 GiB`")
    number, unit = value.strip()[:-3], value.strip()[-3:]
    return int(number) * _UNITS[unit]


def _at_least(smallest: int) -> Callable[[int], int]:
    def check(mebibytes: int) -> int:
        if mebibytes < smallest:
            raise ValueError(f"must be at least {size_in_words(smallest)}")
        return mebibytes

    return check


def _address(value: Any) -> Any:
    # Python would take the number 5 for 0.0.0.5.
    try:
        return value if isinstance(value, IPv4Address) else IPv4Address(str(value))
    except ValueError:
        raise ValueError("must be an IPv4 address, such as `192.168.1.10`") from None


def _network(value: Any) -> Any:
    if isinstance(value, IPv4Network):
        return value
    try:
        network = IPv4Network(str(value), strict=False)
    except ValueError:
        network = None
    if network is None or "/" not in str(value):
        raise ValueError("must be a network, such as `192.168.1.0/24`")
    if str(network.network_address) != str(value).partition("/")[0]:
        raise ValueError(f"is an address inside a network: the network is `{network}`")
    return network


def _adapter(mac: Any) -> Any:
    # A number in quotes would not be one either.
    if not isinstance(mac, str) or re.fullmatch(_MAC, mac) is None:
        raise ValueError("must be six pairs of hexadecimal digits, such as `08:00:27:00:00:01`")
    if int(mac[:2], 16) & 1:
        raise ValueError("is a multicast address: the first two digits must be even, such as `08`")
    if not mac.strip("0:"):
        raise ValueError("must not be all zeros: leave it out and VirtualBox chooses")
    return mac


def _script(value: Any, info: ValidationInfo) -> Any:
    """Read the file that is named, as seen from the scenario's folder."""
    if isinstance(value, ScriptFile):
        return value
    if not isinstance(value, str) or not value:
        raise ValueError("must be the path of a script, as seen from the scenario's folder")
    return read_script((info.context or {}).get("folder", Path()) / value)


_NAME = r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"
_TIMEZONE = r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$"
_KEYMAP = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
_SERVER = r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"
_DISK = r"^[A-Za-z0-9/][A-Za-z0-9/_.:-]*$"
_SERVICE = r"^[A-Za-z0-9][A-Za-z0-9@_-]*$"

SHAPES = {
    _NAME: "must be letters, digits and dashes, a letter or digit first and last, 63 at most",
    _TIMEZONE: "must be a region and a city, such as `Europe/Madrid`",
    _KEYMAP: "must be the name of a keyboard, such as `us` or `es`",
    _SERVER: "must be a host name or an IPv4 address",
    _DISK: "must be the name of a disk, such as `sda`",
    _SERVICE: "must be the name of a service without `.service`, such as `chronyd`",
}
"""How a person is told what text has to look like. Strict, because it all ends up in the vendor's
scripts and answer files."""

Size = Annotated[
    int,
    BeforeValidator(_mebibytes, json_schema_input_type=str),
    Field(json_schema_extra={"pattern": SIZE_PATTERN, "examples": ["4 GiB"]}),
]
"""MiB inside labkit, a number with its unit in the file."""

Name = Annotated[str, Field(pattern=_NAME)]
"""A host name: letters, digits and dashes."""

Mac = Annotated[str, BeforeValidator(_adapter), Field(json_schema_extra={"pattern": _MAC})]

Address = Annotated[IPv4Address, BeforeValidator(_address)]
Network = Annotated[IPv4Network, BeforeValidator(_network)]


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
    file: Annotated[ScriptFile, BeforeValidator(_script, json_schema_input_type=str)]
    """The script's file, as seen from the scenario's folder."""


class InstallerSpec(Part):
    """How the hosts are installed."""

    generation: GenerationName
    """The family of installers."""
    iso: Path | None = None
    """The vendor's ISO. Left out: labkit looks in `isos/` for one of the generation."""
    root_password: Annotated[SecretStr, Field(min_length=1)] | None = None
    """The hosts' root password. Left out: `LABKIT_ROOT_PASSWORD`, else labkit asks."""
    keymap: Annotated[str, Field(pattern=_KEYMAP)] = "us"
    """Keyboard of the console: us, es, fr…"""
    timezone: Annotated[str, Field(pattern=_TIMEZONE)] = "Etc/UTC"
    """Region/City, such as `Europe/Madrid`."""
    ntp: tuple[Annotated[str, Field(pattern=_SERVER)], ...] = ()
    """Time servers. Left out: the installer's own default."""
    disk: Annotated[str, Field(pattern=_DISK)] = "sda"
    """The disk to install on. Machines that labkit makes have one, `sda`; another name is for
    media made for other machines (`labkit media`)."""
    services: dict[Annotated[str, Field(pattern=_SERVICE)], Literal["enabled", "disabled"]] = Field(
        default={}
    )
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
    """One XCP-ng host."""

    address: Address
    """Its management address, on the network of its management adapter."""
    nics: tuple[Nic, ...] = Field(min_length=1, max_length=8)
    """Its network adapters, in order: `eth0` and so on in the host."""
    cpus: int = Field(default=2, ge=1, le=16, strict=True)
    """Virtual CPUs."""
    memory: Annotated[Size, AfterValidator(_at_least(2048))] = 4096
    """Memory, 2 GiB at least."""
    disk: Size = 64 * 1024
    """Disk, 46 GiB at least (XCP 1.6, XenServer 6.2: 12 GiB); grows as it is written. Hosts share
    one installation, so all have the same."""

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
        return tuple(name for name in self.hosts if name != self.pool.master)

    @property
    def management(self) -> NetworkSpec:
        """The network the hosts have their addresses on: that of the first host's."""
        first = next(iter(self.hosts.values()))
        return self.networks[first.management_nic.network]
