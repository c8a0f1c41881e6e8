"""What there is to know of a family of installers.

What an installer wants is not to be guessed from its version number: the kernel parameter
`install` came and went, the default storage differs between neighbours. So each rule that is
known to differ has a field, and nothing else in labkit asks which generation it has.
"""

import re
from dataclasses import dataclass
from typing import Literal

UNATTENDED = (
    "make-ramdisk=/dev/sr0",
    "rt_answerfile=file:///tmp/ramdisk/answerfile.xml",
    "atexit=poweroff",
)
"""`make-ramdisk` lets the installer copy `/xsinst` off the medium, so that `file://` URLs work
without a network; `rt_answerfile` has it tell all on its console; `atexit` because the default
reboots, after a failure too and into the same medium."""

CONSOLES = ("tty0", "hvc0")
"""The installer works on the last one. `hvc0` is COM1, where labkit listens."""

SHELLS = ("/bin/sh", "/bin/bash")
INTERPRETERS = (*SHELLS, "/usr/bin/python", "/usr/bin/env python")


@dataclass(frozen=True, slots=True)
class Generation:
    """A family of installers and its rules."""

    name: str
    product: str
    """As the ISO's marker names it."""
    versions: str
    """What the product's version begins with."""
    iso_name: str
    """What the vendor calls the file."""
    marker: Literal[".treeinfo", "XS-REPOSITORY"]
    """The file that makes a folder of the medium an installation repository: the installer looks
    for it on every block device, whatever the volume's label."""
    isolinux: str
    """Boot configuration under BIOS."""
    grub: str | None
    """Boot configuration under UEFI; None: the generation boots under BIOS only."""
    parameters: tuple[str, ...]
    """On the kernel's command line, before the consoles."""
    consoles: tuple[str, ...]
    sr_types: tuple[str, ...]
    """Local storage the answer file may ask for."""
    default_sr: str
    """What the installer takes when none is named."""
    ntp_source: str | None
    """What the answer file says when no time server was named; None: it cannot say. Never `none`,
    which the installer crashes of."""
    services: bool
    """The answer file may enable and disable services."""
    smallest_disk_mib: int
    """With a smaller one the installer fails."""
    memory_mib: int
    """For the machine while it is installed: the installer unpacks itself into memory."""
    disks: str
    """The names of disks its kernel has drivers for: a regular expression."""
    root_hashes: tuple[str, ...]
    """How hashes of root passwords begin that the host's own `crypt` understands."""
    interpreters: tuple[str, ...]
    """Of scripts that the installer runs; it refuses others. The first is that of labkit's own."""
    init: Literal["systemd", "sysv"]
    """How the host starts what has to run before XAPI."""
    timezones: int
    """The year its list of time zones is taken to be of: that of the release."""

    @property
    def firmware(self) -> tuple[str, ...]:
        """What it boots under."""
        return ("bios",) if self.grub is None else ("bios", "efi")

    def knows_disk(self, name: str) -> bool:
        """Whether the installer could have a disk of that name."""
        return re.fullmatch(rf"(/dev/)?({self.disks})|/dev/disk/by-id/[\w.:-]+", name) is not None
