"""A lab: one scenario on one backend, with its files on disk. Handed to every step.

Every file name labkit uses is on this page. Nothing here remembers what state a lab is in:
that is asked of VirtualBox and XAPI.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.backend import Backend
from labkit.errors import LabError
from labkit.events import Event, Listener
from labkit.lock import Held, locked
from labkit.vbox.driver import Machine

if TYPE_CHECKING:
    from labkit.scenario.models import Scenario

GOLDEN_SNAPSHOT = "installed"


@dataclass(frozen=True, slots=True)
class Home:
    """Where labkit keeps its files (`LABKIT_HOME`)."""

    path: Path

    @property
    def isos(self) -> Path:
        """The user's ISOs, besides `./isos`."""
        return self.path / "isos"

    @property
    def history(self) -> Path:
        """How long steps took on this computer; only ever used to say what to expect."""
        return self.path / "history.json"

    @property
    def golden(self) -> Path:
        """Golden machines, a folder each."""
        return self.path / "golden"

    def lab(self, name: str) -> Path:
        """A lab's folder: a folder for each host."""
        return self.path / "labs" / name

    @contextmanager
    def held(self, lab: str, doing: str) -> Iterator[None]:
        """Be the only one to change this lab. Raises `LabError` that names who already does."""
        try:
            # Not in the lab's own folder, which `down` removes.
            lock = self.path / "locks" / f"{lab}.lock"
            with locked(lock, holder=f"{doing} (process {os.getpid()})"):
                yield
        except Held as taken:
            raise LabError(
                f"Somebody else is working on {lab}.",
                details=f"The lock is held by: {taken}",
                hint="Wait until that ends, or end it; `labkit status` shows how far it is.",
            ) from taken


@dataclass(frozen=True, slots=True)
class Place:
    """The name and the files of one machine of labkit's."""

    machine: str
    """Its name in VirtualBox."""
    folder: Path

    @property
    def machine_folder(self) -> Path:
        """The machine's own folder, which goes with it."""
        return self.folder / "machine"

    @property
    def medium_folder(self) -> Path:
        """The medium labkit writes for it."""
        return self.folder / "medium"

    @property
    def serial_file(self) -> Path:
        """What its console said."""
        return self.folder / "console.log"

    @property
    def screen_file(self) -> Path:
        """What its screen showed when its installation failed."""
        return self.folder / "screen.png"

    @property
    def failed(self) -> "Place":
        """Where the log and the screen of an installation that failed are kept, beside it."""
        return Place(self.machine, self.folder.with_name(f"{self.folder.name}.failed"))

    def clear(self) -> None:
        """Remove what labkit wrote here, and the folder when nothing else is in it: what a
        person put beside it stays."""
        shutil.rmtree(self.medium_folder, ignore_errors=True)
        self.serial_file.unlink(missing_ok=True)
        self.screen_file.unlink(missing_ok=True)
        remove_if_empty(self.folder, self.folder.parent)


def remove_if_empty(*folders: Path) -> None:
    """Remove folders, in that order, as far as nothing is in them."""
    for folder in folders:
        with suppress(OSError):  # not empty, or not there
            folder.rmdir()


@dataclass(frozen=True, slots=True)
class Lab:
    """One scenario on one backend."""

    scenario: "Scenario"
    scenario_digest: str
    backend: Backend
    home: Home
    tell: Listener
    root_password: Callable[[], str] = field(repr=False)
    """Gives the hosts' root password, asking for it when it has to."""
    iso_folders: tuple[Path, ...] = ()
    """Where installer ISOs are looked for, first come first served."""
    lan: str = "scenario"
    """`portable` when the bridged adapters were put on a host-only network."""
    install_each: bool = False
    """Its hosts are installed one by one instead of cloned."""
    patience: float = 20 * 60.0
    """Seconds an installer may say nothing new before it is held to be stuck."""

    @property
    def name(self) -> str:
        return self.scenario.name

    @property
    def group(self) -> str:
        """The lab's group in VirtualBox."""
        return f"/labkit/{self.name}"

    def host(self, name: str) -> Place:
        """The machine of one host. Its name carries the lab's: VirtualBox knows a name once."""
        return Place(f"{self.name}-{name}", self.home.lab(self.name) / name)

    def machine(self, host: str) -> Machine | None:
        """The host's machine as VirtualBox has it now; None when there is none.

        Raises `LabError` when a machine of that name exists that is not this lab's.
        """
        return find_machine(self.backend, self.host(host).machine, lab=self.name)

    def progress(self, step: str, note: str, fraction: float | None = None) -> None:
        """Tell how far a step is."""
        self.tell(Event(step, "progress", note, fraction))


def find_machine(backend: Backend, name: str, **labels: str) -> Machine | None:
    """The machine of that name with those labels.

    Raises `LabError` when there is one of that name without them: it is somebody else's.
    """
    found = backend.driver.machine(name)
    if found is not None and any(found.labels.get(key) != text for key, text in labels.items()):
        raise LabError(
            f"There is already a machine called {name}, and labkit did not make it for this.",
            details=f"It is in {found.folder}. labkit leaves it alone.",
            hint="Rename or remove it in VirtualBox, then run the command again.",
        )
    return found


def machines_of(backend: Backend, lab: str) -> tuple[Machine, ...]:
    """The machines labelled as that lab's, in the order of their names."""
    mine = (found for found in backend.driver.machines() if found.labels.get("lab") == lab)
    return tuple(sorted(mine, key=lambda found: found.name))
