"""VirtualBox, pretended: the same words over the world instead of over VBoxSVC.

Each call is one turn of the world. What VirtualBox refuses is refused here.
"""

from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from labkit.errors import LabError
from labkit.sim import folder as folders
from labkit.sim import power, serial
from labkit.sim.driver_faults import breakable
from labkit.sim.hardware import assembled, found, power_of, registered
from labkit.sim.installed import Disk
from labkit.sim.store import Store
from labkit.sim.viso import is_viso
from labkit.sim.world import SimMachine, Snapshot, World, copied
from labkit.vbox.driver import HostInterface, Machine, MachineSpec, Power, Stop

VERSION = "7.2.22"
_HOST_ONLY = IPv4Network("192.168.56.0/21")
"""Where VirtualBox allows host-only interfaces unless told otherwise."""


@breakable
class SimDriver:
    """A `labkit.vbox.driver.Driver` of the pretend computer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def version(self) -> str:
        return VERSION

    def interfaces(self) -> tuple[HostInterface, ...]:
        with self._store.turn(reading=True) as world:
            return tuple(HostInterface(**interface) for interface in world.interfaces)

    def host_only(self, address: str, netmask: str) -> str:
        with self._store.turn() as world:
            for name, taken in world.host_only.items():
                if taken == address:
                    return name
            if IPv4Address(address) not in _HOST_ONLY:
                raise LabError(
                    f"VirtualBox does not allow a host-only interface with {address}.",
                    details=f"It has to be in {_HOST_ONLY} (E_ACCESSDENIED).",
                    hint="Choose an address there, or allow others in /etc/vbox/networks.conf.",
                )
            number = 0
            while (name := f"vboxnet{number}") in world.host_only:
                number += 1
            world.host_only[name] = address
            return name

    def machines(self) -> tuple[Machine, ...]:
        with self._store.turn(reading=True) as world:
            return tuple(found(machine) for machine in world.machines.values())

    def machine(self, name: str) -> Machine | None:
        with self._store.turn(reading=True) as world:
            machine = world.machines.get(name)
            return None if machine is None else found(machine)

    def create(self, wanted: MachineSpec) -> Machine:
        with self._store.turn() as world:
            image = wanted.disk_image
            disk = Disk(wanted.disk_mib) if image is None else folders.disk_on(image)
            made = registered(world, assembled(world, wanted, disk))
            if image is not None:
                image.unlink()
            return made

    def clone(self, source: str, snapshot: str, wanted: MachineSpec) -> Machine:
        with self._store.turn() as world:
            origin = _known(world, source)
            kept = _snapshot(origin, snapshot)
            if not folders.disk_file(origin).exists():
                raise LabError(
                    f"{source} cannot be cloned.",
                    details=f"VERR_FILE_NOT_FOUND: {folders.disk_file(origin)}",
                    hint="Put its disk back, or remove it.",
                )
            disk, _ = copied(kept.disk, None)
            machine = assembled(world, wanted, disk)
            machine.based_on, machine.based_on_snapshot = source, snapshot
            return registered(world, machine)

    def label(self, name: str, key: str, text: str) -> None:
        with self._store.turn() as world:
            _known(world, name).labels[key] = text

    def disk(self, name: str) -> Path:
        with self._store.turn(reading=True) as world:
            machine = _known(world, name)
            while machine.based_on is not None:
                machine = _known(world, machine.based_on)
            if not machine.disk.size_mib:
                raise LabError(f"{name} has no disk.", hint="Make it afresh, with one.")
            return folders.disk_file(machine)

    def insert(self, name: str, drive: int, medium: Path | None) -> None:
        with self._store.turn() as world:
            machine = _known(world, name)
            if drive not in range(len(machine.drives)):
                raise LabError(
                    f"{name} has no DVD drive {drive}.", hint="Its drives are number 0 and 1."
                )
            if medium is None or str(medium.absolute()) != machine.drives[drive]:
                machine.drives[drive] = None if medium is None else _opened(medium.absolute())

    def start(self, name: str) -> None:
        with self._store.turn() as world:
            machine = _known(world, name)
            match power_of(machine):
                case Power.RUNNING:
                    return
                case Power.PAUSED:
                    machine.power = "running"
                case Power.OFF | Power.SAVED:
                    power.turn_on(world, machine)
                case state:
                    raise power.failed(name, f"VirtualBox cannot use it: it is {state}.")

    def pause(self, name: str) -> None:
        with self._store.turn() as world:
            machine = _known(world, name)
            if machine.power != "paused":
                _expect_power(machine, "be paused", Power.RUNNING)
                machine.power = "paused"

    def stop(self, name: str, how: Stop) -> None:
        with self._store.turn() as world:
            machine = _known(world, name)
            if how is Stop.CUT:
                if machine.memory is not None:
                    power.turn_off(world, machine)
            elif machine.power in ("off", "saved"):
                return
            elif how is Stop.BUTTON:
                # A frozen guest would not notice.
                machine.power = "running"
                power.press_button(world, machine)
            else:
                _expect_power(machine, "be saved", Power.RUNNING, Power.PAUSED)
                _expect_room(world, machine)
                machine.power = "saved"

    def reset(self, name: str) -> None:
        with self._store.turn() as world:
            machine = _known(world, name)
            _expect_power(machine, "be reset", Power.RUNNING)
            power.restart(world, machine)

    def take_snapshot(self, name: str, snapshot: str) -> None:
        with self._store.turn() as world:
            machine = _known(world, name)
            if any(kept.name == snapshot for kept in machine.snapshots):
                raise LabError(
                    f"{name} has a snapshot `{snapshot}` already.",
                    hint="Delete it in VirtualBox, or choose another name.",
                )
            _expect_power(
                machine,
                "be kept in a snapshot",
                *(Power.OFF, Power.SAVED, Power.RUNNING, Power.PAUSED),
            )
            if machine.memory is not None:
                _expect_room(world, machine)
            if not machine.snapshots and machine.based_on is None:
                # From now on it is only read: what is written goes elsewhere.
                folders.write_disk(machine)
            disk, memory = copied(machine.disk, machine.memory)
            machine.snapshots.append(Snapshot(snapshot, disk, memory, list(machine.drives)))

    def restore_snapshot(self, name: str, snapshot: str) -> None:
        with self._store.turn() as world:
            machine = _known(world, name)
            kept = _snapshot(machine, snapshot)
            _expect_power(machine, "go back to a snapshot", Power.OFF, Power.SAVED)
            machine.disk, machine.memory = copied(kept.disk, kept.memory)
            machine.drives = list(kept.drives)
            machine.power = "off" if kept.memory is None else "saved"

    def delete_snapshot(self, name: str, snapshot: str) -> None:
        with self._store.turn() as world:
            machine = _known(world, name)
            clones = [m.name for m in _clones(world, name) if m.based_on_snapshot == snapshot]
            if clones:
                raise _needed(f"Snapshot `{snapshot}` of {name}", clones)
            machine.snapshots = [kept for kept in machine.snapshots if kept.name != snapshot]

    def screenshot(self, name: str) -> bytes:
        with self._store.turn(reading=True) as world:
            machine = _known(world, name)
            _expect_power(machine, "show its screen", Power.RUNNING)
            assert machine.memory is not None
            return serial.png(machine.memory.screen)

    def clear(self, folder: Path) -> None:
        place = folder.absolute()
        with self._store.turn(reading=True) as world:
            for machine in world.machines.values():
                if Path(machine.folder).is_relative_to(place):
                    raise LabError(
                        f"The folder {place} belongs to the machine {machine.name}.",
                        hint="Remove that machine in VirtualBox, then run the command again.",
                    )
            folders.clear(place)

    def remove(self, name: str) -> None:
        with self._store.turn() as world:
            machine = world.machines.get(name)
            if machine is None:
                return
            if clones := [clone.name for clone in _clones(world, name)]:
                raise _needed(name, clones)
            if machine.memory is not None:
                power.turn_off(world, machine)
            # Its files first: killed in between, the machine is still there to be removed.
            folders.remove(machine)
            del world.machines[name]


def _known(world: World, name: str) -> SimMachine:
    if name not in world.machines:
        raise LabError(
            f"There is no machine {name} in VirtualBox.",
            hint="`labkit status` shows what there is; `labkit up` makes what is missing.",
        )
    return world.machines[name]


def _snapshot(machine: SimMachine, name: str) -> Snapshot:
    for kept in machine.snapshots:
        if kept.name == name:
            return kept
    raise LabError(
        f"{machine.name} has no snapshot `{name}`.",
        details=f"It has: {', '.join(kept.name for kept in machine.snapshots) or 'none'}.",
        hint="`labkit up` takes labkit's snapshots anew.",
    )


def _clones(world: World, name: str) -> list[SimMachine]:
    return [machine for machine in world.machines.values() if machine.based_on == name]


def _needed(what: str, clones: list[str]) -> LabError:
    return LabError(
        f"{what} cannot be removed.",
        details=f"Linked clones still need its disk: {', '.join(clones)}.",
        hint="Remove these machines first.",
    )


def _expect_power(machine: SimMachine, wish: str, *states: Power) -> None:
    state = power_of(machine)
    if state not in states:
        raise LabError(
            f"{machine.name} cannot {wish} now.",
            details=f"It is {state}; it would have to be {' or '.join(states)}.",
            hint="Start or stop it in VirtualBox, then run the same command again.",
        )


def _expect_room(world: World, machine: SimMachine) -> None:
    free = folders.free_mib(world)
    if machine.memory_mib > free:
        raise LabError(
            f"The memory of {machine.name} does not fit on the disk.",
            details=f"It takes {machine.memory_mib} MiB; {free} MiB are free (VERR_DISK_FULL).",
            hint="Make room, or stop the machine first.",
        )


def _opened(medium: Path) -> str:
    """What VirtualBox looks at when an image is inserted: not much, and not whether it is good."""
    reason = ""
    try:
        size = medium.stat().st_size
        if medium.suffix.lower() == ".viso":
            reason = "" if is_viso(medium) else "VBOX_E_OBJECT_NOT_FOUND: no marker comes first"
        elif medium.suffix.lower() not in (".iso", ".cdr"):
            reason = "VERR_NOT_SUPPORTED: neither ISO nor VISO"
        elif size % 2048:
            reason = "VERR_VD_RAW_SIZE_MODULO_2048"
        elif size <= 32768:
            reason = "VERR_VD_RAW_SIZE_OPTICAL_TOO_SMALL"
    except OSError as cause:
        reason = f"VERR_FILE_NOT_FOUND: {cause}"
    if reason:
        raise LabError(
            f"VirtualBox does not take {medium} for a DVD image.",
            details=reason,
            hint="See whether the file is there and whole.",
        )
    return str(medium)
