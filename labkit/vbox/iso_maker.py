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


def check_viso(medium: Path, maker: Path | None = None) -> None:
    """Raise `ComputerError`, with VirtualBox's own words, when no image can be made of a VISO.
    Where there is no ISO maker nothing can be said."""
    maker = maker or iso_maker()
    if maker is not None:
        # It looks at all and writes nothing: such a file could not be written.
        _make(maker, medium, "--dry-run", f"--output={medium.parent / 'nonexistent' / 'x.iso'}")


def write_iso(medium: Path, out: Path, maker: Path) -> None:
    """Write the image a VISO stands for. Whoever calls removes what a failure leaves at `out`."""
    _make(maker, medium, f"--output={out.absolute()}")


def _make(maker: Path, medium: Path, *options: str) -> None:
    try:
        made = subprocess.run(  # noqa: S603  # VirtualBox's own program, and files of labkit's
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
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ComputerError(
            f"VirtualBox's ISO maker {maker} could not be run.",
            details=str(error),
            hint="Repair VirtualBox's installation.",
        ) from error
    if made.returncode != 0:
        said = [line for line in f"{made.stderr}\n{made.stdout}".splitlines() if line.strip()]
        raise ComputerError(
            f"VirtualBox can make no image of {medium}.",
            details="\n".join(said[-12:]) or f"{maker.name} ended with {made.returncode}.",
            hint="Look whether the files it names are there and whether the disk is full; "
            "then run the command again.",
        )
