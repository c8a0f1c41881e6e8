"""The rules of each family of installers, as data: a new generation is one more entry.

What an installer wants is not to be guessed from its version number: the kernel parameter
`install` came and went, the default storage differs between neighbours. So each rule that is
known to differ has a field, and nothing else in labkit asks which generation it has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


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
    marker: str
    """The file that makes a medium an installation repository: the installer looks for it on
    every block device, whatever the volume's label."""
    isolinux: str
    """Boot configuration under BIOS."""
    grub: str | None
    """Boot configuration under UEFI; None: the generation boots under BIOS only."""
    parameters: tuple[str, ...]
    """On the kernel's command line, besides the consoles. `make-ramdisk` lets the installer
    copy `/xsinst` off the medium, so that `file://` URLs work without a network; `atexit`
    because the default reboots, after a failure too and into the same medium."""
    consoles: tuple[str, ...]
    """The installer works on the last one. `hvc0` is COM1, where labkit listens."""
    sr_types: tuple[str, ...]
    """Local storage the answer file may ask for."""
    default_sr: str
    """What the installer takes when none is named."""
    says_ntp_source: bool
    """The answer file may say where the time comes from."""
    smallest_disk_mib: int
    """With a smaller one the installer fails."""
    interpreter: str
    """Of scripts that the installer runs; it refuses others."""


GENERATIONS: Mapping[str, Generation] = MappingProxyType(
    {
        generation.name: generation
        for generation in (
            Generation(
                name="xcp-ng-8.3",
                product="XCP-ng",
                versions="8.3",
                iso_name="xcp-ng-8.3.0.iso",
                marker=".treeinfo",
                isolinux="/boot/isolinux/isolinux.cfg",
                grub="/EFI/xenserver/grub.cfg",
                # Earlier generations also want `install` here; this one ignores it.
                parameters=(
                    "make-ramdisk=/dev/sr0",
                    "rt_answerfile=file:///tmp/ramdisk/answerfile.xml",
                    "atexit=poweroff",
                ),
                consoles=("tty0", "hvc0"),
                sr_types=("ext", "lvm"),
                default_sr="ext",
                says_ntp_source=True,
                smallest_disk_mib=46 * 1024,
                interpreter="/bin/sh",
            ),
        )
    }
)


def generation_of(product: str, version: str) -> Generation | None:
    """The generation a product's version belongs to; None when labkit cannot drive it."""
    for generation in GENERATIONS.values():
        known = generation.versions
        if product == generation.product and (version == known or version.startswith(f"{known}.")):
            return generation
    return None
