"""A host installed by itself, from the vendor's ISO: for a release on which clones do not become
themselves at their first boot. It takes as many installations as there are hosts.
"""

import shutil
from dataclasses import dataclass, replace

from labkit.golden.wanted import disk_of, iso_of
from labkit.lab import Lab
from labkit.media.answers import answers_of
from labkit.media.boot import write_boot_medium
from labkit.sha512crypt import hash_password
from labkit.steps.install import Installation, install
from labkit.steps.machine import identity_of, macs_of, remove_host, wanted_machine


@dataclass(frozen=True, slots=True)
class InstallHost:
    """Install a host's machine, unattended, with answers of its own: name, address, password."""

    host: str
    stage: str = "hosts"

    @property
    def title(self) -> str:
        return f"Install {self.host}"

    def done(self, lab: Lab) -> bool:
        """By a label: its console says something else as soon as it has booted."""
        machine = lab.machine(self.host)
        return machine is not None and machine.labels.get("installed") == "yes"

    def run(self, lab: Lab) -> None:
        place, driver = lab.host(self.host), lab.backend.driver
        install(
            lab,
            Installation(
                step=self.title,
                what=self.host,
                place=place,
                find=lambda: lab.machine(self.host),
                make=lambda: self._create(lab),
            ),
        )
        # The medium holds the password's hash, and the vendor's ISO is free to go now.
        driver.insert(place.machine, 0, None)
        shutil.rmtree(place.medium_folder, ignore_errors=True)
        driver.label(place.machine, "installed", "yes")

    def undo(self, lab: Lab) -> None:
        remove_host(lab, self.host)

    def _create(self, lab: Lab) -> None:
        place, iso = lab.host(self.host), iso_of(lab)
        place.folder.mkdir(parents=True, exist_ok=True)
        wanted = wanted_machine(lab, self.host)
        machine = lab.backend.driver.create(
            replace(wanted, disk_mib=disk_of(lab), labels={**wanted.labels, "install": "each"})
        )
        root_hash = hash_password(lab.root_password())
        identity = identity_of(lab, self.host, machine.hardware_uuid, macs_of(machine), root_hash)
        answers = replace(
            answers_of(lab.scenario, root_hash), hostname=identity.hostname, identity=identity
        )
        medium = write_boot_medium(place.medium_folder, iso, answers)
        lab.backend.driver.insert(machine.name, 0, medium)
