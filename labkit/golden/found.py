"""Golden machines: which there are, what each is of, and whether hosts can be cloned from it.

All of that is on the machine itself, as labels, so that one that was installed elsewhere is as
good as one that was installed here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from labkit.backend import Backend
from labkit.errors import LabError, ScenarioError
from labkit.lab import GOLDEN_SNAPSHOT, Place
from labkit.vbox.driver import AdapterSpec, Attachment, Driver, Machine, MachineSpec, Power

ROLE = "golden"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a golden machine is of: the labels that it is made with, and carried with."""

    generation: str
    digest: str
    """Decided by the ISO, the answers, the hook and the size of the disk."""
    answers: str
    """Decided by all of those but the ISO, which may be gone once it is installed."""
    iso: str
    """The ISO, in a person's words."""
    made: str
    """When its installation began."""

    @property
    def name(self) -> str:
        """The machine's."""
        return f"golden-{self.generation}-{self.digest}"

    def labels(self) -> dict[str, str]:
        """For a machine that is to be made."""
        return {
            "role": ROLE,
            "generation": self.generation,
            "digest": self.digest,
            "answers": self.answers,
            "iso": self.iso,
            "made": self.made,
        }


def origin_of(machine: Machine) -> Origin:
    """What its labels say."""
    said = machine.labels.get
    return Origin(
        generation=said("generation", ""),
        digest=said("digest", ""),
        answers=said("answers", ""),
        iso=said("iso", ""),
        made=said("made", ""),
    )


def now() -> str:
    """This moment, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def goldens(backend: Backend) -> tuple[Machine, ...]:
    """The golden machines there are, in the order of their names."""
    found = (one for one in backend.driver.machines() if one.labels.get("role") == ROLE)
    return tuple(sorted(found, key=lambda machine: machine.name))


def golden_called(backend: Backend, name: str) -> Machine:
    """The golden machine of that name, digest or generation. Raises `ScenarioError` when there
    is none, or more than one."""
    known = goldens(backend)
    for means in (
        [machine for machine in known if machine.name == name],
        [machine for machine in known if machine.labels.get("digest") == name],
        [machine for machine in known if machine.labels.get("generation") == name],
    ):
        if len(means) == 1:
            return means[0]
        if means:
            raise ScenarioError(
                f"There are {len(means)} golden machines of {name}.",
                details=", ".join(machine.name for machine in means),
                hint="Say which by its whole name; `labkit golden list` says what each is of.",
            )
    raise ScenarioError(
        f"There is no golden machine `{name}`.",
        details=f"There are: {', '.join(machine.name for machine in known) or 'none'}.",
        hint="`labkit golden build SCENARIO` makes one.",
    )


def spec(
    place: Place, origin: Origin, *, memory_mib: int, disk_mib: int = 0, image: Path | None = None
) -> MachineSpec:
    """A golden machine as it is wanted: to be installed, or with the disk of one that was."""
    return MachineSpec(
        name=place.machine,
        folder=place.machine_folder,
        group="/labkit/golden",
        cpus=2,
        memory_mib=memory_mib,
        disk_mib=disk_mib,
        disk_image=image,
        adapters=(AdapterSpec(Attachment.NAT),),
        serial_file=place.serial_file,
        labels=origin.labels(),
    )


def users_of(golden: Machine, machines: Iterable[Machine]) -> tuple[str, ...]:
    """The labs with hosts that are clones of it."""
    labs = (machine.labels for machine in machines if machine.labels.get("golden") == golden.name)
    return tuple(sorted({labels.get("lab", "?") for labels in labs}))


def sealed(machine: Machine) -> bool:
    """Whether hosts can be cloned from it."""
    return GOLDEN_SNAPSHOT in machine.snapshots and "disk" in machine.labels


def seal(driver: Driver, machine: Machine) -> None:
    """Take the snapshot that hosts are clones of, and note what its disk is like from now on."""
    if GOLDEN_SNAPSHOT not in machine.snapshots:
        driver.take_snapshot(machine.name, GOLDEN_SNAPSHOT)
    # After it, since from then on nothing writes to that disk any more.
    driver.label(machine.name, "disk", _sign(driver.disk(machine.name)))


def check_disk(driver: Driver, machine: Machine) -> None:
    """Raise `LabError` when the disk of a sealed machine is missing, or is not as it was then.

    By size and time, since reading gigabytes at every clone would cost more than it gives: who
    sets the time back is not found out.
    """
    trouble = disk_trouble(driver, machine)
    if trouble:
        raise LabError(
            f"Hosts cannot be cloned from {machine.name} any more: its disk is {trouble}.",
            details=f"It is {driver.disk(machine.name)}, and hosts that are clones of it need it, "
            "too. Nothing was changed.",
            hint="Put the file back as it was. Or remove its labs with `labkit down`, then the "
            "machine with `labkit golden prune`; `labkit up` installs it anew.",
        )


def disk_trouble(driver: Driver, machine: Machine) -> str:
    """`missing`, `not the one it was`, or nothing."""
    noted = machine.labels.get("disk")
    if noted is None or machine.power is Power.BROKEN:
        return ""
    found = _sign(driver.disk(machine.name))
    if not found:
        return "missing"
    return "" if found == noted else "not the one that was sealed"


def size_of(machine: Machine) -> int:
    """Bytes of its files."""
    return sum(_sizes(machine.folder))


def _sizes(folder: Path) -> Iterator[int]:
    for file in folder.rglob("*"):
        if file.is_file():
            yield file.stat().st_size


def _sign(file: Path) -> str:
    try:
        found = file.stat()
    except FileNotFoundError:
        return ""
    # Whole seconds: a copy on another file system keeps no more of them.
    return f"{found.st_size} bytes, {int(found.st_mtime)}"
