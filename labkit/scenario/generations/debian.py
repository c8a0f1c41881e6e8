"""What there is to know of Debian's installer, which makes the lab's storage server.

Another installer than that of the hosts, with other rules: its answers are a preseed file, and a
question that nobody answered makes it wait for a person.
"""

import re
from dataclasses import dataclass


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
    disks: str
    """The names of disks its kernel has drivers for: a regular expression."""
    timezones: int
    """The year of its list of time zones."""

    def knows_disk(self, name: str) -> bool:
        """Whether the installer could have a disk of that name."""
        return re.fullmatch(rf"(/dev/)?({self.disks})", name) is not None
