"""Disks: what a client calls a VDI, in XAPI's records and on the medium.

Whoever makes a disk does it here, VMs' too, so that it is there for another pool."""

from typing import Any

from labkit.sim.world import World
from labkit.sim.xapi.database import Database, new_uuid
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.moments import moment
from labkit.sim.xapi.storage.codes import refused
from labkit.sim.xapi.storage.features import lacks
from labkit.sim.xapi.storage.repositories import ON_MEDIUM, account, driver_for, drop, way_to

_COPIED = (
    "name_label",
    "name_description",
    "type",
    "sharable",
    "read_only",
    "other_config",
    "xenstore_data",
    "sm_config",
    "tags",
)


def make(world: World, db: Database, sr: str, virtual_size: int, **fields: Any) -> str:
    """A new, empty disk."""
    unable = lacks(db, sr, "VDI_CREATE")
    if unable is not None:
        raise unable
    if db.get("SR", sr, "is_tools_sr"):
        raise Failure("SR_OPERATION_NOT_SUPPORTED", sr)
    access, driver = way_to(world, db, sr), driver_for(db, sr)
    size, takes = driver.measured(access, virtual_size)
    uuid = new_uuid()
    vdi = db.create(
        "VDI",
        uuid=uuid,
        SR=sr,
        location=f"{uuid}.img" if driver.type == "iso" else uuid,
        virtual_size=size,
        physical_utilisation=takes,
        managed=True,
        **fields,
    )
    keep(world, db, vdi)
    return vdi


def copy(world: World, db: Database, vdi: str, sr: str) -> str:
    """A full copy of a disk, in the same repository or another."""
    record = db.record("VDI", vdi)
    wanted = db.get("VDI", vdi, "virtual_size")
    made = make(world, db, sr, wanted, **db_fields(record))
    thick = driver_for(db, sr).thick
    takes = db.get("VDI", made, "virtual_size") if thick else record["physical_utilisation"]
    db.put("VDI", made, physical_utilisation=takes)
    keep(world, db, made)
    return made


def snapshot(world: World, db: Database, vdi: str, **changed: Any) -> str:
    """A disk as it is now, beside it."""
    return _branch(
        world,
        db,
        vdi,
        is_a_snapshot=True,
        snapshot_of=vdi,
        snapshot_time=moment(world.now),
        **changed,
    )


def clone(world: World, db: Database, vdi: str, **changed: Any) -> str:
    """A disk with the same contents that goes ways of its own."""
    return _branch(world, db, vdi, **changed)


def db_fields(record: dict[str, Any]) -> dict[str, Any]:
    """What a copy of a disk has in common with it."""
    return {name: record[name] for name in _COPIED}


def resize(world: World, db: Database, vdi: str, size: int) -> None:
    """Let a disk be larger."""
    sr = db.get("VDI", vdi, "SR")
    driver, access = driver_for(db, sr), way_to(world, db, sr)
    if size < db.get("VDI", vdi, "virtual_size"):
        raise refused(79, "shrinking not allowed")
    whole, takes = driver.measured(access, size)
    takes = takes if driver.thick else db.get("VDI", vdi, "physical_utilisation")
    db.put("VDI", vdi, virtual_size=whole, physical_utilisation=takes)
    keep(world, db, vdi)


def remove(world: World, db: Database, vdi: str) -> None:
    """Remove a disk from its medium and from the records, and from whatever it was in."""
    sr, location = db.get("VDI", vdi, "SR"), db.get("VDI", vdi, "location")
    driver_for(db, sr).remove(way_to(world, db, sr), location)
    drop(db, vdi)
    account(world, db, sr)


def forget(db: Database, vdi: str) -> None:
    """Remove a disk from the records; it stays on its medium."""
    drop(db, vdi)


def keep(world: World, db: Database, vdi: str) -> None:
    """Bring the medium up to what the records say about a disk."""
    record = db.record("VDI", vdi)
    sr, of = record["SR"], record["snapshot_of"]
    names = ("name_label", "name_description", "virtual_size", "type", "read_only")
    disk = {name: record[name] for name in (*names, "is_a_snapshot", "snapshot_time")}
    disk["utilisation"] = record["physical_utilisation"]
    disk["snapshot_of"] = db.get("VDI", of, "uuid") if db.has("VDI", of) else ""
    driver_for(db, sr).store(way_to(world, db, sr), record["location"], disk)
    db.put("VDI", vdi, **{ON_MEDIUM: True})
    account(world, db, sr)


def free(world: World, db: Database, sr: str) -> int:
    """Bytes that still fit into a repository."""
    volume = driver_for(db, sr).volume(way_to(world, db, sr))
    return volume.size - volume.used


def _branch(world: World, db: Database, vdi: str, **changed: Any) -> str:
    record = db.record("VDI", vdi)
    sr, uuid = record["SR"], new_uuid()
    way_to(world, db, sr)
    fields = {
        **db_fields(record),
        "virtual_size": record["virtual_size"],
        "physical_utilisation": record["physical_utilisation"],
        **changed,
    }
    made = db.create("VDI", uuid=uuid, SR=sr, location=uuid, managed=True, **fields)
    keep(world, db, made)
    return made
