"""Which golden machine a lab's hosts of a kind are clones of: decided by ISO, answers, hook and
disk size.

The ISO counts for as long as it is needed. Once installed, here or on another computer, a golden
machine does without it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkit.errors import ComputerError
from labkit.golden.found import ROLE, Origin, goldens, now, origin_of, sealed
from labkit.lab import Lab, Place, find_machine, machines_of
from labkit.media.iso import VendorIso, find_iso
from labkit.media.medium import AnyAnswers, answers_of, digest
from labkit.vbox.driver import Machine

if TYPE_CHECKING:
    from labkit.scenario.models import Kind


@dataclass(frozen=True, slots=True)
class Golden:
    """A golden machine as a lab wants it."""

    iso: VendorIso | None
    """None: it is there already, and the ISO is not needed."""
    answers: AnyAnswers
    origin: Origin
    place: Place

    @property
    def name(self) -> str:
        return self.place.machine


def golden_of(lab: Lab, kind: "Kind", root_password_hash: str = "") -> Golden:
    """The golden machine of the lab's hosts of a kind, made or not. Raises `ComputerError` when
    it is not, and its ISO is missing.

    The password hash goes into the answers but does not decide: each host gets the lab's own
    from its identity.
    """
    answers = answers_of(lab.scenario, kind, root_password_hash)
    if own := _cloned_from(lab, kind):
        # Whatever became of the ISO: hosts of different ones make no homogeneous pool.
        return _there_already(own, answers)
    try:
        iso = iso_of(lab, kind)
    except ComputerError:
        # One that was installed, here or elsewhere, has no need of it.
        same = [machine for machine in _like(lab, kind, answers) if sealed(machine)]
        if not same:
            raise
        return _there_already(max(same, key=lambda machine: machine.labels["made"]), answers)
    origin = Origin(
        generation=answers.generation,
        digest=digest(iso, answers, disk_of(lab, kind)),
        answers=digest(None, answers, disk_of(lab, kind)),
        iso=_in_words(iso),
        made=now(),
    )
    return Golden(iso, answers, origin, Place(origin.name, lab.home.golden / origin.name))


def other_iso(lab: Lab, kind: "Kind") -> str:
    """Says when what is about to be installed was installed before, from another ISO."""
    if cloned(lab, kind):
        return ""
    golden = golden_of(lab, kind)
    if golden.iso is None or golden_machine(lab, golden.place) is not None:
        return ""
    others = [machine for machine in _like(lab, kind, golden.answers) if sealed(machine)]
    return "".join(
        f"{machine.name} was installed from another ISO ({machine.labels['iso']}) than the one "
        f"there is now, {golden.iso.path} ({golden.origin.iso})."
        for machine in others[-1:]
    )


def iso_of(lab: Lab, kind: "Kind") -> VendorIso:
    """The ISO that hosts of a kind are installed from. Raises `ComputerError` when there is
    none."""
    installer = lab.scenario.installer_of(kind)
    return find_iso(installer.generation, lab.iso_folders, installer.iso)


def disk_of(lab: Lab, kind: "Kind") -> int:
    """MiB of the disk that all hosts of a kind share."""
    return lab.scenario.hosts[lab.scenario.of_kind(kind)[0]].disk


def cloned(lab: Lab, kind: "Kind") -> bool:
    """Whether every host of a kind has its machine already, so that no golden one is needed any
    more."""
    return all(lab.machine(host) is not None for host in lab.scenario.of_kind(kind))


def golden_machine(lab: Lab, place: Place) -> Machine | None:
    """The machine at that place, installed or not; None when there is none."""
    return find_machine(lab.backend, place.machine, role=ROLE)


def _in_words(iso: VendorIso) -> str:
    return f"{iso.product} {iso.version}, `{iso.volume_id}`, {iso.size} bytes"


def _like(lab: Lab, kind: "Kind", answers: AnyAnswers) -> list[Machine]:
    """The golden machines that differ from the lab's by their ISO at most."""
    wanted = digest(None, answers, disk_of(lab, kind))
    return [each for each in goldens(lab.backend) if each.labels.get("answers") == wanted]


def _cloned_from(lab: Lab, kind: "Kind") -> Machine | None:
    """What the lab's hosts of a kind are clones of, where it has any."""
    hosts = lab.scenario.of_kind(kind)
    mine = machines_of(lab.backend, lab.name)
    names = {each.labels.get("golden") for each in mine if each.labels.get("host") in hosts}
    return next((each for each in goldens(lab.backend) if each.name in names), None)


def _there_already(machine: Machine, answers: AnyAnswers) -> Golden:
    place = Place(machine.name, machine.folder.parent)
    return Golden(None, answers, origin_of(machine), place)
