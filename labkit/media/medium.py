"""What a machine is installed from, whichever it is to be: a host of the pool or the storage
server. The two installers have nothing in common but this.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.media import answers as xen
from labkit.media import boot
from labkit.media.answers import Answers
from labkit.media.debian import medium as debian
from labkit.media.debian.answers import NasAnswers
from labkit.media.debian.progress import read_log as read_debian_log
from labkit.media.iso import VendorIso
from labkit.media.progress import InstallLog, read_log

if TYPE_CHECKING:
    from labkit.scenario.models import Kind, Scenario

AnyAnswers = Answers | NasAnswers


def answers_of(scenario: "Scenario", kind: "Kind", root_password_hash: str = "") -> AnyAnswers:
    """What a scenario says to the installer of such hosts."""
    if kind == "xen":
        return xen.answers_of(scenario, root_password_hash)
    installer, server = scenario.installer, scenario.storage.server
    return NasAnswers(
        generation=server.installer.generation,
        keymap=installer.keymap,
        timezone=installer.timezone,
        ntp=installer.ntp,
        mirror=f"http://{server.installer.mirror}",
        vhd_share=server.vhd,
        iso_share=server.iso,
        root_password_hash=root_password_hash,
    )


def write_boot_medium(folder: Path, iso: VendorIso, answers: AnyAnswers) -> Path:
    """Write what a machine is installed from into a folder; gives the VISO's path."""
    if isinstance(answers, NasAnswers):
        return debian.write_boot_medium(folder, iso, answers)
    return boot.write_boot_medium(folder, iso, answers)


def digest(iso: VendorIso | None, answers: AnyAnswers, disk_mib: int) -> str:
    """Twelve characters for all that decides what the installed machine will be."""
    if isinstance(answers, NasAnswers):
        return debian.digest(iso, answers, disk_mib)
    return boot.digest(iso, answers, disk_mib)


def log_reader(kind: "Kind") -> Callable[[str], InstallLog]:
    """What reads the installer's words on the serial port."""
    return read_debian_log if kind == "nas" else read_log
