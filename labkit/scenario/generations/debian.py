"""What there is to know of Debian's installer, which makes the lab's storage server.

Another installer than that of the hosts, with other rules: its answers are a preseed file, and a
question that nobody answered makes it wait for a person.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_OTHER_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "uk": "gb",
        "br-abnt2": "br",
        "cf": "ca",
        "croat": "hr",
        "cz-lat2": "cz",
        "de-latin1": "de",
        "de-latin1-nodeadkeys": "de",
        "dvorak": "us(dvorak)",
        "fr-latin1": "fr(latin9)",
        "fr-latin9": "fr(latin9)",
        "fr": "fr(latin9)",
        "fr_CH": "ch(fr)",
        "hu101": "hu",
        "is-latin1": "is",
        "jp106": "jp",
        "la-latin1": "latam",
        "pl2": "pl",
        "pt-latin1": "pt",
        "sg": "ch",
        "sk-qwerty": "sk",
        "slovene": "si",
        "sv-latin1": "se",
        "trq": "tr",
        "ua-utf": "ua",
    }
)
"""Console keymaps, as the hosts have them, that Debian's installer knows by another name."""


@dataclass(frozen=True, slots=True)
class DebianInstaller:
    """A release of Debian and the rules of its installer."""

    name: str
    product: str
    """As `.disk/info` on the ISO names it."""
    versions: str
    """What its version begins with."""
    iso_name: str
    """What Debian calls the file."""
    marker: str
    """The file of the medium that says what it is; the installer knows its own CD by it."""
    isolinux: str
    """Boot configuration under BIOS."""
    grub: str
    """Boot configuration under UEFI."""
    kernel: str
    initrd: str
    parameters: tuple[str, ...]
    """On the kernel's command line."""
    smallest_disk_mib: int
    memory_mib: int
    """For the machine while it is installed."""
    installed_parameters: tuple[str, ...]
    """On the command line of the system that it installs."""
    packages: tuple[str, ...]
    """What makes the smallest system a storage server that can be reached."""
    keymaps: tuple[str, ...]
    """The keyboards it offers; asked for another one, it asks back."""
    disks: str
    """The names of disks its kernel has drivers for: a regular expression."""
    timezones: int
    """The year of its list of time zones."""

    def knows_disk(self, name: str) -> bool:
        """Whether the installer could have a disk of that name."""
        return re.fullmatch(rf"(/dev/)?({self.disks})", name) is not None

    def keymap(self, name: str) -> str | None:
        """The installer's name of a console keymap; None: it has no such one."""
        own = _OTHER_NAMES.get(name, name)
        return own if own in self.keymaps else None
