"""SR: making, introducing, forgetting and destroying storage repositories."""

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.database import Database, new_uuid
from labkit.sim.xapi.failures import Failure, Later
from labkit.sim.xapi.kinds import Answer, kind
from labkit.sim.xapi.operations import ending, go_on
from labkit.sim.xapi.places import host_of
from labkit.sim.xapi.storage import repositories
from labkit.sim.xapi.storage.allowed import sr_refusal
from labkit.sim.xapi.storage.drivers import driver_of
from labkit.sim.xapi.storage.passwords import hidden

_MAKING = 2.0
"""Seconds to make a repository and mount it everywhere."""
_REMOVING = 1.0


@message("SR.create")
def create(
    call: Call,
    host: str,
    device: dict[str, str],
    physical_size: int,
    name: str,
    description: str,
    driver: str,
    content: str,
    shared: bool,
    settings: dict[str, str] | None = None,
) -> Later:
    """The records are there before anything is on the medium, and go when that fails."""
    db = call.db
    driver_of(db, driver.lower())
    # A shared repository is made by the master, whoever was named.
    where = db.master if shared else host
    if host_of(call.world, db.get("host", where, "uuid")) is None:
        raise Failure("HOST_OFFLINE", where)
    sr = db.create(
        "SR",
        name_label=name,
        name_description=description,
        type=driver.lower(),
        content_type=content,
        shared=shared,
        sm_config=dict(settings or {}),
        physical_size=physical_size,
    )
    for each in db.refs("host") if shared else [host]:
        db.create("PBD", SR=sr, host=each, device_config=hidden(db, device))
    return go_on(call, "SR", sr, "plug", _MAKING, "SR is made", sr=sr, where=where)


@ending("SR is made")
def _made(world: World, machine: SimMachine, db: Database, sr: str, where: str) -> Answer:
    makers = db.first("PBD", SR=sr, host=where)
    if makers is None:
        raise Failure("HANDLE_INVALID", "SR", sr)
    try:
        driver = repositories.driver_for(db, sr)
        driver.create(repositories.access_by(world, db, makers))
    except Failure:
        repositories.forget(db, sr)
        raise
    for pbd in db.get("SR", sr, "PBDs"):
        try:
            repositories.plug(world, db, pbd)
        except Failure:
            # That is how XAPI does it: the repository is there, whoever sees it.
            continue
    return Answer(kind("SR ref"), sr)


@message("SR.introduce")
def introduce(
    call: Call,
    uuid: str,
    name: str,
    description: str,
    driver: str,
    content: str,
    shared: bool,
    settings: dict[str, str] | None = None,
) -> str:
    if uuid and call.db.first("SR", uuid=uuid) is not None:
        raise Failure("SR_UUID_EXISTS", uuid)
    return call.db.create(
        "SR",
        uuid=uuid or new_uuid(),
        name_label=name,
        name_description=description,
        type=driver.lower(),
        content_type=content,
        shared=shared,
        sm_config=dict(settings or {}),
        physical_size=-1,
        physical_utilisation=-1,
    )


@message("SR.make")
def make(*_: object) -> None:
    raise Failure("MESSAGE_DEPRECATED")


@message("SR.forget")
def forget(call: Call, sr: str) -> None:
    refusal = sr_refusal(call.db, sr, "forget")
    if refusal is not None:
        raise refusal
    repositories.forget(call.db, sr)


@message("SR.destroy")
def destroy(call: Call, sr: str) -> Later:
    if call.db.get("SR", sr, "other_config").get("indestructible") == "true":
        raise Failure("SR_INDESTRUCTIBLE", sr)
    refusal = sr_refusal(call.db, sr, "destroy")
    if refusal is not None:
        raise refusal
    return go_on(call, "SR", sr, "destroy", _REMOVING, "SR is destroyed", sr=sr)


@ending("SR is destroyed")
def _destroyed(world: World, machine: SimMachine, db: Database, sr: str) -> None:
    pbds = db.get("SR", sr, "PBDs")
    pbd = next((each for each in pbds if db.get("PBD", each, "host") == db.master), pbds[0])
    repositories.driver_for(db, sr).delete(repositories.access_by(world, db, pbd))
    repositories.forget(db, sr)
