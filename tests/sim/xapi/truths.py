"""What holds of pretend pools at any moment, whatever was asked of them."""

from typing import Any

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi import tasks
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.kinds import NULL, Kind
from labkit.sim.xapi.places import database_of, home_of, is_slave, memory_of, uuid_of

STATES = {
    "start": {"Halted"},
    "start_on": {"Halted"},
    "provision": {"Halted"},
    "make_into_template": {"Halted"},
    "pause": {"Running"},
    "suspend": {"Running"},
    "clean_shutdown": {"Running"},
    "clean_reboot": {"Running"},
    "pool_migrate": {"Running"},
    "changing_VCPUs_live": {"Running"},
    "unpause": {"Paused"},
    "resume": {"Suspended"},
    "resume_on": {"Suspended"},
    "hard_shutdown": {"Paused", "Suspended", "Running"},
    "checkpoint": {"Paused", "Suspended", "Running"},
    "hard_reboot": {"Paused", "Running"},
    "destroy": {"Halted", "Suspended"},
    "export": {"Halted", "Suspended"},
    "clone": {"Halted", "Suspended"},
    "copy": {"Halted", "Suspended"},
    "migrate_send": {"Halted", "Suspended", "Running"},
}
"""The power states that each operation of a VM is allowed in."""


def masters(world: World) -> list[SimMachine]:
    """The hosts whose XAPI answers with records of their own."""
    return [
        machine
        for machine in world.running()
        if machine.memory is not None and machine.memory.xapi == "up" and not is_slave(machine)
    ]


def everything(db: Database) -> dict[str, dict[str, dict[str, Any]]]:
    """All records of all classes that are followed."""
    return {
        of.lower(): {ref: db.record(of, ref) for ref in db.refs(of)}
        for of, count in db.counts().items()
        if count
    }


def references_resolve(db: Database) -> None:
    for of, count in db.counts().items():
        known = db.model.known(of)
        for ref in db.refs(of) if count else ():
            record = db.record(of, ref)
            for name, field in known.fields.items():
                # What clients may set, they may set to anything.
                if field.writing != "rw":
                    for there, other in _named(field.kind, record[name]):
                        assert _is_there(db, there, other), (of, ref, name, other)
            for name, (there, back) in known.related.items():
                for other in record[name]:
                    assert ref in _listed(db.get(there, other, back)), (of, ref, name, other)


def one_master(world: World, machine: SimMachine) -> None:
    """Of the hosts in these records one rules, and the others are its slaves, or about to be."""
    db = database_of(machine)
    assert len(db.refs("pool")) == 1
    assert db.get("host", db.master, "uuid") == uuid_of(machine)
    for other in world.machines.values():
        system = other.disk.system
        assert system is not None
        listed = db.first("host", uuid=uuid_of(other)) is not None
        joining = other.memory is not None and any(
            due.what == "xapi join" for due in other.memory.due
        )
        if other is not machine and listed and not joining:
            assert system.pool_conf != "master", other.name
        if is_slave(other) and home_of(world, other) is machine:
            assert listed, other.name


def allowed_is_possible(db: Database) -> None:
    for vm in db.refs("VM"):
        record = db.record("VM", vm)
        for operation in record["allowed_operations"]:
            states = STATES.get(operation)
            assert states is None or record["power_state"] in states, (vm, operation)
    for task in db.refs("task"):
        allowed = db.get("task", task, "allowed_operations")
        own = db.private("task", task, tasks.CLIENTS)
        assert own or ("cancel" in allowed) == tasks.under_way(db, task), task


def nothing_is_stuck(db: Database, machine: SimMachine) -> None:
    """What is pending will end, and what something is at, a task is at."""
    due = {each.details.get("task") for each in memory_of(machine).due}
    for task in db.refs("task"):
        own = db.private("task", task, tasks.CLIENTS)
        assert own or task in due or not tasks.under_way(db, task), task
    for of, count in db.counts().items():
        if (
            count
            and of not in ("host", "task")
            and "current_operations" in db.model.known(of).kinds
        ):
            for ref in db.refs(of):
                for task in db.get(of, ref, "current_operations"):
                    assert db.has("task", task), (of, ref, task)


def survives_a_night(world: World) -> None:
    """A world put away and taken out again is the same."""
    text = world.to_json()
    again = World.from_json(text, world.times())
    assert again.to_json() == text
    for machine in masters(world):
        before = database_of(machine)
        after = database_of(again.machines[machine.name])
        assert everything(after) == everything(before)
        assert list(after.changed_since(0)) == list(before.changed_since(0))


def _named(wanted: Kind, value: Any) -> list[tuple[str, str]]:
    """The references in a value, with their classes."""
    match wanted.name:
        case "ref":
            return [(wanted.of, value)]
        case "set":
            return [each for one in value for each in _named(wanted.parts[0], one)]
        case "map":
            key, inner = wanted.parts
            found = [each for one in value.values() for each in _named(inner, one)]
            return found + [each for one in value for each in _named(key, one)]
    return []


def _is_there(db: Database, of: str, ref: str) -> bool:
    # Roles are in no pool's records, and sessions come and go.
    return ref == NULL or of in ("role", "session") or db.has(of, ref)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
