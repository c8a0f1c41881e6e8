"""VISO files: an ISO that VirtualBox puts together, while a machine reads it, from a recipe.

VirtualBox takes a VISO with a mistake in it in silence and then finds nothing to boot, so what
it wants is held here: the marker comes first, there are no comments and no byte order mark,
names are relative to the VISO's own folder, and quoting is that of a shell or of Windows.
"""

import contextlib
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from labkit.errors import ComputerError
from labkit.media.iso import BootFile

ON_WINDOWS = sys.platform == "win32"
_NAMESPACE = uuid.UUID("5f0f5a0e-2c7b-5b53-9a60-7a4f6b3d6c11")


def viso(options: Iterable[str], *, windows: bool = ON_WINDOWS) -> str:
    """The text of a VISO. The same options give the same text, byte for byte."""
    lines = [_windows(option) if windows else _bourne(option) for option in options]
    style = "ms" if windows else "bourne-sh"
    # VirtualBox wants a UUID there and makes no use of it.
    marker = uuid.uuid5(_NAMESPACE, "\n".join(lines))
    return "\n".join([f"--iprt-iso-maker-file-marker-{style} {marker}", *lines]) + "\n"


def replaced(file: BootFile) -> Iterator[str]:
    """What puts labkit's file of that name in the place of the vendor's. Removed first: adding a
    file over another one is an error."""
    where = f"{file.primary}={file.path}"
    yield f"{where}=:must-remove:"
    yield f"{where}={file.path.rpartition('/')[2]}"


def place(file: Path, text: str) -> None:
    """Write a file whole or not at all, for nobody's eyes but the user's.

    Media hold a root password's hash, and VirtualBox reads them as the user. A file that is
    already so is left alone: a machine may be reading it.
    """
    fresh = file.with_name(f"{file.name}.new")
    content = text.encode()
    try:
        with contextlib.suppress(FileNotFoundError):
            if file.read_bytes() == content:
                return
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as new:
            new.write(content)
            new.flush()
            os.fsync(handle)
        fresh.replace(file)
    except OSError as error:
        raise ComputerError(
            f"The medium {file} could not be written.",
            details=str(error),
            hint="Make room on that disk, or let LABKIT_HOME name a folder you may write to.",
        ) from error


def _bourne(option: str) -> str:
    if re.fullmatch(r"[\w@%+=:,./-]+", option, re.ASCII):
        return option
    return "'" + option.replace("'", "'\"'\"'") + "'"


def _windows(option: str) -> str:
    return subprocess.list2cmdline([option])
