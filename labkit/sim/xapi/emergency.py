"""Why a host answers nothing but emergency calls, and when a slave's hello is in vain."""

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.places import (
    address_of,
    database_of,
    home_of,
    host_at,
    is_slave,
    master_address,
    system_of,
    uuid_of,
)

PASSING = "HOST_STILL_BOOTING"
"""The reason that goes away by itself."""


def reason(world: World, machine: SimMachine) -> Failure:
    """What a host says that is not up yet."""
    if not is_slave(machine):
        return Failure(PASSING)
    address = address_of(system_of(machine))
    if not address:
        return Failure("HOST_HAS_NO_MANAGEMENT_IP")
    if master_address(machine) == address:
        return Failure("HOST_ITS_OWN_SLAVE")
    home = home_of(world, machine)
    if home is None:
        return Failure(PASSING)
    if database_of(home).first("host", uuid=uuid_of(machine)) is None:
        return Failure("HOST_UNKNOWN_TO_MASTER", uuid_of(machine))
    if host_at(world, address) is not machine:
        # Somebody else has its address.
        return Failure("HOST_MASTER_CANNOT_TALK_BACK", address)
    return Failure(PASSING)
