"""`labkit down`: remove a lab, going by the labels on its machines and not by its scenario.

The way down is a main road: it goes on past what resists and names it at the end, and it
touches only what labkit made.
"""

from labkit.backend import Backend, open_backend
from labkit.commands.open_lab import lab_called, open_home
from labkit.console import Console
from labkit.errors import LabError
from labkit.events import Event
from labkit.lab import Home, Place, machines_of, remove_if_empty
from labkit.vbox.driver import Machine


def down(name: str, on: str, console: Console, *, golden: bool) -> None:
    """Remove all machines of the lab, their disks and folders; with `golden` also the installed
    machines that no other lab's hosts are clones of."""
    home = open_home()
    backend = open_backend(on, home.path)
    lab = lab_called(name, backend, home)
    console.begin(lab, on)
    gone, kept = 0, 0
    stuck: list[str] = []
    with home.held(lab, f"labkit down {name}"):
        for machine in machines_of(backend, lab):
            place = Place(machine.name, machine.folder.parent)
            gone += _remove(backend, machine, place, console, stuck)
        # What a killed `up` wrote before it had a machine.
        for leftover in sorted(home.lab(lab).glob("*")):
            Place("", leftover).clear()
        remove_if_empty(home.lab(lab), home.lab(lab).parent)
        if golden:
            kept = _remove_golden(backend, home, console, stuck)
            remove_if_empty(home.golden)
    if stuck:
        raise LabError(
            f"Some of {lab} could not be removed.",
            details="\n".join(stuck),
            hint=f"Close those machines in VirtualBox, then run `labkit down {lab}` again.",
        )
    if gone:
        console.result(f"{lab} is gone.", changed=True)
    elif kept:
        console.result("What hosts were cloned from is gone.", changed=True)
    else:
        console.result(f"Nothing to do: there is no {lab} on {on}.", changed=False)


def _remove_golden(backend: Backend, home: Home, console: Console, stuck: list[str]) -> int:
    in_use = {
        machine.labels.get("golden") for machine in backend.driver.machines() if machine.labels
    }
    gone = 0
    machines = backend.driver.machines()
    # What a killed `up` wrote before it had a machine.
    for leftover in sorted(home.golden.glob("golden-*/")):
        if leftover.name not in {machine.name for machine in machines}:
            with home.held(leftover.name, "labkit down --golden"):
                Place("", leftover).clear()
    for machine in machines:
        if machine.labels.get("role") == "golden" and machine.name not in in_use:
            with home.held(machine.name, "labkit down --golden"):
                place = Place(machine.name, machine.folder.parent)
                gone += _remove(backend, machine, place, console, stuck)
    return gone


def _remove(
    backend: Backend, machine: Machine, place: Place, console: Console, stuck: list[str]
) -> int:
    title = f"Remove {machine.labels.get('host', machine.name)}"
    console.tell(Event(title, "started"))
    try:
        backend.driver.remove(machine.name)
        place.clear()
    except LabError as refusal:
        console.tell(Event(title, "failed", refusal.what))
        stuck.append(" ".join(filter(None, (refusal.what, refusal.details))))
        return 0
    console.tell(Event(title, "done"))
    return 1
