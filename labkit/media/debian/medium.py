"""The storage server's boot medium: Debian's netinst ISO with its boot configuration replaced, and
labkit's answers and script in a folder of their own.

The installer mounts its CD at `/cdrom` before it asks anything, so all of it can be at a path.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from labkit.media.answers import NO_PASSWORD
from labkit.media.debian.answers import NasAnswers
from labkit.media.debian.identity import identity_lines
from labkit.media.debian.progress import FAILED, FINISHED
from labkit.media.iso import VendorIso
from labkit.media.render import render
from labkit.media.viso import ON_WINDOWS, place, replaced, viso
from labkit.scenario.generations import DebianInstaller

_ADDED = ("preseed.cfg", "nas-late.sh")


def write_boot_medium(
    folder: Path, iso: VendorIso, answers: NasAnswers, *, windows: bool = ON_WINDOWS
) -> Path:
    """Write `boot.viso` and the files it shows into a folder; gives the VISO's path."""
    place(folder / "isolinux.cfg", isolinux_config(answers.rules))
    if iso.grub is not None:
        place(folder / "grub.cfg", grub_config(answers.rules))
    place(folder / "preseed.cfg", preseed(answers))
    place(folder / "nas-late.sh", last_script(answers))
    medium = folder / "boot.viso"
    # Last: whoever sees it sees all that it names.
    place(medium, viso(_recipe(iso), windows=windows))
    return medium


def isolinux_config(rules: DebianInstaller) -> str:
    """isolinux.cfg: the installer at once. Debian's own is a menu of many files."""
    return render("nas-isolinux.cfg", rules=rules)


def grub_config(rules: DebianInstaller) -> str:
    """grub.cfg: the same. What grub reads before has found the CD already."""
    return render("nas-grub.cfg", rules=rules)


def preseed(answers: NasAnswers, medium: str = "/cdrom/labkit") -> str:
    """The installer's answers. `medium` is where it finds what is on labkit's own."""
    if not answers.root_password_hash:
        raise ValueError("without a root password the installer would stop and ask for one")
    host, mirror_folder = answers.mirror_parts
    return render(
        "preseed.cfg",
        answers=answers,
        own=answers.identity,
        keymap=answers.rules.keymap(answers.keymap),
        disk=answers.device,
        mirror={"host": host, "folder": mirror_folder},
        packages=answers.rules.packages,
        installed_parameters=answers.rules.installed_parameters,
        medium=medium,
        finished=FINISHED,
        failed=FAILED,
    )


def last_script(answers: NasAnswers) -> str:
    """What the installer runs in the new system before it lets go of it."""
    own = answers.identity
    return render(
        "nas-late.sh",
        answers=answers,
        hook=render("nas-identity.sh", answers=answers),
        starter=render("nas-identity.service"),
        identity=identity_lines(own) if own is not None else "",
    )


def digest(iso: VendorIso | None, answers: NasAnswers, disk_mib: int) -> str:
    """Twelve characters for all that decides what the golden machine will be; without an ISO,
    for all the rest.

    Not the root password: every clone is given its own.
    """
    anyone = replace(answers, root_password_hash=NO_PASSWORD)
    decides = [
        *((iso.volume_id, iso.size, iso.marker) if iso is not None else ()),
        preseed(anyone),
        last_script(anyone),
        disk_mib,
    ]
    return sha256(json.dumps(decides).encode()).hexdigest()[:12]


def _recipe(iso: VendorIso) -> Iterator[str]:
    yield "--rational-rock"
    yield f"--import-iso={iso.path}"
    # The two directory trees have different names for the same file: both are given.
    yield "--name-setup=iso,joliet"
    for file in filter(None, (iso.isolinux, iso.grub)):
        yield from replaced(file)
    for name in _ADDED:
        yield f"/labkit/{name}=/labkit/{name}={name}"
