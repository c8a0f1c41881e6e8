"""session: logging in and out."""

from labkit.sim.xapi import sessions
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.places import is_slave, master_address, memory_of, system_of, uuid_of


@message("session.login_with_password")
def login(call: Call, user: str, password: str, version: str = "", originator: str = "") -> str:
    if is_slave(call.machine):
        raise Failure("HOST_IS_SLAVE", master_address(call.machine))
    sessions.authenticate(user, password, system_of(call.machine).root_hash)
    host = call.db.by_uuid("host", uuid_of(call.machine))
    memory = memory_of(call.machine)
    return sessions.open_session(
        memory, call.world.now, user, host, local=False, originator=originator
    )


@message("session.slave_local_login_with_password")
def slave_local_login(call: Call, user: str, password: str) -> str:
    sessions.authenticate(user, password, system_of(call.machine).root_hash)
    return sessions.open_session(memory_of(call.machine), call.world.now, user, local=True)


@message("session.logout")
def logout(call: Call) -> None:
    call.db.destroy("session", call.session)


@message("session.local_logout")
def local_logout(call: Call) -> None:
    memory = memory_of(call.machine)
    if not sessions.known(memory, call.session, call.world.now, local=True):
        raise Failure("SESSION_INVALID", call.session)
    del memory.sessions[call.session]


@message("session.change_password")
def change_password(call: Call, old: str, new: str) -> None:
    """The old one is not asked for: whoever is root has proved it already."""
    sessions.change_password(call.world, call.home, new)


@message("session.get_all_subject_identifiers")
def get_all_subject_identifiers(call: Call) -> list[str]:
    every = (call.db.get("session", ref, "auth_user_sid") for ref in call.db.refs("session"))
    return list(dict.fromkeys(filter(None, every)))


@message("session.logout_subject_identifier")
def logout_subject_identifier(call: Call, subject: str) -> None:
    for ref in call.db.refs("session"):
        whose = call.db.get("session", ref, "auth_user_sid")
        # Root is no subject, and his sessions are not to be ended so.
        if whose and whose == subject:
            call.db.destroy("session", ref)
