"""pool: joining one."""

from labkit.sim.xapi import join
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Later
from labkit.sim.xapi.messages import pool_networks

__all__ = ["pool_networks"]


@message("pool.join")
def join_(call: Call, address: str, user: str, password: str) -> Later:
    return join.begin(call, address, user, password, force=False)


@message("pool.join_force")
def join_force(call: Call, address: str, user: str, password: str) -> Later:
    return join.begin(call, address, user, password, force=True)
