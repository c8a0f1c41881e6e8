"""The golden machine: installed once from the vendor's ISO, never booted, cloned for every host.

Never booted, because an installed XCP-ng makes its identities (SSH keys, certificates, XAPI's
database, storage repositories) at its first boot: clones of a booted one cannot join a pool.
"""

import shutil
from dataclasses import dataclass

from labkit.errors import LabError
from labkit.lab import GOLDEN_SNAPSHOT, Lab, Place, find_machine
from labkit.media.answers import Answers
from labkit.media.boot import digest, write_boot_medium
from labkit.media.iso import VendorIso, find_iso
from labkit.media.progress import InstallLog, read_log
from labkit.sha512crypt import hash_password
from labkit.vbox.driver import AdapterSpec, Attachment, Machine, MachineSpec, Power
from labkit.wait import NotYet, wait_for

_MEMORY_MIB = 4096
"""The installer unpacks itself into memory; 8.x wants more than the 2 GiB its hosts run with."""
_LONGEST = 90 * 60.0
"""Seconds for an installation. A modest laptop takes 20 to 30 minutes."""


@dataclass(frozen=True, slots=True)
class Golden:
    """Which golden machine a lab's hosts are clones of: decided by ISO, answers and disk size."""

    iso: VendorIso
    answers: Answers
    digest: str
    place: Place

    @property
    def name(self) -> str:
        return self.place.machine


def golden_of(lab: Lab, root_password_hash: str = "") -> Golden:
    """The lab's golden machine, made or not. Raises `ComputerError` when its ISO is missing.

    The password hash goes into the answers but does not decide: each host gets the lab's own
    from its identity.
    """
    installer = lab.scenario.installer
    iso = find_iso(installer.generation, lab.iso_folders, installer.iso)
    answers = Answers(
        generation=installer.generation,
        sr_type=lab.scenario.storage.local,
        keymap=installer.keymap,
        timezone=installer.timezone,
        ntp=installer.ntp,
        root_password_hash=root_password_hash,
    )
    key = digest(iso, answers, disk_of(lab))
    name = f"golden-{installer.generation}-{key}"
    return Golden(iso, answers, key, Place(name, lab.home.golden / name))


def disk_of(lab: Lab) -> int:
    """MiB of the disk all hosts share."""
    return next(iter(lab.scenario.hosts.values())).disk


def cloned(lab: Lab) -> bool:
    """Whether every host has its machine already, so that no golden one is needed any more."""
    return all(lab.machine(host) is not None for host in lab.scenario.hosts)


@dataclass(frozen=True, slots=True)
class InstallGolden:
    """Install a machine from the vendor's ISO, unattended, until it switches itself off."""

    generation: str
    stage: str = "golden"

    @property
    def title(self) -> str:
        return f"Install {self.generation} once"

    def done(self, lab: Lab) -> bool:
        if cloned(lab):
            return True
        golden = golden_of(lab)
        machine = _machine(lab, golden.place)
        return machine is not None and _installed(machine, golden)

    def run(self, lab: Lab) -> None:
        """Goes on watching an installation that still runs; starts any other one afresh, since
        an installer boots no disk that is half written."""
        golden = golden_of(lab, hash_password(lab.root_password()))
        # Another lab may need the same golden machine at the same moment.
        with lab.home.held(golden.name, f"the installation for {lab.name}"):
            machine = _machine(lab, golden.place)
            if machine is not None and _installed(machine, golden):
                return
            if machine is None or machine.power not in (Power.RUNNING, Power.PAUSED, Power.SAVED):
                _remove(lab, golden.place)
                self._create(lab, golden)
            lab.backend.driver.start(golden.name)
            self._watch(lab, golden)

    def undo(self, lab: Lab) -> None:
        _remove(lab, golden_of(lab).place)

    def _create(self, lab: Lab, golden: Golden) -> None:
        medium = write_boot_medium(golden.place.medium_folder, golden.iso, golden.answers)
        lab.backend.driver.create(
            MachineSpec(
                name=golden.name,
                folder=golden.place.machine_folder,
                group="/labkit/golden",
                cpus=2,
                memory_mib=_MEMORY_MIB,
                disk_mib=disk_of(lab),
                adapters=(AdapterSpec(Attachment.NAT),),
                serial_file=golden.place.serial_file,
                labels={
                    "role": "golden",
                    "generation": self.generation,
                    "digest": golden.digest,
                },
            )
        )
        lab.backend.driver.insert(golden.name, 0, medium)

    def _watch(self, lab: Lab, golden: Golden) -> None:
        told: tuple[str, float | None] = ("", None)

        def look() -> None:
            nonlocal told
            # Power first: what is written before the machine stops is then sure to be read.
            machine = _machine(lab, golden.place)
            log = _log(golden.place)
            if (log.phase, log.fraction) != told:
                told = (log.phase, log.fraction)
                lab.progress(self.title, log.phase, log.fraction)
            if log.failed:
                raise LabError(
                    f"The installation of {self.generation} failed.",
                    details=log.failure,
                    hint=f"The installer's whole log is in {_keep(golden.place)}.",
                )
            if machine is not None and machine.power is not Power.OFF:
                raise NotYet(log.last_line or "the installer has said nothing yet")
            if not log.finished:
                raise LabError(
                    f"The installation of {self.generation} stopped before its end.",
                    details=f"The installer's last words: {log.last_line or '(none)'}",
                    hint=f"Its whole log is in {_keep(golden.place)}. "
                    f"Run `labkit up {lab.name}` to try again.",
                )

        wait_for(
            f"The installation of {self.generation}",
            look,
            seconds=_LONGEST,
            every=5.0,
            hint=f"Open the machine {golden.name} in VirtualBox to see its screen.",
            clock=lab.backend.clock,
        )


@dataclass(frozen=True, slots=True)
class SealGolden:
    """Take the snapshot that the hosts' machines are clones of."""

    generation: str
    stage: str = "golden"

    @property
    def title(self) -> str:
        return f"Keep the installed {self.generation} to clone hosts from"

    def done(self, lab: Lab) -> bool:
        if cloned(lab):
            return True
        machine = _machine(lab, golden_of(lab).place)
        return machine is not None and GOLDEN_SNAPSHOT in machine.snapshots

    def run(self, lab: Lab) -> None:
        golden = golden_of(lab)
        # The medium holds the password's hash, and the vendor's ISO is free to go now.
        lab.backend.driver.insert(golden.name, 0, None)
        shutil.rmtree(golden.place.medium_folder, ignore_errors=True)
        lab.backend.driver.take_snapshot(golden.name, GOLDEN_SNAPSHOT)

    def undo(self, lab: Lab) -> None:
        lab.backend.driver.delete_snapshot(golden_of(lab).name, GOLDEN_SNAPSHOT)


def _installed(machine: Machine, golden: Golden) -> bool:
    """The snapshot proves it; before there is one, the installer's own last words do."""
    if GOLDEN_SNAPSHOT in machine.snapshots:
        return True
    return machine.power is Power.OFF and _log(golden.place).finished


def _log(place: Place) -> InstallLog:
    try:
        text = place.serial_file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        text = ""
    return read_log(text)


def _keep(place: Place) -> str:
    """Put the log where taking back the installation leaves it, and say where that is."""
    kept = place.folder.parent / f"{place.machine}.failed.log"
    shutil.copyfile(place.serial_file, kept)
    return str(kept)


def _remove(lab: Lab, place: Place) -> None:
    if _machine(lab, place) is not None:
        lab.backend.driver.remove(place.machine)
    place.clear()


def _machine(lab: Lab, place: Place) -> Machine | None:
    return find_machine(lab.backend, place.machine, role="golden")
