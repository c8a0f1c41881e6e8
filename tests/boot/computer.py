"""A computer that starts from a CD, or a disk: QEMU without any hardware virtualization.

A restart is not forbidden: whoever restarts instead of going off is found at the same CD again
when time is up, as on a student's laptop.
"""

import contextlib
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.boot.told import Told, told

SERIAL = "serial.log"
BUSIEST = 240.0
"""Seconds of a processor's time until it must be off. UEFI takes about 30, BIOS about 20."""
LONGEST = 900.0
"""Seconds until it must be off, however many others want the processors."""
_TRANSLATES = "tcg,tb-size=16"
"""With room for 16 MiB of translated code only, so that it is thrown away now and then: memory
that firmware once ran in is slow to write to while its translation is kept. With UEFI that makes
27 seconds of 87."""
_FIRMWARE = Path("/usr/share/OVMF")
_DEAD = re.compile(rb"Panic on CPU|Kernel panic|end Kernel|^grub>", re.MULTILINE)
"""Nothing comes after these."""


def boot(iso: Path, firmware: str, folder: Path) -> Told:
    """Start a computer from a CD, and wait until it switches itself off."""
    what = f"Booting {iso.name} under {firmware}"
    drive = ("-cdrom", str(iso), "-boot", "d")
    power_on(folder, what, *drive, firmware=firmware)
    heard = told(lines_of(folder / SERIAL))
    if heard is None:
        said = last_lines(folder / SERIAL)
        pytest.fail(
            f"{what}: it went off without a whole word of the installer's start-up.\n{said}",
            pytrace=False,
        )
    return heard


def power_on(folder: Path, what: str, *drives: str, firmware: str = "bios") -> float:
    """Start a computer, and wait until it switches itself off; gives the seconds it took.

    What it said on its first serial port is in the folder then."""
    folder.mkdir(parents=True)
    serial = folder / SERIAL
    errors = folder / "qemu.log"
    # Xen wants a processor of its years; what TCG lacks of newer ones stops Linux under it.
    words = ["qemu-system-x86_64", "-accel", _TRANSLATES, "-M", "q35", "-cpu", "SandyBridge"]
    words += ["-m", "1024", "-display", "none", "-nic", "none", "-serial", f"file:{serial}"]
    words += ["-monitor", "none", *drives, *_firmware(firmware, folder)]
    began = time.monotonic()
    with errors.open("wb") as said, subprocess.Popen(words, stdout=said, stderr=said) as qemu:
        try:
            why = _wait(qemu, serial, began + LONGEST)
        finally:
            qemu.kill()
    seconds = time.monotonic() - began
    if why:
        pytest.fail(
            f"{what}: {why} ({seconds:.0f} s).\n"
            f"{errors.read_text(errors='replace')}{last_lines(serial)}",
            pytrace=False,
        )
    return seconds


def last_lines(serial: Path) -> str:
    """The end of what was said on a serial port, for a person who looks for a fault."""
    return "\n".join(["The serial port's last lines:", *lines_of(serial)[-40:]])


def _firmware(name: str, folder: Path) -> list[str]:
    if name == "bios":
        return []
    variables = folder / "variables.fd"
    shutil.copy(_FIRMWARE / "OVMF_VARS_4M.fd", variables)
    flash = "if=pflash,format=raw,file="
    code = f"{flash}{_FIRMWARE / 'OVMF_CODE_4M.fd'},readonly=on"
    return ["-drive", code, "-drive", f"{flash}{variables}"]


def _wait(qemu: "subprocess.Popen[bytes]", serial: Path, until: float) -> str:
    """Why it is not off as it should be; nothing, when it is."""
    while qemu.poll() is None:
        if time.monotonic() > until or spent(qemu.pid) > BUSIEST:
            return "it did not switch itself off in time"
        if serial.exists() and (dead := _DEAD.search(serial.read_bytes())):
            # Whatever explains it comes in the same moment.
            time.sleep(1)
            return f"it stopped at `{dead[0].decode()}`"
        time.sleep(0.2)
    return "" if qemu.returncode == 0 else f"QEMU ended with {qemu.returncode}"


def spent(pid: int) -> float:
    """The processor's time a program took, in seconds."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
    return 0.0


def lines_of(serial: Path) -> list[str]:
    """What was said, without what only moves a cursor or colours a screen."""
    log = serial.read_bytes() if serial.exists() else b""
    text = re.sub(rb"\x1b(\[[0-9;?]*[A-Za-z]|[()].)", b"", log).decode("ascii", "replace")
    return [line.rstrip() for line in text.replace("\r", "\n").split("\n") if line.strip()]
