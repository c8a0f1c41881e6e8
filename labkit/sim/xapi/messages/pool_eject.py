"""pool: sending a host away. It comes back as a pool of its own, with nothing on its disks."""

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi import leaving, operations, roles
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure, Later
from labkit.sim.xapi.places import MASTER, host_of, system_of

_LEAVING = 5.0
"""Seconds from the call until the host has let go of everything."""


@message("pool.eject")
def eject(call: Call, host: str) -> Later:
    db = call.db
    if host_of(call.world, db.get("host", host, "uuid")) is None:
        raise Failure("HOST_OFFLINE", host)
    if db.get("pool", db.pool, "ha_enabled"):
        raise Failure("HA_IS_ENABLED")
    if "apply_updates" in db.get("pool", db.pool, "current_operations").values():
        raise Failure("NOT_SUPPORTED_DURING_UPGRADE")
    if host == db.master:
        # Nobody gave this one a code.
        raise Failure("INTERNAL_ERROR", "Xapi_pool.Cannot_eject_master")
    _assert_no_guests(db, host)
    then = "pool ejects"
    return operations.go_on(call, "pool", db.pool, "eject", _LEAVING, then, host=host)


@operations.ending("pool ejects")
def _eject(world: World, machine: SimMachine, db: Database, host: str) -> None:
    ejected = host_of(world, db.get("host", host, "uuid"))
    if ejected is None:
        raise Failure("HOST_OFFLINE", host)
    _assert_no_guests(db, host)
    for pbd in db.get("host", host, "PBDs"):
        db.put("PBD", pbd, currently_attached=False)
    leaving.forget_storage(db, host)
    leaving.forget(db, machine, host)
    system = system_of(ejected)
    system.pool_conf, system.backup = MASTER, None
    ejected.expect(roles.FUSE, "xapi resets the host")


def _assert_no_guests(db: Database, host: str) -> None:
    for vm in db.where("VM", resident_on=host, is_control_domain=False):
        if db.get("VM", vm, "power_state") != "Halted":
            raise Failure("OPERATION_NOT_ALLOWED", "VM resident on host")
