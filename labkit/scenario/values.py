"""What single values of a scenario may be: how each is written, checked and told.

Strict, because much of it ends up in the vendors' scripts and answer files.
"""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from labkit.errors import ScenarioError
from labkit.scenario.faults.reading import read
from labkit.scenario.scripts import ScriptFile, read_script

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


def _fault(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("must be text in quotes")
    try:
        read(value)
    except ScenarioError as wrong:
        raise ValueError(f"is no fault: {wrong.details}") from None
    return value


NAME_FORM = r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"
TIMEZONE_FORM = r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$"
KEYMAP_FORM = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
SERVER_FORM = r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"
DISK_FORM = r"^[A-Za-z0-9/][A-Za-z0-9/_.:-]*$"
SERVICE_FORM = r"^[A-Za-z0-9][A-Za-z0-9@_-]*$"

MIRROR_FORM = r"^[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)+$"
SHARE_FORM = r"^(/[A-Za-z0-9_][A-Za-z0-9._-]{0,63}){1,8}$"

SHAPES = {
    NAME_FORM: "must be letters, digits and dashes, a letter or digit first and last, 63 at most",
    TIMEZONE_FORM: "must be a region and a city, such as `Europe/Madrid`",
    KEYMAP_FORM: "must be the name of a keyboard, such as `us` or `es`",
    SERVER_FORM: "must be a host name or an IPv4 address",
    DISK_FORM: "must be the name of a disk, such as `sda`",
    SERVICE_FORM: "must be the name of a service without `.service`, such as `chronyd`",
    MIRROR_FORM: "must be a mirror's host and folder, such as `deb.debian.org/debian`",
    SHARE_FORM: "must be a folder of the server, such as `/export/vhd`",
}
"""How a person is told what text has to look like. Strict, because it all ends up in the vendor's
scripts and answer files."""

Size = Annotated[
    int,
    BeforeValidator(_mebibytes, json_schema_input_type=str),
    Field(json_schema_extra={"pattern": SIZE_PATTERN, "examples": ["4 GiB"]}),
]
"""MiB inside labkit, a number with its unit in the file."""

Name = Annotated[str, Field(pattern=NAME_FORM)]
"""A host name: letters, digits and dashes."""

Mac = Annotated[str, BeforeValidator(_adapter), Field(json_schema_extra={"pattern": _MAC})]

Address = Annotated[IPv4Address, BeforeValidator(_address)]
Network = Annotated[IPv4Network, BeforeValidator(_network)]

Timezone = Annotated[str, Field(pattern=TIMEZONE_FORM)]
Keymap = Annotated[str, Field(pattern=KEYMAP_FORM)]
Server = Annotated[str, Field(pattern=SERVER_FORM)]
Disk = Annotated[str, Field(pattern=DISK_FORM)]
Service = Annotated[str, Field(pattern=SERVICE_FORM)]
Mirror = Annotated[str, Field(pattern=MIRROR_FORM)]
Share = Annotated[str, Field(pattern=SHARE_FORM)]
"""A folder that an NFS server exports."""
Memory = Annotated[Size, AfterValidator(_at_least(512))]
Script = Annotated[ScriptFile, BeforeValidator(_script, json_schema_input_type=str)]
FaultText = Annotated[str, BeforeValidator(_fault)]
"""What is to go wrong, in the words of docs/faults.md."""
