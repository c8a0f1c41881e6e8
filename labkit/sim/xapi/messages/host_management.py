"""host: which interface it is managed by."""

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.networks import addressing, management, pifs
from labkit.sim.xapi.places import home_of, uuid_of


@message("host.management_reconfigure")
def management_reconfigure(call: Call, pif: str) -> None:
    """Whoever called has to look for the host at its new address; so have a master's slaves."""
    machine = pifs.reached(call, pif)
    _not_protected(call)
    management.reconfigure(call.world, call.db, machine, pif)


@message("host.management_disable")
def management_disable(call: Call) -> None:
    """Of the host that was called, whatever its part: nobody reaches it from now on."""
    host = call.db.first("host", uuid=uuid_of(call.machine))
    if host is None:
        # A slave without its master has no records to write to.
        raise Failure("NOT_IMPLEMENTED", call.name)
    _not_protected(call)
    addressing.answer_nowhere(call.db, call.machine, host)


@message("host.get_management_interface")
def get_management_interface(call: Call, host: str) -> str:
    found = call.db.first("PIF", host=host, management=True)
    if found is None:
        raise Failure("INTERNAL_ERROR", "Not_found")
    return found


@message("host.local_management_reconfigure")
def local_management_reconfigure(call: Call, interface: str) -> None:
    """Only for a slave that has lost its master; what it does then is not pretended."""
    if home_of(call.world, call.machine) is not None:
        raise Failure("POOL_NOT_IN_EMERGENCY_MODE")
    raise Failure("NOT_IMPLEMENTED", call.name)


def _not_protected(call: Call) -> None:
    if call.db.get("pool", call.db.pool, "ha_enabled"):
        raise Failure("HA_IS_ENABLED")
