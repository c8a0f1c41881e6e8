"""The simulator's whole memory: machines, what is on their disks, and what is about to happen.

Nothing here runs by itself. Whoever looks at the world first lets its time pass
(`World.settle`), and what was due in between happens then, in order: no thread, no timer, and
a world that was put to sleep in one process wakes up the same in another.
"""

import copy
import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from labkit.sim.installed import Disk, Json, System, Tables


@dataclass
class Due:
    """Something that will happen once a machine has run long enough."""

    at: float
    """The machine's uptime then, in seconds."""
    what: str
    """A name some module gave with `@happening`."""
    details: dict[str, Json] = field(default_factory=dict)


@dataclass
class Memory:
    """What a machine loses when it is switched off; a saved state or live snapshot keeps it."""

    uptime: float = 0.0
    xapi: str = "down"
    """`down`: connections are refused; `booting`: answers HOST_STILL_BOOTING; `up`."""
    due: list[Due] = field(default_factory=list)
    sessions: dict[str, Json] = field(default_factory=dict)
    """XAPI's sessions, by reference. Only `sim/xapi` reads them."""
    replies: dict[str, Json] = field(default_factory=dict)
    """Outcomes of XAPI's long calls that their callers still wait for, by task. Kept apart from
    its database, which a host that has joined a pool throws away. Only `sim/xapi` reads them."""
    domains: dict[str, int] = field(default_factory=dict)
    """VMs that run in a host's Xen, by uuid, with their domain's number: they survive XAPI, but
    not their host. Only `sim/xapi` reads them."""
    screen: list[str] = field(default_factory=list)
    """The last lines on the screen."""
    listens: bool = False
    """An operating system is up that hears the power button."""
    serves: bool = False
    """A storage server's shares can be mounted."""
    serial_bytes: int = 0
    """What was written to the serial file since the machine was switched on."""


@dataclass
class Snapshot:
    """A machine as it was."""

    name: str
    disk: Disk
    memory: Memory | None
    drives: list[str | None] = field(default_factory=lambda: [None, None])


@dataclass
class SimMachine:
    """A pretend VirtualBox machine. Enumerations are kept as their text."""

    name: str
    uuid: str
    hardware_uuid: str
    folder: str
    group: str
    cpus: int
    memory_mib: int
    nested: bool
    firmware: str
    adapters: list[dict[str, Json]]
    labels: dict[str, str]
    disk: Disk
    serial_file: str | None = None
    drives: list[str | None] = field(default_factory=lambda: [None, None])
    power: str = "off"
    memory: Memory | None = None
    snapshots: list[Snapshot] = field(default_factory=list)
    based_on: str | None = None
    """The machine this one is a linked clone of."""
    based_on_snapshot: str | None = None
    """And the snapshot of it."""

    def expect(self, seconds: float, what: str, **details: Json) -> None:
        """Let something happen after so many more seconds of running."""
        if self.memory is None:
            raise RuntimeError(f"{self.name} does not run: {what} cannot be due")
        self.memory.due.append(Due(self.memory.uptime + seconds, what, details))


Happening = Callable[..., None]
_HAPPENINGS: dict[str, Happening] = {}
_TOLD_IN = (
    "labkit.sim.boot",
    "labkit.sim.installer",
    "labkit.sim.debian.installer",
    "labkit.sim.debian.server",
    "labkit.sim.xapi.node",
    "labkit.sim.xapi.joins.join",
    "labkit.sim.xapi.operations",
    "labkit.sim.xapi.vms.guests",
    "labkit.sim.xapi.server",
)
"""Modules with happenings. A world put to sleep by one program wakes up in another that has
not imported them all."""


def happening(what: str) -> Callable[[Happening], Happening]:
    """Register `(world, machine, **details)` as what is done when a `Due` of that name comes."""

    def register(act: Happening) -> Happening:
        _HAPPENINGS[what] = act
        return act

    return register


def _happening(what: str) -> Happening:
    for module in _TOLD_IN:
        if what in _HAPPENINGS:
            break
        importlib.import_module(module)
    return _HAPPENINGS[what]


@dataclass
class World:
    """The pretend computer: its interfaces, its machines, its time."""

    port: int
    """Where every host answers, each on a loopback address of its own."""
    now: float = 0.0
    """Seconds since the world began."""
    interfaces: list[dict[str, Json]] = field(default_factory=list)
    """The computer's own, as `HostInterface` fields."""
    host_only: dict[str, str] = field(default_factory=dict)
    """Host-only interfaces: name to address."""
    disk_mib: int = 256 * 1024
    """How much its disk holds besides what is not ours."""
    machines: dict[str, SimMachine] = field(default_factory=dict)
    seed: int | None = None
    """What decides where VMs start, where XAPI lets chance decide; drawn once unless given."""
    draws: int = 0
    """How often chance has decided."""
    faults: list[dict[str, Json]] = field(default_factory=list)
    """What is to go wrong, and how often it has. Only `sim/faults` reads it."""
    shares: dict[str, Json] = field(default_factory=dict)
    """What the room's storage servers export, by their address: only what is not as anywhere, and
    what was put there. Only `sim/xapi/storage` reads it."""

    def settle(self, seconds: float) -> bool:
        """Let that many seconds pass. What is due happens at its moment, in order. Says whether
        anything happened."""
        end = self.now + seconds
        happened = False
        while (soonest := self._soonest()) is not None:
            wait, machine, due = soonest
            if self.now + wait > end:
                break
            self._pass(wait)
            assert machine.memory is not None
            # Two may be equal; the very one that came is struck out.
            machine.memory.due = [other for other in machine.memory.due if other is not due]
            _happening(due.what)(self, machine, **due.details)
            happened = True
        self._pass(end - self.now)
        return happened

    def running(self) -> list[SimMachine]:
        """The machines whose time passes."""
        return [machine for machine in self.machines.values() if machine.power == "running"]

    def _soonest(self) -> tuple[float, SimMachine, Due] | None:
        waiting = [
            (max(0.0, due.at - machine.memory.uptime), machine, due)
            for machine in self.running()
            if machine.memory is not None
            for due in machine.memory.due
        ]
        return min(waiting, key=lambda entry: entry[0], default=None)

    def _pass(self, seconds: float) -> None:
        self.now += seconds
        for machine in self.running():
            if machine.memory is not None:
                machine.memory.uptime += seconds

    def times(self) -> dict[str, Json]:
        """What the mere passing of time changes."""
        uptimes = {m.name: m.memory.uptime for m in self.running() if m.memory is not None}
        return {"now": self.now, "uptimes": uptimes}

    def to_json(self) -> str:
        """All the rest, in one line."""
        passing = {id(machine.memory) for machine in self.running()}

        def plain(part: object) -> dict[str, Json]:
            if not isinstance(part, _PARTS):
                raise TypeError(f"a {type(part).__name__} cannot be kept in the world")
            fields = vars(part)
            if part is self:
                return {name: fields[name] for name in fields if name != "now"}
            if id(part) in passing:
                return {name: fields[name] for name in fields if name != "uptime"}
            return fields

        return json.dumps(self, default=plain, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str, times: dict[str, Json]) -> "World":
        tree = json.loads(text)
        machines = {name: _machine(entry) for name, entry in tree.pop("machines").items()}
        world = cls(**tree, machines=machines, now=times["now"])
        for machine in world.running():
            if machine.memory is not None:
                machine.memory.uptime = times["uptimes"][machine.name]
        return world


_PARTS = (World, SimMachine, Snapshot, Disk, System, Memory, Due)


def copied(disk: Disk, memory: Memory | None) -> tuple[Disk, Memory | None]:
    """Copies that no longer share anything with what they were made of."""
    return copy.deepcopy(disk), copy.deepcopy(memory)


def _machine(tree: dict[str, Json]) -> SimMachine:
    tree["disk"] = _disk(tree["disk"])
    tree["memory"] = _memory(tree["memory"])
    tree["snapshots"] = [
        Snapshot(**{**entry, "disk": _disk(entry["disk"]), "memory": _memory(entry["memory"])})
        for entry in tree["snapshots"]
    ]
    return SimMachine(**tree)


def _disk(tree: dict[str, Json]) -> Disk:
    kept = tree["system"]
    if kept is None:
        return Disk(tree["size_mib"])
    system = System(**kept)
    if system.database is not None:
        system.database = Tables(system.database)
    return Disk(tree["size_mib"], system)


def _memory(tree: dict[str, Json] | None) -> Memory | None:
    if tree is None:
        return None
    due = [Due(**entry) for entry in tree.pop("due")]
    return Memory(**tree, due=due)
