"""`labkit media`: what is on an installer's ISO, and what labkit would put on the media."""

import json
import os
import tempfile
from pathlib import Path

from labkit.commands.open_lab import lab_of, open_home
from labkit.console import Console
from labkit.errors import ComputerError, LabError, ScenarioError
from labkit.golden.wanted import iso_of
from labkit.lab import Lab
from labkit.media.answers import NO_PASSWORD
from labkit.media.answers import answers_of as xen_answers_of
from labkit.media.boot_config import grub_config, isolinux_config
from labkit.media.generations import INSTALLERS, DebianInstaller
from labkit.media.iso import BootFile, VendorIso
from labkit.media.medium import answers_of, write_boot_medium
from labkit.sha512crypt import hash_password
from labkit.steps.identity import macs_of, write_identity_of
from labkit.vbox.driver import Machine

_NOT_MADE = "00000000-0000-0000-0000-000000000000"
_NO_ADAPTER = "00:00:00:00:00:00"
"""Stand for the UUID and MAC addresses of a machine that is not made yet: VirtualBox will choose
them."""


def inspect(iso: Path, console: Console) -> None:
    """Tell what labkit sees on an ISO, and whether it can be driven unattended."""
    from labkit.media.iso import inspect as look

    found = look(iso)
    why = _not_drivable(found)
    files = [file for file in (found.isolinux, found.grub) if file is not None]
    if console.json:
        console.document(
            json.dumps(
                {
                    "path": str(found.path),
                    "product": found.product,
                    "version": found.version,
                    "generation": found.generation,
                    "volume": found.volume_id,
                    "bytes": found.size,
                    "firmware": ["bios"] if found.grub is None else ["bios", "efi"],
                    "boot": [
                        {"path": file.path, "primary": file.primary, "entry": _entry(file, found)}
                        for file in files
                    ],
                    "unattended": not why,
                    "why_not": why or None,
                }
            )
        )
        return
    console.say(f"{found.product} {found.version}, `{found.volume_id}`, {found.size:,} bytes")
    console.say(f"generation  {found.generation or 'none that labkit knows'}")
    for file in files:
        console.say(f"boots from  {file.path} (in the primary tree: {file.primary})")
        if entry := _entry(file, found):
            console.say(f"            with {entry}")
    if why:
        console.say(f"unattended  no: {why}", "warning")
    else:
        console.say("unattended  yes", "good")


def render(name: str, host: str, on: str, out: Path | None, console: Console) -> None:
    """Write all that would go on a host's media into a folder, to look at."""
    lab = _lab(name, on, console)
    if host not in lab.scenario.hosts:
        raise ScenarioError(
            f"{lab.name} has no host `{host}`.",
            details=f"Its hosts: {', '.join(lab.scenario.hosts)}.",
            hint=f"Say one of these: labkit media render {name} {next(iter(lab.scenario.hosts))}",
        )
    password = _given_password(lab)
    root_hash = hash_password(password) if password else NO_PASSWORD
    folder = (out or Path(f"{lab.name}-{host}-media")).absolute()
    kind = lab.scenario.hosts[host].kind
    answers = answers_of(lab.scenario, kind, root_hash)
    boot = write_boot_medium(folder / "boot", iso_of(lab, kind), answers)
    machine = _machine(lab, host)
    uuid, macs = _NOT_MADE, _wanted_macs(lab, host)
    if machine is not None:
        uuid, macs = machine.hardware_uuid, macs_of(machine)
    who = write_identity_of(lab, host, uuid, macs, root_hash, folder / "identity")
    written = sorted(str(file) for file in folder.rglob("*") if file.is_file())
    if console.json:
        told = {"folder": str(folder), "boot": str(boot), "identity": str(who), "files": written}
        console.document(
            json.dumps({**told, "password": password is not None, "made": machine is not None})
        )
        return
    for file in written:
        console.say(file)
    if password is None:
        console.say("No root password was given: a placeholder stands for its hash.")
    if machine is None:
        unknown = "the UUIDs and MAC addresses" if _NO_ADAPTER in macs else "the UUIDs"
        console.say(f"{host} is not made yet: zeros stand for {unknown} it will get.")


def build(name: str, on: str, flat: Path, force: bool, console: Console) -> None:
    """Write the boot medium of a scenario as a plain ISO."""
    from labkit.media.flat import write_flat
    from labkit.vbox.iso_maker import iso_maker, write_iso

    flat = flat.absolute()
    _free_for(flat, force)
    lab = _lab(name, on, console)
    iso = iso_of(lab, "xen")
    answers = xen_answers_of(lab.scenario, hash_password(lab.root_password()))
    if flat.exists() and flat.samefile(iso.path):
        raise ScenarioError(
            f"{flat} is the vendor's own ISO, which labkit never changes.",
            hint="Give `--flat` another name.",
        )
    maker = iso_maker()
    # Beside its place, so that it gets there whole or not at all.
    half = flat.with_name(f".{flat.name}.{os.getpid()}.half")
    try:
        with tempfile.TemporaryDirectory(prefix="labkit-medium-") as folder:
            medium = write_boot_medium(Path(folder), iso, answers)
            if maker is not None:
                write_iso(medium, half, maker)
            else:
                write_flat(Path(folder), iso, answers, half)
        # It holds the hash of a root password.
        half.chmod(0o600)
        _free_for(flat, force)
        half.replace(flat)
    except OSError as refusal:
        raise ComputerError(
            f"The ISO {flat} could not be written.",
            details=str(refusal),
            hint="Make room on that disk, or name another folder; nothing was left there.",
        ) from refusal
    finally:
        half.unlink(missing_ok=True)
    console.result(f"{flat} installs {answers.generation} unattended.", changed=True)


def _lab(name: str, on: str, console: Console) -> Lab:
    from labkit.backend import open_backend
    from labkit.scenario.catalogue import find
    from labkit.scenario.load import load

    home = open_home()
    return lab_of(load(find(name, home.path)), open_backend(on, home.path), home, console.tell)


def _given_password(lab: Lab) -> str | None:
    written = lab.scenario.installer.root_password
    environment = os.environ.get("LABKIT_ROOT_PASSWORD")
    return environment or (written.get_secret_value() if written is not None else None)


def _machine(lab: Lab, host: str) -> Machine | None:
    try:
        return lab.machine(host)
    except LabError:
        # No VirtualBox, or a machine of somebody else's: looking at files needs neither.
        return None


def _wanted_macs(lab: Lab, host: str) -> tuple[str, ...]:
    return tuple((nic.mac or _NO_ADAPTER).lower() for nic in lab.scenario.hosts[host].nics)


def _free_for(flat: Path, force: bool) -> None:
    if not flat.parent.is_dir():
        raise ScenarioError(
            f"There is no folder {flat.parent}.", hint="Make it, or name another place."
        )
    if flat.is_dir() or (flat.exists() and not force):
        raise ScenarioError(
            f"There is already a {'folder' if flat.is_dir() else 'file'} {flat}.",
            hint="Name another file, or say `--force` to write over a file.",
        )


def _not_drivable(iso: VendorIso) -> str:
    if iso.generation is None:
        known = ", ".join(INSTALLERS)
        return f"labkit does not know its installer; it knows {known}"
    rules = INSTALLERS[iso.generation]
    if isinstance(rules, DebianInstaller):
        # What boots it is replaced as a whole.
        return ""
    try:
        isolinux_config(iso.isolinux, rules)
        if iso.grub is not None:
            grub_config(iso.grub, rules)
    except ComputerError as error:
        return f"{error.what} {error.details}"
    return ""


def _entry(file: BootFile, iso: VendorIso) -> str:
    """The kernel's part of the line that would boot; empty where that is not understood."""
    if _not_drivable(iso) or iso.generation is None:
        return ""
    rules = INSTALLERS[iso.generation]
    if isinstance(rules, DebianInstaller):
        return " ".join([rules.kernel, *rules.parameters])
    text = isolinux_config(file, rules) if file is iso.isolinux else grub_config(file, rules)
    line = next(line for line in text.splitlines() if " ".join(rules.parameters) in line)
    start = line.index("/", line.rindex("vmlinuz") - len("/boot/"))
    return line[start:].partition(" --- ")[0].strip()
