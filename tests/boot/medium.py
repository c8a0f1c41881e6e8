"""labkit's medium of a vendor's ISO that boots."""

from dataclasses import dataclass
from pathlib import Path

from labkit.media.answers import Answers
from labkit.media.boot import write_boot_medium
from labkit.sha512crypt import hash_password
from tests.boot.disc import write_disc


@dataclass(frozen=True)
class Layout:
    """One way the media of a generation boot."""

    generation: str
    packed: str
    """How the installer's own initramfs is compressed."""
    firmware: str

    def __str__(self) -> str:
        return f"{self.generation}-{self.packed}-{self.firmware}"


LAYOUTS = (
    # mboot.c32 unpacks gzip itself, before Xen sees it.
    Layout("xcp-1.6", "gzip", "bios"),
    Layout("xcp-ng-8.2", "bzip2", "bios"),
    Layout("xcp-ng-8.3", "bzip2", "bios"),
    Layout("xcp-ng-8.3", "bzip2", "uefi"),
)


@dataclass(frozen=True)
class Medium:
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
    return Medium(answers, write_boot_medium(folder / "the medium", vendor, answers))
