"""Storage when a host starts: what was under way is over, and everything is tried anew."""

from labkit.scenario.faults.fault import Fail
from labkit.sim import faults
from labkit.sim.world import World
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.notices import raise_message
from labkit.sim.xapi.places import host_of
from labkit.sim.xapi.storage import repositories
from labkit.sim.xapi.storage.passwords import hidden

_PRIORITY = 3


def plug_all(world: World, db: Database, host: str) -> bool:
    """Plug a host into all its storage; whether all of it went well. Errors are nobody's news."""
    for sr in db.where("SR", shared=True):
        if db.first("PBD", SR=sr, host=host) is None:
            _like_master(db, sr, host)
    results = [_plugged(world, db, host, pbd) for pbd in db.get("host", host, "PBDs")]
    return all(results)


def tell(world: World, db: Database, host: str) -> None:
    """Leave a message that storage is missing."""
    uuid = db.get("host", host, "uuid")
    raise_message(db, world, "PBD_PLUG_FAILED_ON_SERVER_START", _PRIORITY, "Host", uuid)


def _plugged(world: World, db: Database, host: str, pbd: str) -> bool:
    try:
        _fail_on_request(world, db.get("host", host, "uuid"))
        repositories.plug(world, db, pbd)
    except Failure:
        return False
    return True


def _fail_on_request(world: World, uuid: str) -> None:
    """A fault of `PBD.plug` is for the host's own try as well as for a client's."""
    machine = host_of(world, uuid) if world.faults else None
    if machine is not None:
        for fault in faults.of_message(world, machine, "PBD.plug", Fail):
            raise Failure(fault.code, *fault.params)


def _like_master(db: Database, sr: str, host: str) -> None:
    """Reach the pool's shared storage the way its master does."""
    masters = db.first("PBD", SR=sr, host=db.master)
    if masters is not None:
        device = hidden(db, db.get("PBD", masters, "device_config"))
        db.create("PBD", SR=sr, host=host, device_config=device)
