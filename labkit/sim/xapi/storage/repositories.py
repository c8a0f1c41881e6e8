"""Storage repositories in XAPI's records, and how hosts are plugged into them."""

from labkit.sim.world import World
from labkit.sim.xapi.database import Database, new_uuid
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import EPOCH, NULL
from labkit.sim.xapi.places import host_of
from labkit.sim.xapi.storage.driver import Access, Driver
from labkit.sim.xapi.storage.drivers import driver_of
from labkit.sim.xapi.storage.media import Kept
from labkit.sim.xapi.storage.passwords import forgotten, revealed
from labkit.sim.xapi.vms.devices import remove

ON_MEDIUM = "_on_medium"
"""A note on a VDI: it was found there or put there, so it is gone when it is not there."""
_BLOCK_DEVICES = ("ext", "lvm")


def driver_for(db: Database, sr: str) -> Driver:
    """The driver of a repository."""
    return driver_of(db, db.get("SR", sr, "type"))


def access_by(world: World, db: Database, pbd: str) -> Access:
    """A host's way to a repository. Raises HOST_OFFLINE."""
    sr, host = db.get("PBD", pbd, "SR"), db.get("PBD", pbd, "host")
    machine = host_of(world, db.get("host", host, "uuid"))
    if machine is None:
        raise Failure("HOST_OFFLINE", host)
    device = revealed(db, db.get("PBD", pbd, "device_config"))
    return Access(
        world,
        machine,
        device,
        settings=db.get("SR", sr, "sm_config"),
        uuid=db.get("SR", sr, "uuid"),
        master=not db.get("SR", sr, "shared") or host == db.master,
        taken=_taken(db, pbd, host),
    )


def way_to(world: World, db: Database, sr: str) -> Access:
    """Any plugged host's way to a repository, the master's rather than another's. Raises
    SR_NO_PBDS."""
    plugged = db.where("PBD", SR=sr, currently_attached=True)
    for pbd in sorted(plugged, key=lambda each: db.get("PBD", each, "host") != db.master):
        if host_of(world, db.get("host", db.get("PBD", pbd, "host"), "uuid")) is not None:
            return access_by(world, db, pbd)
    raise Failure("SR_NO_PBDS", sr)


def plug(world: World, db: Database, pbd: str) -> None:
    """Let a host use a repository; whoever may write it down looks what is there."""
    if db.get("PBD", pbd, "currently_attached"):
        return
    sr = db.get("PBD", pbd, "SR")
    if not db.get("SR", sr, "shared"):
        for other in db.where("PBD", SR=sr, currently_attached=True):
            raise Failure("SR_NOT_SHARABLE", sr, db.get("PBD", other, "host"))
    access = access_by(world, db, pbd)
    driver_for(db, sr).attach(access)
    db.put("PBD", pbd, currently_attached=True)
    if access.master:
        scan(world, db, sr)


def unplug(db: Database, pbd: str) -> None:
    """Let go of a repository. Raises VDI_IN_USE."""
    if not db.get("PBD", pbd, "currently_attached"):
        return
    used = used_by(db, db.get("PBD", pbd, "host"), db.get("PBD", pbd, "SR"))
    if used:
        raise Failure("VDI_IN_USE", *used)
    db.put("PBD", pbd, currently_attached=False)


def used_by(db: Database, host: str, sr: str) -> list[str]:
    """The disks of a repository that VMs on a host have attached."""
    attached = [
        db.get("VBD", vbd, "VDI")
        for vm in db.where("VM", resident_on=host)
        for vbd in db.where("VBD", VM=vm, currently_attached=True)
    ]
    return [vdi for vdi in attached if db.has("VDI", vdi) and db.get("VDI", vdi, "SR") == sr]


def seen_by(db: Database, host: str) -> set[str]:
    """The repositories a host is plugged into."""
    plugged = db.where("PBD", host=host, currently_attached=True)
    return {db.get("PBD", pbd, "SR") for pbd in plugged}


def scan(world: World, db: Database, sr: str) -> None:
    """Bring the records of what is in a repository up to what is there."""
    access, driver = way_to(world, db, sr), driver_for(db, sr)
    there = driver.disks(access)
    known = {db.get("VDI", vdi, "location"): vdi for vdi in db.where("VDI", SR=sr)}
    for location, vdi in known.items():
        if location in there:
            disk = there[location]
            size, used = disk["virtual_size"], disk["utilisation"]
            noted = {ON_MEDIUM: True}
            db.put("VDI", vdi, virtual_size=size, physical_utilisation=used, **noted)
        elif db.private("VDI", vdi, ON_MEDIUM):
            drop(db, vdi)
    new = {
        location: _found(db, sr, driver, location, disk)
        for location, disk in there.items()
        if location not in known
    }
    for location, vdi in new.items():
        of = db.first("VDI", uuid=there[location].get("snapshot_of", ""))
        db.put("VDI", vdi, snapshot_of=of or NULL)
    account(world, db, sr)


def account(world: World, db: Database, sr: str) -> None:
    """Write down how full a repository is."""
    access, driver = way_to(world, db, sr), driver_for(db, sr)
    volume = driver.volume(access)
    given = sum(disk["virtual_size"] for disk in driver.disks(access).values())
    db.put(
        "SR",
        sr,
        physical_size=volume.size,
        physical_utilisation=volume.used,
        virtual_allocation=given,
    )


def remove_pbd(db: Database, pbd: str) -> None:
    """Forget a host's way to a repository, with its secrets."""
    device = db.get("PBD", pbd, "device_config")
    db.destroy("PBD", pbd)
    forgotten(db, device)


def forget(db: Database, sr: str) -> None:
    """Forget a repository; what is on it stays there."""
    for pbd in db.get("SR", sr, "PBDs"):
        remove_pbd(db, pbd)
    for vdi in db.get("SR", sr, "VDIs"):
        drop(db, vdi)
    db.destroy("SR", sr)


def drop(db: Database, vdi: str) -> None:
    """Remove a disk from the records. A drive it was in is empty then, a disk of a VM is gone."""
    for vbd in db.get("VDI", vdi, "VBDs"):
        if db.get("VBD", vbd, "type") == "CD":
            db.put("VBD", vbd, VDI=NULL, empty=True)
        else:
            remove(db, "VBD", vbd)
    for child in db.get("VDI", vdi, "snapshots"):
        db.put("VDI", child, snapshot_of=NULL)
    for vm in db.where("VM", suspend_VDI=vdi):
        db.put("VM", vm, suspend_VDI=NULL)
    db.destroy("VDI", vdi)


def _found(db: Database, sr: str, driver: Driver, location: str, disk: Kept) -> str:
    """Write down a disk that was found."""
    named = driver.remembers_names or driver.type == "iso"
    return db.create(
        "VDI",
        uuid=new_uuid() if driver.type == "iso" else location,
        SR=sr,
        location=location,
        name_label=disk["name_label"] if named else "",
        name_description=disk["name_description"] if named else "",
        virtual_size=disk["virtual_size"],
        physical_utilisation=disk["utilisation"],
        type=disk["type"],
        read_only=disk["read_only"],
        is_a_snapshot=disk.get("is_a_snapshot", False),
        snapshot_time=disk.get("snapshot_time", EPOCH),
        is_tools_iso=disk.get("is_tools_iso", False),
        managed=True,
        **{ON_MEDIUM: True},
    )


def _taken(db: Database, mine: str, host: str) -> frozenset[str]:
    devices = [
        db.get("PBD", pbd, "device_config").get("device", "")
        for pbd in db.where("PBD", host=host)
        if pbd != mine and db.get("SR", db.get("PBD", pbd, "SR"), "type") in _BLOCK_DEVICES
    ]
    return frozenset(each for device in devices for each in device.split(","))
