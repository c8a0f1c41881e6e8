"""event: hearing of what changes, by a token or, as clients did before 2012, by registering."""

from typing import Any

from labkit.sim.xapi import events
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.events import Following
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import Answer, Batch
from labkit.sim.xapi.places import memory_of

_REGISTERED = "_registered"
"""In a session: the classes it registered for, and the change it has heard of."""


@message("event.from")
def from_(call: Call, classes: list[str], token: str, timeout: float) -> Batch | Following:
    since = events.read_token(token)
    wanted = events.wanted(classes, call.db.model)
    found = events.batch(call.db, wanted, since)
    # Not a number and no time at all are the same.
    if found.events or not timeout > 0:
        return found
    return _following(call, wanted, timeout)


@message("event.inject")
def inject(call: Call, of: str, ref: str) -> str:
    """Touch an object. What is returned is from before, so whoever follows comes past it."""
    before = events.token(call.db.journal.now)
    spelled = {name.lower(): name for name in call.db.model.class_names - {"session"}}
    call.db.touch(spelled.get(of.lower(), of), ref)
    return before


@message("event.get_current_id")
def get_current_id(call: Call) -> int:
    return call.db.journal.now


@message("event.register")
def register(call: Call, classes: list[str]) -> None:
    events.wanted(classes, call.db.model)
    session = _session(call)
    before = session.get(_REGISTERED) or {"classes": [], "number": call.db.journal.now}
    every = list(dict.fromkeys([*before["classes"], *classes]))
    session[_REGISTERED] = {**before, "classes": every}


@message("event.unregister")
def unregister(call: Call, classes: list[str]) -> None:
    events.wanted(classes, call.db.model)
    session = _session(call)
    gone = {each.lower() for each in classes}
    before = session.get(_REGISTERED) or {"classes": []}
    left = [each for each in before["classes"] if each.lower() not in gone]
    session[_REGISTERED] = {**before, "classes": left} if left else None


@message("event.next")
def next_(call: Call) -> Answer | Following:
    session = _session(call)
    registered = session.get(_REGISTERED)
    if not registered:
        raise Failure("SESSION_NOT_REGISTERED", call.session)
    number = registered["number"]
    if number < call.db.journal.forgotten:
        raise Failure("EVENTS_LOST")
    wanted = events.wanted(registered["classes"], call.db.model)
    found = events.happened(call.db, wanted, (number, number))
    if not found:
        return _following(call, wanted, None)
    session[_REGISTERED] = {**registered, "number": call.db.journal.now}
    return Answer(events.EVENTS, found)


def _session(call: Call) -> dict[str, Any]:
    session: dict[str, Any] = memory_of(call.home).sessions[call.session]
    return session


def _following(call: Call, wanted: events.Wanted, timeout: float | None) -> Following:
    seen = call.db.journal.now
    return Following(call.machine.name, call.home.name, call.session, wanted, seen, timeout)
