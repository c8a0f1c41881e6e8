"""host: its toolstack itself, and how it is reached."""

from labkit.sim.world import SimMachine
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.places import host_of, is_slave, system_of, uuid_of

_SOON = 1.0
"""Seconds from the answer until XAPI exits."""


@message("host.restart_agent")
def restart_agent(call: Call, host: str) -> None:
    reached(call, host).expect(_SOON, "xapi exits")


@message("host.shutdown_agent")
def shutdown_agent(call: Call) -> None:
    call.machine.expect(_SOON, "xapi ends")


@message("host.list_methods")
def list_methods(call: Call) -> list[str]:
    return call.db.model.all_messages()


@message("host.get_management_interface")
def get_management_interface(call: Call, host: str) -> str:
    call.db.get("host", host, "uuid")
    return call.db.first("PIF", host=host, management=True) or NULL


@message("host.management_disable")
def management_disable(call: Call) -> None:
    """Nobody on the network reaches it from then on."""
    if is_slave(call.machine):
        raise Failure("SLAVE_REQUIRES_MANAGEMENT_INTERFACE")
    host = call.db.by_uuid("host", uuid_of(call.machine))
    for pif in call.db.where("PIF", host=host, management=True):
        call.db.put("PIF", pif, management=False)
    system_of(call.machine).management["address"] = ""
    call.db.put("host", host, address="")


@message("host.sync_data")
def sync_data(call: Call, host: str) -> None:
    """There is nothing beside the records that could be behind them."""
    reached(call, host)


def reached(call: Call, host: str) -> SimMachine:
    """The machine of a host, which has to answer."""
    machine = host_of(call.world, call.db.get("host", host, "uuid"))
    if machine is None:
        raise Failure("HOST_OFFLINE", host)
    return machine
