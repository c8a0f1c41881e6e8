"""An installed host that really starts: a small system with the vendor's init, the files that an
installation leaves, and labkit's own script run in it as the installer runs it.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from labkit.media.boot import postinstall
from labkit.media.generations import GENERATIONS
from tests.boot.computer import SERIAL, lines_of, power_on
from tests.boot.stand_ins import place_stand_ins


@dataclass(frozen=True)
class Seen:
    """What one stand-in of the vendor's took the host for."""

    name: str
    stamp: str
    """Whether the hook had done its work: `before` or `after`."""
    host_uuid: str
    dom0_uuid: str
    hostname: str


@dataclass(frozen=True)
class Boot:
    """One boot of a host, to its end."""

    seconds: float
    console: tuple[str, ...]
    """The serial port's lines."""
    files: Path
    """A copy of what lies in /etc and /var since."""

    @property
    def seen(self) -> list[Seen]:
        """By all stand-ins in all boots so far, in the order they started."""
        lines = (self.files / "var/log/stand-ins").read_text().splitlines()
        return [Seen(*line.split()[1:]) for line in lines]


def install(disk: Path, generation: str, files: Mapping[str, str], roots: Path) -> None:
    """Write the disk of a host as an installation of that generation leaves it."""
    rules = GENERATIONS[generation]
    root = disk.with_suffix(".root")
    shutil.copytree(roots / rules.init, root, symlinks=True)
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (root / "etc/shadow").chmod(0o600)
    place_stand_ins(root, rules.init)
    script = disk.with_suffix(".postinstall")
    script.write_text(postinstall(rules))
    script.chmod(0o755)
    _run(script, root, XS_STAGE="filesystem-populated")
    _run("mke2fs", "-q", "-t", "ext4", "-d", root, disk, "160M")
    shutil.rmtree(root)


def start(disk: Path, roots: Path, kernel: Path, folder: Path, *, cd: Path | None) -> Boot:
    """Start a host, with a medium in its drive or an empty one, until it is off again."""
    drives = ["-drive", f"file={disk},format=raw,if=ide,index=0"]
    drives += ["-cdrom", str(cd)] if cd else []
    # As a host's own: the kernel makes nothing writable, and the console is the serial port.
    # What is left out guards against processors that this one is not, and doubles the time.
    words = "ro quiet mitigations=off console=tty0 console=ttyS0"
    kernel_is = ("-kernel", str(kernel), "-initrd", str(roots / "start.cpio"), "-append", words)
    seconds = power_on(folder, f"Starting {disk.name}", *drives, *kernel_is)
    copy = folder / "files"
    copy.mkdir()
    _run("debugfs", "-R", f"rdump /etc /var {copy}", disk)
    return Boot(seconds, tuple(lines_of(folder / SERIAL)), copy)


def _run(*words: str | Path, **more: str) -> None:
    done = subprocess.run(
        [*map(str, words)], capture_output=True, text=True, check=False, env=os.environ | more
    )
    assert done.returncode == 0, f"{words[0]}: {done.stdout}{done.stderr}"
