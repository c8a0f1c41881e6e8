"""labkit's medium of a vendor's ISO that boots."""

from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal

from labkit.media.answers import Answers
from labkit.media.boot import write_boot_medium
from labkit.media.flat import write_flat
from labkit.media.iso import VendorIso
from labkit.sha512crypt import hash_password
from tests.boot.disc import write_disc
from tests.contract.witness import run


@dataclass(frozen=True)
class Layout:
    """One way the media of a generation boot."""

    generation: str
    packed: str
    """How the installer's own initramfs is compressed."""
    firmware: str
    maker: Literal["virtualbox", "pycdlib"] = "virtualbox"
    """Whose code makes a plain ISO of the medium."""

    def __str__(self) -> str:
        words = (self.generation, self.packed, self.firmware)
        return "-".join(words if self.maker == "virtualbox" else (*words, self.maker))


LAYOUTS = (
    # mboot.c32 unpacks gzip itself, before Xen sees it.
    Layout("xcp-1.6", "gzip", "bios"),
    Layout("xenserver-6.2", "gzip", "bios"),
    Layout("xenserver-7", "bzip2", "bios"),
    Layout("xenserver-7", "bzip2", "efi"),
    Layout("xcp-ng-8.2", "bzip2", "bios"),
    Layout("xcp-ng-8.2", "bzip2", "efi"),
    Layout("xcp-ng-8.3", "bzip2", "bios"),
    Layout("xcp-ng-8.3", "bzip2", "efi"),
    Layout("xenserver-8", "bzip2", "bios"),
    Layout("xenserver-8", "bzip2", "efi"),
    Layout("xcp-ng-8.3", "bzip2", "bios", "pycdlib"),
    Layout("xcp-ng-8.3", "bzip2", "efi", "pycdlib"),
)

_ONE_AT_A_TIME = Lock()
"""VBoxSVC knows every medium by its UUID, and starts when the first asks."""


@dataclass(frozen=True)
class Medium:
    vendor: VendorIso
    answers: Answers
    viso: Path


def make_medium(layout: Layout, parts: Path, folder: Path) -> Medium:
    """Write both into a folder, at paths that want quoting."""
    path = folder / "niño's ISOs" / "vendor.iso"
    vendor = write_disc(path, layout.generation, layout.packed, parts)
    answers = Answers(
        generation=layout.generation,
        sr_type="ext",
        timezone="Europe/Madrid",
        root_password_hash=hash_password("a secret"),
    )
    return Medium(vendor, answers, write_boot_medium(folder / "the medium", vendor, answers))


def flatten(medium: Medium, layout: Layout, flat: Path) -> None:
    """Make a plain ISO of a medium: QEMU knows nothing of VISO files."""
    if layout.maker == "pycdlib":
        write_flat(medium.viso.parent, medium.vendor, medium.answers, flat)
        return
    with _ONE_AT_A_TIME:
        run("clonemedium", "dvd", str(medium.viso), str(flat), "--format", "RAW")
        run("closemedium", "dvd", str(flat))
        run("closemedium", "dvd", str(medium.viso))
