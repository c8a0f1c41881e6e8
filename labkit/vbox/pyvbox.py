"""VirtualBox itself, through pyvbox (`virtualbox`) where pyvbox still tells the truth.

pyvbox 2.1.1 describes VirtualBox 6.1, and nobody has brought it up to 7. What it has right
(machines, sessions, adapters, media, snapshots, progress) is asked through it. What moved or
takes other parameters since (creating a machine, the target of a clone, starting one, the
platform, the firmware, a serial port's address) is called on the object underneath, `._i`,
which is VirtualBox's own interface; so are states and all other numbers, because pyvbox's
enumerations are out of step. Nothing outside this folder knows any of that.
"""

from functools import cached_property
from pathlib import Path
from typing import Any

from labkit.vbox import images, making, network, power, snapshots
from labkit.vbox.bindings import connect
from labkit.vbox.connection import Connection
from labkit.vbox.driver import HostInterface, Machine, MachineSpec, Stop
from labkit.vbox.finding import look_up, machine_called
from labkit.vbox.refusals import asking
from labkit.vbox.words import LABEL, absolute, as_found

_PATIENCE = 10.0
"""Seconds to wait for somebody else's session. VirtualBox itself holds that of a machine that
has just stopped for a moment; a window left open does not go away by waiting."""


class VirtualBoxDriver:
    """`labkit.vbox.driver.Driver` on this computer's VirtualBox. Connects at the first question."""

    def __init__(self, patience: float = _PATIENCE) -> None:
        self._seconds = patience

    def version(self) -> str:
        return self._to.bindings.version

    def interfaces(self) -> tuple[HostInterface, ...]:
        with asking(self._to.bindings, "VirtualBox does not list the network interfaces."):
            return tuple(network.bridgeable(self._to.bindings))

    def host_only(self, address: str, netmask: str) -> str:
        return network.host_only(self._to, address, netmask)

    def machines(self) -> tuple[Machine, ...]:
        bindings = self._to.bindings
        with asking(bindings, "VirtualBox does not list its machines."):
            return tuple(as_found(bindings, machine) for machine in bindings.vbox.machines)

    def machine(self, name: str) -> Machine | None:
        bindings = self._to.bindings
        with asking(bindings, f"VirtualBox does not say what `{name}` is like."):
            found = look_up(bindings, name)
            return None if found is None else as_found(bindings, found)

    def create(self, wanted: MachineSpec) -> Machine:
        with asking(self._to.bindings, f"`{wanted.name}` could not be made."):
            return making.create(self._to, wanted)

    def clone(self, source: str, snapshot: str, wanted: MachineSpec) -> Machine:
        with asking(self._to.bindings, f"`{wanted.name}` could not be made."):
            return making.clone(self._to, source, snapshot, wanted)

    def label(self, name: str, key: str, text: str) -> None:
        machine = self._machine(name)
        with (
            asking(self._to.bindings, f"The label `{key}` of `{name}` could not be written."),
            self._to.session(machine, name) as session,
        ):
            session.machine.set_extra_data(f"{LABEL}{key}", text)
            session.machine.save_settings()

    def disk(self, name: str) -> Path:
        with asking(self._to.bindings, f"VirtualBox does not say where the disk of `{name}` is."):
            return images.disk_of(self._to.bindings, self._machine(name), name)

    def insert(self, name: str, drive: int, medium: Path | None) -> None:
        done = "emptied" if medium is None else f"given {medium}"
        machine = self._machine(name)
        with (
            asking(self._to.bindings, f"Drive {drive} of `{name}` could not be {done}."),
            self._to.session(machine, name) as session,
        ):
            images.insert(self._to.bindings, session, drive, medium)

    def start(self, name: str) -> None:
        with asking(self._to.bindings, f"`{name}` could not be started."):
            power.start(self._to, self._machine(name), name)

    def pause(self, name: str) -> None:
        with asking(self._to.bindings, f"`{name}` could not be paused."):
            power.pause(self._to, self._machine(name), name)

    def stop(self, name: str, how: Stop) -> None:
        with asking(self._to.bindings, f"`{name}` could not be stopped."):
            power.stop(self._to, self._machine(name), name, how)

    def reset(self, name: str) -> None:
        machine = self._machine(name)
        with (
            asking(self._to.bindings, f"`{name}` could not be reset."),
            self._to.running(machine, name) as session,
        ):
            session.console.reset()

    def take_snapshot(self, name: str, snapshot: str) -> None:
        with asking(self._to.bindings, f"`{name}`: no snapshot `{snapshot}` could be taken."):
            snapshots.take(self._to, self._machine(name), name, snapshot)

    def restore_snapshot(self, name: str, snapshot: str) -> None:
        with asking(self._to.bindings, f"`{name}` could not be brought back to `{snapshot}`."):
            snapshots.restore(self._to, self._machine(name), name, snapshot)

    def delete_snapshot(self, name: str, snapshot: str) -> None:
        with asking(self._to.bindings, f"`{name}`: snapshot `{snapshot}` could not be deleted."):
            snapshots.delete(self._to, self._machine(name), name, snapshot)

    def screenshot(self, name: str) -> bytes:
        with asking(self._to.bindings, f"The screen of `{name}` could not be seen."):
            return power.screenshot(self._to, self._machine(name), name)

    def clear(self, folder: Path) -> None:
        with asking(self._to.bindings, f"{folder} could not be cleared."):
            making.clear_leftovers(self._to, absolute(folder))

    def remove(self, name: str) -> None:
        with asking(self._to.bindings, f"`{name}` could not be removed."):
            making.remove(self._to, name)

    @cached_property
    def _to(self) -> Connection:
        return Connection(connect(), self._seconds)

    def _machine(self, name: str) -> Any:
        return machine_called(self._to.bindings, name)
