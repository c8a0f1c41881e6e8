"""A vendor's ISO that really boots: its boot program says what an installer says, and goes off.

The stand-in ISO of the pretend computer has no code in it. Here the 2048 bytes a BIOS loads are
replaced by a program that writes a text on the first serial port and switches the machine off,
so that VirtualBox itself can take labkit's boot medium all the way.
"""

from pathlib import Path
from typing import Any

from labkit.media.debian.progress import FINISHED
from labkit.sim.debian.iso import write_debian_iso
from labkit.sim.vendor_iso import write_vendor_iso
from tests.contract.discs import program

_CODE_AT = 64
"""Bytes 8 to 63 are the boot info table, which whoever writes the ISO fills in."""

SUCCESS = (
    "INFO     [2026-01-01 10:00:00] Starting actual installation\r\n"
    "INFO     [2026-01-01 10:00:01] DISPATCH: NEW PHASE: Completing installation...\r\n"
    "INFO     [2026-01-01 10:00:02] The installation completed successfully.\r\n"
)
DEBIAN_SUCCESS = f"labkit: the installer has its answers\r\n{FINISHED}\r\n"
FAILURE = (
    "INFO     [2026-01-01 10:00:00] Starting actual installation\r\n"
    "CRITICAL [2026-01-01 10:00:01] INSTALL FAILED.\r\n"
    "CRITICAL [2026-01-01 10:00:01] RuntimeError: no disk is large enough\r\n"
)


def write_installer(path: Path, says: str) -> Path:
    """The stand-in for the vendor's ISO, with a boot program that says that."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_vendor_iso(path)
    return _programmed(path, "/boot/isolinux/isolinux.bin", says)


def write_debian_installer(path: Path, says: str) -> Path:
    """The same for Debian's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_debian_iso(path)
    return _programmed(path, "/isolinux/isolinux.bin", says)


def _programmed(path: Path, boots: str, says: str) -> Path:
    with path.open("r+b") as file:
        start = _sector(path, boots) * 2048
        file.seek(start)
        file.write(b"\xeb\x3e")  # jmp over the boot info table
        file.seek(start + _CODE_AT)
        file.write(program(says, at=_CODE_AT, off=True))
    return path


def _sector(path: Path, name: str) -> int:
    import pycdlib

    iso: Any = pycdlib.PyCdlib()
    iso.open(str(path))
    try:
        sector = iso.get_record(rr_path=name).extent_location()
    finally:
        iso.close()
    return int(sector)
