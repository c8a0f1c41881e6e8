"""`labkit down`: remove a lab, going by the labels on its machines and not by its scenario.

The way down is a main road: it goes on past what resists and names it at the end, and it
touches only what labkit made.
"""

from collections.abc import Sequence

from labkit.backend import open_backend
from labkit.commands.open_lab import lab_called, open_home
from labkit.commands.removal import Removal
from labkit.console import Console
from labkit.errors import LabError
from labkit.lab import Place, machines_of, remove_if_empty


def down(name: str, on: str, console: Console, *, golden: bool, faults: Sequence[str] = ()) -> None:
    """Remove all machines of the lab, their disks and folders; with `golden` also the installed
    machines that no other lab's hosts are clones of."""
    home = open_home()
    backend = open_backend(on, home.path, faults)
    lab = lab_called(name, backend, home)
    console.begin(lab, on)
    removal = Removal(backend, home, console)
    with home.held(lab, f"labkit down {name}"):
        for machine in machines_of(backend, lab):
            removal.machine(machine, Place(machine.name, machine.folder.parent))
        # What a killed or failed `up` wrote.
        for leftover in sorted(home.lab(lab).glob("*/")):
            removal.leftover(Place("", leftover))
        remove_if_empty(home.lab(lab), home.lab(lab).parent)
        gone = bool(removal.gone)
        if golden:
            removal.unused_golden("labkit down --golden")
    if removal.stuck:
        raise LabError(
            f"Some of {lab} could not be removed.",
            details="\n".join(removal.stuck),
            hint=f"Close those machines in VirtualBox, then run `labkit down {lab}` again.",
        )
    backend.disarm(lab)
    if gone:
        console.result(f"{lab} is gone.", changed=True)
    elif removal.gone:
        console.result("What hosts were cloned from is gone.", changed=True)
    else:
        console.result(f"Nothing to do: there is no {lab} on {on}.", changed=False)
