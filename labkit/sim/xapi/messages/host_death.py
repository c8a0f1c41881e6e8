"""host: those that do not come back, and those that are to be woken."""

from labkit.errors import LabError
from labkit.sim.power import turn_on
from labkit.sim.world import SimMachine
from labkit.sim.xapi import leaving
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.hosts import is_alive
from labkit.sim.xapi.places import host_of
from labkit.sim.xapi.pools import Pool
from labkit.sim.xapi.vms import hosts as vm_hosts


@message("host.destroy")
def destroy(call: Call, host: str) -> None:
    _assert_dead(call, host)
    if call.db.where("VM", resident_on=host, is_control_domain=False):
        raise Failure("HOST_HAS_RESIDENT_VMS", host)
    leaving.forget_storage(call.db, host)
    leaving.forget(call.db, call.home, host)


@message("host.declare_dead")
def declare_dead(call: Call, host: str) -> None:
    """Whatever ran there does not run any more: the caller has made sure of it."""
    _assert_dead(call, host)
    is_alive(call.db, host, False)
    vm_hosts.is_lost(Pool.of(call), host)


@message("host.power_on")
def power_on(call: Call, host: str) -> None:
    uuid = call.db.get("host", host, "uuid")
    metrics = call.db.get("host", host, "metrics")
    if call.db.get("host_metrics", metrics, "live"):
        raise Failure("HOST_IS_LIVE", host)
    if not call.db.get("host", host, "power_on_mode"):
        raise Failure("HOST_POWER_ON_MODE_DISABLED")
    machine = _anywhere(call, uuid)
    if machine is None or machine.power != "off":
        return
    try:
        turn_on(call.world, machine)
    except LabError as reason:
        raise Failure("INTERNAL_ERROR", str(reason)) from reason


@message("host.set_power_on_mode")
def set_power_on_mode(call: Call, host: str, mode: str, config: dict[str, str]) -> None:
    call.db.put("host", host, power_on_mode=mode, power_on_config=config)


def _assert_dead(call: Call, host: str) -> None:
    uuid = call.db.get("host", host, "uuid")
    # Asked itself: what its metrics say may be ten minutes old.
    if host == call.db.master or host_of(call.world, uuid) is not None:
        raise Failure("HOST_IS_LIVE", host)
    if call.db.get("pool", call.db.pool, "ha_enabled"):
        raise Failure("HA_IS_ENABLED")


def _anywhere(call: Call, uuid: str) -> SimMachine | None:
    """The machine of that host, also when it is off. A magic packet finds it."""
    for machine in call.world.machines.values():
        system = machine.disk.system
        if system is not None and system.inventory.get("INSTALLATION_UUID") == uuid:
            return machine
    return None
