"""`labkit golden`: what hosts are cloned from, as a thing of its own."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from labkit.backend import Backend, open_backend
from labkit.commands.open_lab import open_home
from labkit.commands.removal import Removal
from labkit.console import Console, Level
from labkit.errors import LabError
from labkit.events import Event
from labkit.golden import carried
from labkit.golden.found import (
    disk_trouble,
    golden_called,
    goldens,
    origin_of,
    sealed,
    size_of,
    users_of,
)
from labkit.vbox.driver import Machine, Power


def show_list(on: str, console: Console) -> None:
    """Every golden machine: what it is of, and who uses it."""
    backend = open_backend(on, open_home().path)
    known, machines = goldens(backend), backend.driver.machines()
    if console.json:
        told = [_facts(machine, backend, users_of(machine, machines)) for machine in known]
        console.document(json.dumps(told))
        return
    for machine in known:
        labs, state = users_of(machine, machines), _state(machine, backend)
        level: Level = "plain" if state in ("ready", "being installed") else "bad"
        used = f"used by {', '.join(labs)}" if labs else "used by no lab"
        size = f"{size_of(machine) / 1024**3:.1f} GiB"
        console.say(f"{machine.name}: {state}", level)
        console.say(f"  made {machine.labels.get('made', '?')}, {size}, {used}")
        console.say(f"  from {machine.labels.get('iso', '?')}")
    if not known:
        console.say(f"There is no golden machine on {on}. `labkit golden build 6J` makes one.")


def export(name: str, file: Path, on: str, console: Console) -> None:
    """Write one into a file."""
    home = open_home()
    backend = open_backend(on, home.path)
    machine = golden_called(backend, name)
    file = file.expanduser().absolute()
    with _told(console, f"Export {machine.name}") as progress:
        carried.export(backend, home, machine, file, progress)
    console.result(
        f"{machine.name} is in {file}. On another computer: labkit golden import {file.name}",
        changed=True,
    )


def bring_in(file: Path, on: str, console: Console) -> None:
    """Make one of such a file."""
    home = open_home()
    backend = open_backend(on, home.path)
    backend.driver.version()
    file = file.expanduser().absolute()
    manifest = carried.read(backend, file)
    name = f"golden-{manifest.generation}-{manifest.digest}"
    with _told(console, f"Import {name}") as progress:
        made = carried.bring_in(backend, home, file, manifest, progress)
    console.result(
        f"{name} is ready to clone: `labkit up` needs no ISO for it."
        if made
        else f"Nothing to do: {name} is here already.",
        changed=made,
    )


def prune(on: str, console: Console) -> None:
    """Remove those that no lab uses."""
    home = open_home()
    backend = open_backend(on, home.path)
    removal = Removal(backend, home, console)
    removal.unused_golden("labkit golden prune")
    if removal.stuck:
        raise LabError(
            "Some golden machines could not be removed.",
            details="\n".join(removal.stuck),
            hint="Remove what needs them, or let it end; then run `labkit golden prune` again.",
        )
    if removal.gone:
        console.result(f"Removed: {', '.join(removal.gone)}.", changed=True)
    else:
        console.result("Nothing to do: every golden machine is used by a lab.", changed=False)


def _facts(machine: Machine, backend: Backend, labs: tuple[str, ...]) -> dict[str, object]:
    origin = origin_of(machine)
    return {
        "name": machine.name,
        "generation": origin.generation,
        "digest": origin.digest,
        "iso": origin.iso,
        "made": origin.made,
        "state": _state(machine, backend),
        "bytes": size_of(machine),
        "labs": labs,
    }


def _state(machine: Machine, backend: Backend) -> str:
    if trouble := disk_trouble(backend.driver, machine):
        return f"its disk is {trouble}"
    if sealed(machine):
        return "ready"
    return "being installed" if machine.power is not Power.OFF else "not finished"


@contextmanager
def _told(console: Console, title: str) -> Iterator[Callable[[float], None]]:
    """Tell a piece of work as a step is told."""
    shown = -1.0

    def progress(fraction: float) -> None:
        nonlocal shown
        if fraction - shown >= 0.01:
            shown = fraction
            console.tell(Event(title, "progress", "copying the disk", fraction))

    console.tell(Event(title, "started"))
    try:
        yield progress
    except BaseException:
        console.tell(Event(title, "failed"))
        raise
    console.tell(Event(title, "done"))
