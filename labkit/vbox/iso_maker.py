"""VirtualBox's own ISO maker, `vbox-img createiso`: what it makes of a VISO, said beforehand.

VBoxSVC takes a VISO with a mistake in it in silence, and a machine then finds nothing to boot.
The maker reads the same language and says what is wrong, in hundredths of a second.
"""

import os
import platform
import subprocess
from pathlib import Path

from labkit.errors import ComputerError
from labkit.vbox.installation import search

_NAMES = ("vbox-img", "vbox-img.exe")
_LONGEST = 1800.0
"""Seconds for an ISO on a slow disk."""


def iso_maker() -> Path | None:
    """The program; None where VirtualBox, or this part of it, is not installed."""
    programs = search(os.environ, platform.system()).programs
    if programs is None:
        return None
    return next((programs / name for name in _NAMES if (programs / name).is_file()), None)


def viso_refused(medium: Path) -> str:
    """Why no image can be made of a VISO, in VirtualBox's own words; empty: it can be made, or
    there is nobody to ask."""
    maker = iso_maker()
    if maker is None:
        return ""
    try:
        # It looks at all and writes nothing.
        made = _run(maker, medium, "--dry-run", "--output=/nonexistent.iso")
    except (OSError, subprocess.TimeoutExpired):
        # It would have been only a better message: VirtualBox itself will say something.
        return ""
    return _said(made)


def write_iso(medium: Path, out: Path, maker: Path) -> None:
    """Write the image a VISO stands for. Whoever calls removes what a failure leaves at `out`."""
    try:
        why = _said(_run(maker, medium, f"--output={out.absolute()}"))
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ComputerError(
            f"VirtualBox's ISO maker {maker} could not be run.",
            details=str(error),
            hint="Repair VirtualBox's installation.",
        ) from error
    if why:
        raise ComputerError(
            f"VirtualBox made no image of {medium}.",
            details=why,
            hint="Look whether the disk is full, and the vendor's ISO where it was; then run "
            "the command again.",
        )


def _run(maker: Path, medium: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  # VirtualBox's own program, and files of labkit's
        [maker, "createiso", *options, f"@{medium.name}"],
        # Its names are relative to the VISO's own folder.
        cwd=medium.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_LONGEST,
        check=False,
    )


def _said(made: "subprocess.CompletedProcess[str]") -> str:
    """What the program said when it failed; empty: it did not."""
    if made.returncode == 0:
        return ""
    lines = [line for line in f"{made.stderr}\n{made.stdout}".splitlines() if line.strip()]
    return "\n".join(lines[-12:]) or f"It ended with {made.returncode}."
