"""The golden machine: installed once from the vendor's ISO, never booted, cloned for every host.

Never booted, because an installed XCP-ng makes its identities (SSH keys, certificates, XAPI's
database, storage repositories) at its first boot: clones of a booted one cannot join a pool.
"""

import shutil
from dataclasses import dataclass

from labkit.errors import ScenarioError
from labkit.lab import GOLDEN_SNAPSHOT, Lab, Place, find_machine
from labkit.media.answers import Answers, Script
from labkit.media.boot import digest, write_boot_medium
from labkit.media.iso import VendorIso, find_iso
from labkit.sha512crypt import hash_password
from labkit.steps.install import Installation, install, installed
from labkit.vbox.driver import AdapterSpec, Attachment, Machine, MachineSpec


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
        disk=installer.disk,
        services=tuple(installer.services.items()),
        scripts=tuple(
            Script(each.stage, each.file.name, each.file.text) for each in installer.scripts
        ),
        root_password_hash=root_password_hash,
    )
    key = digest(iso, answers, disk_of(lab))
    name = f"golden-{installer.generation}-{key}"
    return Golden(iso, answers, key, Place(name, lab.home.golden / name))


def _has_the_disk(lab: Lab) -> None:
    """Raise `ScenarioError` where the installer would look for a disk in vain."""
    disk = lab.scenario.installer.disk
    if disk.removeprefix("/dev/") != "sda":
        raise ScenarioError(
            f"The machines labkit makes have no disk `{disk}`.",
            details="Theirs is `sda`; `installer.disk` is for media made for other machines.",
            hint="Leave `installer.disk` out of the scenario; `labkit media build` may keep it.",
        )


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
        _has_the_disk(lab)
        golden = golden_of(lab, hash_password(lab.root_password()))
        # Another lab may need the same golden machine at the same moment.
        with lab.home.held(golden.name, f"the installation for {lab.name}"):
            machine = _machine(lab, golden.place)
            if machine is not None and _installed(machine, golden):
                return
            install(
                lab,
                Installation(
                    step=self.title,
                    what=self.generation,
                    place=golden.place,
                    find=lambda: _machine(lab, golden.place),
                    make=lambda: self._create(lab, golden),
                ),
            )

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
                memory_mib=golden.answers.rules.memory_mib,
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
    return GOLDEN_SNAPSHOT in machine.snapshots or installed(machine, golden.place)


def _remove(lab: Lab, place: Place) -> None:
    if _machine(lab, place) is not None:
        lab.backend.driver.remove(place.machine)
    place.clear()


def _machine(lab: Lab, place: Place) -> Machine | None:
    return find_machine(lab.backend, place.machine, role="golden")
