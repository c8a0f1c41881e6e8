"""Which installers can be pretended, and how they are told apart: by the medium's `.treeinfo`."""

import configparser
from dataclasses import dataclass

from labkit.sim.answer_file import Rules
from labkit.sim.disc import Disc

MARKER = "/.treeinfo"

_KNOWN = {"xcp-ng-8.3": ("XCP-ng", "8.3", Rules())}
"""Brand, beginning of the version, rules; by generation."""


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
        for generation, (brand, begins, _) in _KNOWN.items():
            if self.brand == brand and f"{self.version}.".startswith(f"{begins}."):
                return generation
        return None


def rules_of(generation: str) -> Rules:
    return _KNOWN[generation][2]


def product_on(disc: Disc) -> Product | None:
    """None: this is no installation medium."""
    marker = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        marker.read_string(disc.read(MARKER).decode())
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
