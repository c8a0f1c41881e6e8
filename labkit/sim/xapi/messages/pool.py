"""pool: joining one."""

from labkit.sim.xapi import join
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Later


@message("pool.join")
def join_(call: Call, address: str, user: str, password: str) -> Later:
    return join.begin(call, address, user, password, force=False)


@message("pool.join_force")
def join_force(call: Call, address: str, user: str, password: str) -> Later:
    return join.begin(call, address, user, password, force=True)
