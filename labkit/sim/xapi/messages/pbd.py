"""PBD: how one host reaches a storage repository."""

from typing import Any

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.constructors import given
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure, Later
from labkit.sim.xapi.operations import ending, go_on
from labkit.sim.xapi.places import host_of
from labkit.sim.xapi.storage import repositories
from labkit.sim.xapi.storage.passwords import hidden

_MOUNTING = 1.5


@message("PBD.create")
def create(call: Call, args: dict[str, Any]) -> str:
    db, fields = call.db, given(call.db, "PBD", args, "host", "SR", "device_config")
    there = db.first("PBD", SR=fields["SR"], host=fields["host"])
    if there is not None:
        raise Failure("PBD_EXISTS", fields["SR"], fields["host"], there)
    _not_the_drivers(fields["device_config"])
    fields["device_config"] = hidden(db, fields["device_config"])
    return db.create("PBD", **fields)


@message("PBD.destroy")
def destroy(call: Call, pbd: str) -> None:
    if call.db.get("PBD", pbd, "currently_attached"):
        raise Failure("OPERATION_NOT_ALLOWED", "PBD is currently attached")
    repositories.remove_pbd(call.db, pbd)


@message("PBD.set_device_config")
def set_device_config(call: Call, pbd: str, device: dict[str, str]) -> None:
    _not_the_drivers(device)
    call.db.put("PBD", pbd, device_config=hidden(call.db, device))


@message("PBD.plug")
def plug(call: Call, pbd: str) -> Later | None:
    _reached(call, pbd)
    if call.db.get("PBD", pbd, "currently_attached"):
        return None
    sr = call.db.get("PBD", pbd, "SR")
    return go_on(call, "SR", sr, "plug", _MOUNTING, "PBD is plugged", pbd=pbd)


@ending("PBD is plugged")
def _plugged(world: World, machine: SimMachine, db: Database, pbd: str) -> None:
    repositories.plug(world, db, pbd)


@message("PBD.unplug")
def unplug(call: Call, pbd: str) -> None:
    _reached(call, pbd)
    repositories.unplug(call.db, pbd)


def _reached(call: Call, pbd: str) -> None:
    """Raises HOST_OFFLINE: only the host itself can do it."""
    host = call.db.get("PBD", pbd, "host")
    if host_of(call.world, call.db.get("host", host, "uuid")) is None:
        raise Failure("HOST_OFFLINE", host)


def _not_the_drivers(device: dict[str, str]) -> None:
    if "SRmaster" in device:
        reason = "This key is for internal use only"
        raise Failure("VALUE_NOT_SUPPORTED", "SRmaster", device["SRmaster"], reason)
