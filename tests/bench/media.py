"""A boot medium the two ways: labkit's VISO, and a remaster by xorriso."""

import shutil
import subprocess
from pathlib import Path

from labkit.media.answers import Answers
from labkit.media.boot import write_boot_medium
from labkit.media.identity import Identity, write_identity
from labkit.media.iso import inspect
from labkit.sim.vendor_iso import write_vendor_iso


def vendor_iso(path: Path, megabytes: int) -> Path:
    """The stand-in for the vendor's ISO, with packages of the real size."""
    write_vendor_iso(path)
    filler = path.with_suffix(".packages")
    with filler.open("wb") as file:
        file.truncate(megabytes * 1_000_000)
    subprocess.run(
        ["xorriso", "-joliet", "on", "-dev", str(path), "-boot_image", "any", "replay",
         "-map", str(filler), "/Packages/filler.rpm"],
        check=True, capture_output=True,
    )  # fmt: skip
    filler.unlink()
    return path


def by_labkit(iso: Path, folder: Path) -> None:
    """All of it: read the vendor's ISO, render the answers, write the VISO."""
    shutil.rmtree(folder, ignore_errors=True)
    iso.touch()
    answers = Answers("xcp-ng-8.3", "ext", root_password_hash=f"$6$bench${'.' * 86}")
    write_boot_medium(folder, inspect(iso), answers)


def look(iso: Path) -> None:
    """Tell which installer it is, as if for the first time: a file that has changed is."""
    iso.touch()
    inspect(iso)


def identity(folder: Path) -> None:
    """What makes a clone one host and not another, its password's hash not counted."""
    write_identity(
        folder,
        Identity(
            host_uuid="11111111-2222-3333-4444-555555555555",
            control_domain_uuid="66666666-7777-8888-9999-000000000000",
            machine_id="0" * 32,
            hostname="xcp00",
            address="192.168.1.200",
            netmask="255.255.255.0",
            gateway="192.168.1.1",
            dns=("192.168.1.1",),
            root_password_hash=f"$6$bench${'.' * 86}",
            macs=("08:00:27:00:00:01", "08:00:27:00:00:02", "08:00:27:00:00:03"),
        ),
    )


def by_xorriso(iso: Path, out: Path) -> None:
    """The usual way: a new ISO with two files replaced and one added."""
    out.unlink(missing_ok=True)
    answers = out.with_suffix(".xml")
    answers.write_text("<installation/>")
    subprocess.run(
        ["xorriso", "-indev", str(iso), "-outdev", str(out), "-boot_image", "any", "replay",
         "-map", str(answers), "/boot/isolinux/isolinux.cfg",
         "-map", str(answers), "/EFI/xenserver/grub.cfg",
         "-map", str(answers), "/xsinst/answerfile.xml"],
        check=True, capture_output=True,
    )  # fmt: skip
