"""How machines go: one by one, past what resists, which is named at the end."""

from labkit.backend import Backend
from labkit.console import Console
from labkit.errors import LabError
from labkit.events import Event
from labkit.golden.found import goldens
from labkit.lab import Home, Place, remove_if_empty
from labkit.vbox.driver import Machine


class Removal:
    """What went, and what did not."""

    def __init__(self, backend: Backend, home: Home, console: Console) -> None:
        self._backend, self._home, self._console = backend, home, console
        self.gone: list[str] = []
        self.stuck: list[str] = []

    def machine(self, machine: Machine, place: Place) -> None:
        """Remove a machine with its files."""
        title = f"Remove {machine.labels.get('host', machine.name)}"
        self._console.tell(Event(title, "started"))
        try:
            self._backend.driver.remove(machine.name)
            place.clear()
        except LabError as refusal:
            self._console.tell(Event(title, "failed", refusal.what))
            self._resists(refusal)
        else:
            self._console.tell(Event(title, "done"))
            self.gone.append(machine.name)

    def leftover(self, place: Place) -> None:
        """Remove what something that was killed or failed left where no machine is any more."""
        if any(machine.folder == place.machine_folder for machine in self._all()):
            return
        try:
            self._backend.driver.clear(place.machine_folder)
            place.clear()
        except LabError as refusal:
            self._resists(refusal)

    def unused_golden(self, doing: str) -> None:
        """Remove the golden machines that no host is a clone of, and what killed or failed
        installations left."""
        known = goldens(self._backend)
        in_use = {machine.labels.get("golden") for machine in self._all()}
        for leftover in sorted(self._home.golden.glob("golden-*/")):
            if leftover.name not in {machine.name for machine in known}:
                self._held(leftover.name, doing, None)
        for machine in known:
            if machine.name not in in_use:
                self._held(machine.name, doing, machine)
        remove_if_empty(self._home.golden)

    def _held(self, name: str, doing: str, machine: Machine | None) -> None:
        try:
            # One that is being installed is nobody's yet, but wanted.
            with self._home.held(name, doing):
                if machine is None:
                    self.leftover(Place(name, self._home.golden / name))
                else:
                    self.machine(machine, Place(name, machine.folder.parent))
        except LabError as refusal:
            self._resists(refusal)

    def _all(self) -> tuple[Machine, ...]:
        return self._backend.driver.machines()

    def _resists(self, refusal: LabError) -> None:
        self.stuck.append(" ".join(filter(None, (refusal.what, refusal.details))))
