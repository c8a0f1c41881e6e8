"""VLANs: one more interface on top of one, for what carries a tag there."""

from labkit.sim.world import SimMachine
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.networks import addressing, management, pifs, vifs

_MAC = "fe:ff:ff:ff:ff:ff"
_TAGS = range(4095)


def check(db: Database, tagged: str, tag: int, network: str) -> None:
    """What XAPI asks before it makes one, in its order."""
    pifs.managed(db, tagged)
    record = db.record("PIF", tagged)
    pifs.no_other_here(db, record["host"], network)
    if pifs.is_bonded(db, tagged):
        raise Failure("CANNOT_ADD_VLAN_TO_BOND_SLAVE", tagged)
    if record["VLAN"] >= 0:
        raise Failure("PIF_IS_VLAN", tagged)
    if tag not in _TAGS:
        raise Failure("VLAN_TAG_INVALID", str(tag))
    if db.first("VLAN", tagged_PIF=tagged, tag=tag) is not None:
        raise Failure("PIF_VLAN_EXISTS", record["device"])
    if record["tunnel_access_PIF_of"]:
        raise Failure("IS_TUNNEL_ACCESS_PIF", tagged)


def create(db: Database, tagged: str, tag: int, network: str) -> str:
    """The records of a VLAN, which is not up yet."""
    record = db.record("PIF", tagged)
    vlan = db.create("VLAN", tagged_PIF=tagged, tag=tag)
    untagged = pifs.new(
        db,
        record["host"],
        network,
        record["device"],
        MAC=_MAC,
        MTU=record["MTU"],
        VLAN=tag,
        metrics=record["metrics"],
        VLAN_master_of=vlan,
    )
    db.put("VLAN", vlan, untagged_PIF=untagged)
    return vlan


def destroy(db: Database, vlan: str) -> None:
    """Remove a VLAN with its interface."""
    untagged = db.get("VLAN", vlan, "untagged_PIF")
    db.destroy("VLAN", vlan)
    if db.has("PIF", untagged):
        pifs.destroy(db, untagged)


def move(db: Database, machine: SimMachine, vlan: str, tagged: str) -> None:
    """Put a VLAN on another interface, in new records; one of the same tag that is there takes
    its place."""
    tag, untagged = db.get("VLAN", vlan, "tag"), db.get("VLAN", vlan, "untagged_PIF")
    old = db.record("PIF", untagged)
    guests = vifs.local(db, old["host"], [old["network"]])
    there = db.first("VLAN", tagged_PIF=tagged, tag=tag) or create(db, tagged, tag, old["network"])
    instead = db.get("VLAN", there, "untagged_PIF")
    addressing.move(db, untagged, instead)
    destroy(db, vlan)
    if old["currently_attached"]:
        pifs.bring_up(db, instead)
    if old["management"]:
        management.move(db, machine, instead)
    vifs.move(db, guests, db.get("PIF", instead, "network"))
