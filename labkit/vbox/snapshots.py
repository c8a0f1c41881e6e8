"""Snapshots: taken, gone back to, forgotten."""

from typing import Any

from labkit.errors import LabError
from labkit.vbox import images
from labkit.vbox.connection import ONLINE, Connection
from labkit.vbox.finding import snapshot_called
from labkit.vbox.words import snapshots_of


def take(to: Connection, machine: Any, name: str, snapshot: str) -> None:
    """Keep the machine as it is, with its memory where it has one."""
    if any(found.name == snapshot for found in snapshots_of(machine)):
        # VirtualBox would take a second one of that name.
        raise LabError(
            f"`{name}` has a snapshot `{snapshot}` already.",
            hint="Delete that one first, or take another name.",
        )
    with to.session(machine, name) as session:
        # True: a running machine stands still meanwhile.
        progress, _ = session.machine.take_snapshot(snapshot, "", True)
        to.finish(progress, f"The snapshot `{snapshot}` of `{name}` could not be taken.")


def restore(to: Connection, machine: Any, name: str, snapshot: str) -> None:
    """Bring a stopped machine back."""
    wanted = snapshot_called(machine, snapshot)
    if to.settle(machine, name) in ONLINE:
        raise LabError(
            f"`{name}` cannot go back to `{snapshot}` while it runs.", hint="Stop it first."
        )
    inserted = images.dvds_of_all(to.bindings, machine)
    with to.session(machine, name) as session:
        # What is inserted now and was not then, VirtualBox would hold on to for good.
        images.empty_drives(to.bindings, session.machine)
        session.machine.save_settings()
        progress = session.machine.restore_snapshot(wanted)
        to.finish(progress, f"`{name}` could not be brought back to `{snapshot}`.")
    images.forget_dvds(to.bindings, inserted)


def delete(to: Connection, machine: Any, name: str, snapshot: str) -> None:
    """Forget it, if there is one."""
    for found in snapshots_of(machine):
        if found.name == snapshot:
            with to.session(machine, name) as session:
                progress = session.machine.delete_snapshot(found.id_p)
                to.finish(progress, f"The snapshot `{snapshot}` of `{name}` could not be deleted.")
