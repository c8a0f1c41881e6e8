"""host: switching hosts on and off for VMs, and altogether."""

from labkit.sim.world import SimMachine
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.messages import host_certificate, host_management, host_vms
from labkit.sim.xapi.moments import moment
from labkit.sim.xapi.places import host_of

__all__ = ["host_certificate", "host_management", "host_vms"]

_GRACE = 10.0
"""Seconds from the answer to `/sbin/shutdown`."""


@message("host.disable")
def disable(call: Call, host: str) -> None:
    call.db.put("host", host, enabled=False)


@message("host.enable")
def enable(call: Call, host: str) -> None:
    _reached(call, host)
    if call.db.get("host", host, "current_operations"):
        raise Failure("HOST_DISABLED_UNTIL_REBOOT", host)
    call.db.put("host", host, enabled=True)


@message("host.shutdown")
def shutdown(call: Call, host: str) -> None:
    _go_down(call, host, then="is off")


@message("host.reboot")
def reboot(call: Call, host: str) -> None:
    _go_down(call, host, then="begins anew")


@message("host.get_servertime")
def get_servertime(call: Call, host: str) -> str:
    return _time(call, host)


@message("host.get_server_localtime")
def get_server_localtime(call: Call, host: str) -> str:
    # Without its zone: XAPI leaves the `Z` away, and the pretend hosts keep UTC.
    return _time(call, host).removesuffix("Z")


def _time(call: Call, host: str) -> str:
    call.db.get("host", host, "uuid")
    return moment(call.world.now)


def _go_down(call: Call, host: str, *, then: str) -> None:
    if call.db.get("host", host, "enabled"):
        raise Failure("HOST_NOT_DISABLED")
    machine = _reached(call, host)
    # XAPI says `shutdown` for both.
    call.db.put("host", host, current_operations={call.task or NULL: "shutdown"})
    machine.expect(_GRACE, "the host goes down", then=then)


def _reached(call: Call, host: str) -> SimMachine:
    """The machine of a host, which has to answer."""
    machine = host_of(call.world, call.db.get("host", host, "uuid"))
    if machine is None:
        raise Failure("HOST_OFFLINE", host)
    return machine
