"""host: switching hosts on and off for VMs, and altogether."""

from labkit.sim.xapi import busy, operations
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.messages import (
    host_certificate,
    host_death,
    host_evacuation,
    host_management,
    host_vms,
)
from labkit.sim.xapi.messages.host_agent import reached
from labkit.sim.xapi.moments import moment
from labkit.sim.xapi.places import memory_of

__all__ = ["host_certificate", "host_death", "host_evacuation", "host_management", "host_vms"]

_GRACE = 10.0
"""Seconds from the answer to `/sbin/shutdown`."""
_FINAL = {"shutdown", "reboot"}


@message("host.disable")
def disable(call: Call, host: str) -> None:
    call.db.put("host", host, enabled=False)


@message("host.enable")
def enable(call: Call, host: str) -> None:
    machine = reached(call, host)
    if any(due.what == "xapi tries the storage" for due in memory_of(machine).due):
        raise Failure("HOST_STILL_BOOTING")
    if not _FINAL.isdisjoint(call.db.get("host", host, "current_operations").values()):
        raise Failure("HOST_DISABLED_UNTIL_REBOOT", host)
    if call.db.get("host", host, "pending_guidances"):
        raise Failure("HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", host)
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
    machine = reached(call, host)
    busy.assert_host_may(call.db, host, "shutdown")
    # XAPI says `shutdown` for both.
    operations.start(call.db, "host", host, "shutdown", call.task or NULL)
    machine.expect(_GRACE, "the host goes down", then=then)
