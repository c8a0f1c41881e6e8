"""Machines and snapshots by their names."""

from contextlib import suppress
from functools import cache
from typing import Any

from labkit.errors import LabError
from labkit.vbox.bindings import Bindings
from labkit.vbox.refusals import asking, is_unknown
from labkit.vbox.words import name_of, snapshots_of


def look_up(bindings: Bindings, name: str) -> Any | None:
    """pyvbox's `IMachine` of that name; None when there is none."""
    with asking(bindings, f"VirtualBox does not say whether there is a machine `{name}`."):
        try:
            return bindings.vbox.find_machine(name)
        except bindings.errors as cause:
            if not is_unknown(bindings, cause):
                raise
        # One that VirtualBox cannot read is not found by its name.
        return next((found for found in unreadable(bindings) if name_of(found) == name), None)


def unreadable(bindings: Bindings) -> list[Any]:
    """The machines VirtualBox cannot read."""
    found = []
    for uuid in _unreadable_at_first(bindings):
        with suppress(*bindings.errors):  # it has been removed since
            machine = bindings.vbox.find_machine(uuid)
            if not machine.accessible:
                found.append(machine)
    return found


@cache
def _unreadable_at_first(bindings: Bindings) -> tuple[str, ...]:
    """Their UUIDs, looked for among all machines once in a connection: VirtualBox reads each
    when its service starts, and may come to read it later, but never loses one it has read."""
    return tuple(str(found.id_p) for found in bindings.vbox.machines if not found.accessible)


def machine_called(bindings: Bindings, name: str) -> Any:
    """pyvbox's `IMachine` of that name. Raises `LabError` when there is none."""
    machine = look_up(bindings, name)
    if machine is None:
        raise LabError(
            f"VirtualBox has no machine called `{name}`.",
            hint="`labkit status` shows the machines there are; `labkit up` makes those missing.",
        )
    return machine


def snapshot_called(machine: Any, snapshot: str) -> Any:
    """pyvbox's `ISnapshot` of that name. Raises `LabError` when there is none."""
    taken = snapshots_of(machine)
    for found in taken:
        if found.name == snapshot:
            return found
    names = ", ".join(f"`{found.name}`" for found in taken) or "none"
    raise LabError(
        f"`{name_of(machine)}` has no snapshot `{snapshot}`.",
        details=f"It has: {names}.",
        hint="Name one of those, or take it first.",
    )
