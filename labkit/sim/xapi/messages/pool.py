"""pool: joining one. How it is led and left is beside this."""

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Later
from labkit.sim.xapi.joins import join
from labkit.sim.xapi.messages import pool_eject, pool_networks, pool_roles

__all__ = ["pool_eject", "pool_networks", "pool_roles"]


@message("pool.join")
def join_(call: Call, address: str, user: str, password: str) -> Later:
    return join.begin(call, address, user, password, force=False)


@message("pool.join_force")
def join_force(call: Call, address: str, user: str, password: str) -> Later:
    return join.begin(call, address, user, password, force=True)
