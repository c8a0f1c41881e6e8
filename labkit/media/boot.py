"""The boot medium: the vendor's ISO with its boot configuration replaced and answers added.

About 500 bytes and a few small files beside them; nothing of the ISO is copied, nothing is
served over a network. Only features of the installer's own are used: it copies `/xsinst` off
the medium into memory before it starts, so its answers can be at a `file://` address.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from labkit.media.answers import NO_PASSWORD, Answers, answer_file
from labkit.media.boot_config import grub_config, isolinux_config
from labkit.media.generations import Generation
from labkit.media.iso import VendorIso
from labkit.media.render import render
from labkit.media.viso import ON_WINDOWS, place, replaced, viso

_STARTERS = {"systemd": "labkit-identity.service", "sysv": "labkit-identity.init"}
"""What has the host run the hook, by the init it has."""


def write_boot_medium(
    folder: Path, iso: VendorIso, answers: Answers, *, windows: bool = ON_WINDOWS
) -> Path:
    """Write `boot.viso` and the files it shows into a folder; gives the VISO's path."""
    rules = answers.rules
    place(folder / "isolinux.cfg", isolinux_config(iso.isolinux, rules))
    if iso.grub is not None:
        place(folder / "grub.cfg", grub_config(iso.grub, rules))
    place(folder / "answerfile.xml", answer_file(answers))
    place(folder / "postinstall.sh", _last_script(answers))
    for script in answers.scripts:
        place(folder / "scripts" / script.name, script.text)
    medium = folder / "boot.viso"
    # Last: whoever sees it sees all that it names.
    place(medium, viso(_recipe(iso, answers), windows=windows))
    return medium


def postinstall(rules: Generation) -> str:
    """The script that the installer runs in the new host before it lets go of it."""
    return render(
        f"postinstall-{rules.init}.sh",
        interpreter=rules.interpreters[0],
        hook=render("identity.sh", init=rules.init),
        starter=render(_STARTERS[rules.init]),
    )


def _last_script(answers: Answers) -> str:
    if answers.identity is None:
        return postinstall(answers.rules)
    return render(
        "postinstall-own.sh",
        interpreter=answers.rules.interpreters[0],
        host_uuid=answers.identity.host_uuid,
    )


def digest(iso: VendorIso | None, answers: Answers, disk_mib: int) -> str:
    """Twelve characters for all that decides what the golden machine will be; without an ISO,
    for all the rest.

    Not the root password: every clone is given its own.
    """
    anyone = replace(answers, root_password_hash=NO_PASSWORD)
    decides = [
        *((iso.volume_id, iso.size, iso.marker) if iso is not None else ()),
        answer_file(anyone),
        postinstall(answers.rules),
        disk_mib,
        *(script.text for script in answers.scripts),
    ]
    return sha256(json.dumps(decides).encode()).hexdigest()[:12]


def _recipe(iso: VendorIso, answers: Answers) -> Iterator[str]:
    yield "--rational-rock"
    yield f"--import-iso={iso.path}"
    # The two directory trees have different names for the same file: both are given.
    yield "--name-setup=iso,joliet"
    yield from replaced(iso.isolinux)
    if iso.grub is not None:
        yield from replaced(iso.grub)
    for name in ("answerfile.xml", "postinstall.sh"):
        yield f"/xsinst/{name}=/xsinst/{name}={name}"
    for script in answers.scripts:
        yield f"/xsinst/{script.name}=/xsinst/{script.name}=scripts/{script.name}"
