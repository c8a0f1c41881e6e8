"""The golden machine: installed once from the vendor's ISO, never booted, cloned for every host.

Never booted, because an installed XCP-ng makes its identities (SSH keys, certificates, XAPI's
database, storage repositories) at its first boot: clones of a booted one cannot join a pool.
"""

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkit.golden.found import check_disk, seal, sealed, spec
from labkit.golden.wanted import Golden, cloned, disk_of, golden_machine, golden_of
from labkit.lab import GOLDEN_SNAPSHOT, Lab
from labkit.media.medium import write_boot_medium
from labkit.sha512crypt import hash_password
from labkit.steps.install import Installation, install, installed
from labkit.vbox.driver import Machine

if TYPE_CHECKING:
    from labkit.scenario.models import Kind


@dataclass(frozen=True, slots=True)
class InstallGolden:
    """Install a machine from the vendor's ISO, unattended, until it switches itself off."""

    generation: str
    kind: "Kind"
    stage: str = "golden"

    @property
    def title(self) -> str:
        return f"Install {self.generation} once"

    def done(self, lab: Lab) -> bool:
        if cloned(lab, self.kind):
            return True
        golden = golden_of(lab, self.kind)
        machine = golden_machine(lab, golden.place)
        if machine is not None:
            check_disk(lab.backend.driver, machine)
        return machine is not None and _installed(machine, golden, self.kind)

    def run(self, lab: Lab) -> None:
        golden = golden_of(lab, self.kind, hash_password(lab.root_password()))
        # Another lab may need the same golden machine at the same moment.
        with lab.home.held(golden.name, f"the installation for {lab.name}"):
            machine = golden_machine(lab, golden.place)
            if machine is not None and _installed(machine, golden, self.kind):
                return
            install(
                lab,
                Installation(
                    step=self.title,
                    what=self.generation,
                    kind=self.kind,
                    place=golden.place,
                    find=lambda: golden_machine(lab, golden.place),
                    make=lambda: self._create(lab, golden),
                ),
            )

    def undo(self, lab: Lab) -> None:
        place = golden_of(lab, self.kind).place
        # Held: what another lab is installing is not this one's to take back.
        with lab.home.held(place.machine, f"taking back the installation for {lab.name}"):
            machine = golden_machine(lab, place)
            # Where the ISO went away meanwhile, that may be another one, which is whole.
            if machine is not None and GOLDEN_SNAPSHOT in machine.snapshots:
                return
            if machine is not None:
                lab.backend.driver.remove(machine.name)
            place.clear()

    def _create(self, lab: Lab, golden: Golden) -> None:
        assert golden.iso is not None, "what is there already is not made again"
        medium = write_boot_medium(golden.place.medium_folder, golden.iso, golden.answers)
        memory = golden.answers.rules.memory_mib
        lab.backend.driver.create(
            spec(golden.place, golden.origin, memory_mib=memory, disk_mib=disk_of(lab, self.kind))
        )
        lab.backend.driver.insert(golden.name, 0, medium)


@dataclass(frozen=True, slots=True)
class SealGolden:
    """Take the snapshot that the hosts' machines are clones of."""

    generation: str
    kind: "Kind"
    stage: str = "golden"

    @property
    def title(self) -> str:
        return f"Keep the installed {self.generation} to clone hosts from"

    def done(self, lab: Lab) -> bool:
        if cloned(lab, self.kind):
            return True
        machine = golden_machine(lab, golden_of(lab, self.kind).place)
        return machine is not None and sealed(machine)

    def run(self, lab: Lab) -> None:
        golden = golden_of(lab, self.kind)
        # The medium holds the password's hash, and the vendor's ISO is free to go now.
        lab.backend.driver.insert(golden.name, 0, None)
        shutil.rmtree(golden.place.medium_folder, ignore_errors=True)
        machine = golden_machine(lab, golden.place)
        assert machine is not None, "the step before has just made it"
        seal(lab.backend.driver, machine)

    def undo(self, lab: Lab) -> None:
        lab.backend.driver.delete_snapshot(golden_of(lab, self.kind).name, GOLDEN_SNAPSHOT)


def _installed(machine: Machine, golden: Golden, kind: "Kind") -> bool:
    """The snapshot proves it; before there is one, the installer's own last words do."""
    return GOLDEN_SNAPSHOT in machine.snapshots or installed(machine, golden.place, kind)
