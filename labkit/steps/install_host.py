"""A host installed by itself, from the vendor's ISO: for a release on which clones do not become
themselves at their first boot. It takes as many installations as there are hosts.
"""

import shutil
from dataclasses import dataclass, replace

from labkit.golden.wanted import disk_of, iso_of
from labkit.lab import Lab
from labkit.media.medium import write_boot_medium
from labkit.sha512crypt import hash_password
from labkit.steps.identity import own_answers_of
from labkit.steps.install import Installation, install
from labkit.steps.machine import remove_host, wanted_machine


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
                kind=lab.scenario.hosts[self.host].kind,
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
        place, kind = lab.host(self.host), lab.scenario.hosts[self.host].kind
        iso = iso_of(lab, kind)
        place.folder.mkdir(parents=True, exist_ok=True)
        wanted = wanted_machine(lab, self.host)
        machine = lab.backend.driver.create(
            replace(
                wanted, disk_mib=disk_of(lab, kind), labels={**wanted.labels, "install": "each"}
            )
        )
        answers = own_answers_of(lab, self.host, machine, hash_password(lab.root_password()))
        medium = write_boot_medium(place.medium_folder, iso, answers)
        lab.backend.driver.insert(machine.name, 0, medium)
