"""Which installers can be pretended, and how they are told apart: by what the medium says it is.

Newer media say it in `.treeinfo`; the old ones in an `XS-REPOSITORY` of each of their folders.
"""

import configparser
from dataclasses import dataclass
from typing import Literal
from xml.dom import minidom
from xml.parsers.expat import ExpatError

from labkit.sim.answer_file import Rules
from labkit.sim.disc import Disc

TREEINFO = "/.treeinfo"
_FOLDERS = ("", "/packages", "/packages.main", "/packages.linux", "/packages.site")


@dataclass(frozen=True)
class Known:
    """An installer that can be pretended."""

    brand: str
    begins: str
    """The beginning of its versions."""
    rules: Rules
    marker: Literal["treeinfo", "repository"]
    init: Literal["systemd", "sysv"]
    """What starts services on the hosts it installs."""


_KNOWN = {
    "xcp-1.6": Known(
        "XCP",
        "1.6",
        Rules(
            default_sr="lvm",
            smallest_disk_gib=12,
            needs_install=True,
            boot_loader="extlinux",
            asks_to_confirm=False,
            knows_services=False,
            knows_ntp=False,
        ),
        "repository",
        "sysv",
    ),
    "xcp-ng-8.2": Known(
        "XCP-ng",
        "8.2",
        Rules(default_sr="lvm", needs_install=True, knows_ntp=False),
        "treeinfo",
        "systemd",
    ),
    "xcp-ng-8.3": Known("XCP-ng", "8.3", Rules(), "treeinfo", "systemd"),
}


@dataclass(frozen=True)
class Product:
    """What an installation medium says it installs."""

    brand: str
    version: str
    platform: str
    platform_version: str

    @property
    def generation(self) -> str | None:
        """None: the pretend computer does not know it."""
        for generation, known in _KNOWN.items():
            if self.brand == known.brand and f"{self.version}.".startswith(f"{known.begins}."):
                return generation
        return None


def known(generation: str) -> Known:
    return _KNOWN[generation]


def product_on(disc: Disc) -> Product | None:
    """None: this is no installation medium."""
    return _treeinfo(disc) or _repository(disc)


def repositories(disc: Disc) -> tuple[str, ...]:
    """The folders of a disc that an old installer takes for repositories."""
    try:
        more = [f"/{line.strip()}" for line in disc.read("/XS-REPOSITORY-LIST").decode().split()]
    except FileNotFoundError:
        more = []
    return tuple(
        folder
        for folder in (*_FOLDERS, *more)
        if disc.holds(f"{folder}/XS-REPOSITORY") and disc.holds(f"{folder}/XS-PACKAGES")
    )


def _treeinfo(disc: Disc) -> Product | None:
    marker = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        marker.read_string(disc.read(TREEINFO).decode())
    except (FileNotFoundError, configparser.Error, UnicodeDecodeError):
        return None

    def said(new: str, section: str, old: str) -> str:
        # Later releases say all of it in one section.
        return marker.get("system-v1", new, fallback=marker.get(section, old, fallback=""))

    return Product(
        brand=said("product_name", "branding", "name"),
        version=said("product_version", "branding", "version"),
        platform=said("platform_name", "platform", "name"),
        platform_version=said("platform_version", "platform", "version"),
    )


def _repository(disc: Disc) -> Product | None:
    for folder in repositories(disc):
        try:
            text = disc.read(f"{folder}/XS-REPOSITORY")
            [node] = minidom.parseString(text).getElementsByTagName("repository")  # noqa: S318
        except (ExpatError, ValueError):
            continue
        version = node.getAttribute("version")
        # Of these only XCP is pretended, and it is its own platform.
        return Product(node.getAttribute("product"), version, "XCP", version)
    return None
