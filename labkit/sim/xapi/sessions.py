"""Sessions: who is logged in. They live in a host's memory and end with its XAPI."""

import hashlib
from typing import Any

from labkit.sim.world import Memory, SimMachine, World
from labkit.sim.xapi.database import new_uuid
from labkit.sim.xapi.failures import Delayed, Failure
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.moments import moment
from labkit.sim.xapi.places import home_of, is_slave, system_of

_IDLE = 24 * 3600.0
"""Seconds after which a session nobody used is over."""
_PRECISION = 3600.0
"""Uses are noted this coarsely: noting each would change the world with every question."""
_LAST_USE = "_last_use"
_LOCAL = "_local"
_SUPERUSER = "root"
_REFUSAL_DELAY = 5.0
_MOST = 500
"""Sessions of one originator, or of one user who names none."""

_proved: set[bytes] = set()
"""Digests of passwords and hashes that matched: proving one takes thousands of rounds."""


def open_session(
    memory: Memory, now: float, user: str, host: str = NULL, *, local: bool, originator: str = ""
) -> str:
    """A new session of somebody who has proved who he is."""
    _only_so_many(memory, user, originator)
    ref = f"OpaqueRef:{new_uuid()}"
    memory.sessions[ref] = {
        "uuid": new_uuid(),
        "this_host": host,
        "last_active": moment(now),
        "validation_time": moment(now),
        "is_local_superuser": True,
        "auth_user_name": user,
        "originator": originator,
        _LAST_USE: now,
        _LOCAL: local,
    }
    return ref


def _only_so_many(memory: Memory, user: str, originator: str) -> None:
    """Make room for one more: whoever was not seen for longest is logged out."""
    like = [
        ref
        for ref, session in memory.sessions.items()
        if (session["originator"], session["auth_user_name"]) == (originator, user)
    ]
    while len(like) >= _MOST:
        # Of equals the first, which is the oldest.
        oldest = min(like, key=lambda ref: float(memory.sessions[ref][_LAST_USE]))
        like.remove(oldest)
        del memory.sessions[oldest]


def known(memory: Memory, ref: Any, now: float, *, local: bool = False) -> bool:
    """Whether there is such a session, which is thereby used."""
    session = memory.sessions.get(ref) if isinstance(ref, str) else None
    if session is None or session[_LOCAL] != local:
        return False
    idle = now - session[_LAST_USE]
    if idle > _IDLE:
        del memory.sessions[ref]
        return False
    if idle > _PRECISION:
        session.update({_LAST_USE: now, "last_active": moment(now)})
    return True


def authenticate(user: str, password: str, root_hash: str) -> None:
    """Raises `Delayed`: who guesses passwords is made to wait."""
    if user != _SUPERUSER or not _proves(password, root_hash):
        refusal = Failure("SESSION_AUTHENTICATION_FAILED", user, "Authentication failure")
        raise Delayed(_REFUSAL_DELAY, refusal)


def _proves(password: str, root_hash: str) -> bool:
    from labkit.sha512crypt import verify

    trial = hashlib.sha512(f"{root_hash}\0{password}".encode("utf-8", "replace")).digest()
    if trial in _proved:
        return True
    # A NUL ends a password for the real thing; no hash is of one that has it.
    if "\0" in password or not verify(password, root_hash):
        return False
    _proved.add(trial)
    return True


def change_password(world: World, home: SimMachine, password: str) -> None:
    """Give root of a pool another password: its members follow, those that are away when they
    come back."""
    if "\0" in password:
        raise Failure("CHANGE_PASSWORD_REJECTED", "The password has a letter that ends it")
    from labkit.sha512crypt import hash_password

    root_hash = hash_password(password)
    system_of(home).root_hash = root_hash
    for machine in world.running():
        system, memory = machine.disk.system, machine.memory
        member = system is not None and memory is not None and memory.xapi == "up"
        if member and is_slave(machine) and home_of(world, machine) is home:
            system_of(machine).root_hash = root_hash
