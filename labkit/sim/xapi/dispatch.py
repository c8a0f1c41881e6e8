"""From the name of a call to what answers it, with XAPI's own errors in XAPI's own order."""

from collections.abc import Sequence
from typing import Any

from labkit.scenario.faults.fault import Fail
from labkit.sim import faults
from labkit.sim.world import SimMachine, World
from labkit.sim.xapi import busy, emergency, implicit, messages, sessions, tasks
from labkit.sim.xapi.calls import BEHAVIOURS, Call
from labkit.sim.xapi.classes import Message
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.datamodel import Model, model_of
from labkit.sim.xapi.events import Following
from labkit.sim.xapi.failures import Delayed, Failure, Later, NoAnswer
from labkit.sim.xapi.hosts import watch
from labkit.sim.xapi.kinds import Answer, incoming, kind
from labkit.sim.xapi.places import (
    database_of,
    home_of,
    is_slave,
    memory_of,
    system_of,
)
from labkit.sim.xapi.storage import allowed
from labkit.sim.xapi.vms import devices as vm_devices
from labkit.sim.xapi.vms import lifecycle as vm_lifecycle

_WORKED_OUT = (allowed, busy, vm_devices, vm_lifecycle)
"""Modules that say how fields follow from others: read before anybody reads these."""

_EMERGENCY = {
    "session.slave_local_login_with_password",
    "session.local_logout",
    "pool.emergency_transition_to_master",
    "pool.emergency_reset_master",
    "host.emergency_ha_disable",
    "host.local_management_reconfigure",
    "host.management_disable",
    "host.get_management_interface",
    "host.get_system_status_capabilities",
    "host.shutdown_agent",
    "host.emergency_disable_tls_verification",
    "host.emergency_reenable_tls_verification",
    "host.emergency_reset_server_certificate",
    "host.emergency_clear_mandatory_guidance",
}
"""What a host answers although it has no database, or no master."""


_LOOKS_ONLY = {"event.from"}
"""Messages that change nothing, so that whoever is woken by something can look cheaply."""


def only_looks(method: str) -> bool:
    """Whether a call is sure to leave the world as it is."""
    return method in _LOOKS_ONLY


def call(
    world: World, machine: SimMachine, method: str, params: Sequence[Any]
) -> Answer | Later | Following:
    """Answer one call to the XAPI of `machine`.

    Raises `Failure`, `Delayed`, or `NoAnswer` when its XAPI does not run; returns `Later` when
    the outcome will be that of a task, `Following` when there will be one once something happens.
    """
    memory, model = memory_of(machine), model_of(system_of(machine).generation)
    if memory.xapi == "down":
        raise NoAnswer
    if method == "system.listMethods":
        return Answer(kind("string set"), model.all_messages())
    asynchronous = method.startswith("Async.")
    message = model.find(method.removeprefix("Async."))
    name = f"{message.of}.{message.name}" if message is not None else method
    if memory.xapi == "booting" and name not in _EMERGENCY:
        raise emergency.reason(world, machine)
    home = home_of(world, machine)
    if message is None:
        if params:
            _check_session(world, machine, home, params[0])
        raise Failure("MESSAGE_METHOD_UNKNOWN", method)
    session, args = _matched(message, params)
    if message.session and name not in _EMERGENCY:
        _check_session(world, machine, home, session)
    if message.removed:
        raise Failure("MESSAGE_REMOVED")
    # A slave that cannot reach its master answers what needs no records.
    home = home or machine
    generation = model.generation
    db = database_of(home) if not is_slave(home) else Database({}, memory.sessions, generation)
    if not is_slave(home):
        watch(db, world)
    given = _read(model, message, args)
    this = Call(world, machine, home, db, name, session)
    if asynchronous:
        if not message.has_async:
            raise Failure("Fault", f"No async mode for this operation (rpc: {method})")
        return Answer(kind("task ref"), _begun(this, message, given))
    value = _answer(this, message, given)
    return value if isinstance(value, (Later, Following)) else _told(message, value)


def told(model: Model, name: str, value: Any) -> Answer:
    """The value a message came to later."""
    message = model.find(name)
    assert message is not None
    return _told(message, value)


def _begun(call: Call, message: Message, args: list[Any]) -> str:
    """Answer as a task, which is over already unless the call takes its time."""
    task = call.task = tasks.begin(call.world, call.home, call.name, awaited=False)
    try:
        value = _answer(call, message, args)
    except Delayed as late:
        details = {"task": task, "description": late.failure.description}
        call.home.expect(late.seconds, "xapi task fails", **details)
    except Failure as failure:
        tasks.fail(call.world, call.home, task, failure)
    else:
        if not isinstance(value, Later):
            tasks.finish(call.world, call.home, task, _told(message, value))
    return task


def _answer(call: Call, message: Message, args: list[Any]) -> Any:
    if call.world.faults:
        return _tried(call, message, args)
    return _carried_out(call, message, args)


def _tried(call: Call, message: Message, args: list[Any]) -> Any:
    """Carry a call out where something may go wrong with it on request."""
    wrong = faults.of_message(call.world, call.machine, call.name, Fail)
    for fault in wrong:
        if not fault.after:
            raise Failure(fault.code, *fault.params)
    value = _carried_out(call, message, args)
    failure = [[fault.code, *fault.params] for fault in wrong][:1]
    if isinstance(value, Later):
        home = call.world.machines[value.home] if value.home else call.machine
        called = faults.names_of(call.machine)
        tasks.spoil(home, value.task, [call.name, called, *failure])
        return value
    faults.happened(call.world, call.name, *faults.names_of(call.machine))
    if failure:
        raise Failure(*failure[0])
    return value


def _carried_out(call: Call, message: Message, args: list[Any]) -> Any:
    messages.load(message.of)
    behaviour = BEHAVIOURS.get(call.name)
    if behaviour is not None:
        return behaviour(call, *args)
    if message.implicit:
        return implicit.answer(call.db, message, args)
    raise Failure("NOT_IMPLEMENTED", call.name)


def _told(message: Message, value: Any) -> Answer:
    if isinstance(value, Answer):
        return value
    return Answer(message.result, "" if value is None else value)


def _matched(message: Message, params: Sequence[Any]) -> tuple[str, list[Any]]:
    """Part the session from the parameters, and count these."""
    required = sum(each.required for each in message.parameters)
    received = len(params) - message.session
    # Where some may be left out, XAPI does not mind more of them either: it is how a newer
    # client logs in to an older host.
    open_ended = required < len(message.parameters)
    if received < required or (received > required and not open_ended):
        raise Failure(
            "MESSAGE_PARAMETER_COUNT_MISMATCH",
            f"{message.of}.{message.name}",
            str(required),
            str(received),
        )
    if not message.session:
        return "", list(params)
    session = incoming(kind("session ref"), params[0], "session_id", {})
    return session, list(params[1:])


def _read(model: Model, message: Message, args: list[Any]) -> list[Any]:
    """The parameters by their types; what was left out has a default of the behaviour's own, and
    what is too many is not looked at."""
    known = model.known(message.of)
    pairs = zip(message.parameters, args, strict=False)
    return [incoming(each.kind, value, each.name, known.enums) for each, value in pairs]


def _check_session(
    world: World, machine: SimMachine, home: SimMachine | None, session: Any
) -> None:
    # A slave looks sessions up in the records of its master.
    if home is None or not sessions.known(memory_of(home), session, world.now):
        raise Failure("SESSION_INVALID", str(session))
