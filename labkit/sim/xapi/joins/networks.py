"""May this host join: how it is wired, compared with the pool."""

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.joins.joining import Joining


def no_bonds(join: Joining) -> None:
    if join.mine.refs("Bond"):
        raise Failure("POOL_JOINING_HOST_HAS_BONDS")


def no_tunnels(join: Joining) -> None:
    if join.mine.refs("tunnel"):
        raise Failure("POOL_JOINING_HOST_HAS_TUNNELS")


def no_sriov(join: Joining) -> None:
    if join.mine.refs("network_sriov"):
        raise Failure("POOL_JOINING_HOST_HAS_NETWORK_SRIOVS")


def no_vlans_but_the_management_one(join: Joining) -> None:
    for vlan in join.mine.refs("VLAN"):
        untagged = join.mine.get("VLAN", vlan, "untagged_PIF")
        if not (join.mine.has("PIF", untagged) and join.mine.get("PIF", untagged, "management")):
            raise Failure("POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS")


def same_management_vlan(join: Joining) -> None:
    mine, theirs = join.management_field("VLAN", -1)
    if mine != theirs:
        raise Failure("POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH", str(mine), str(theirs))


def physical_management(join: Joining) -> None:
    """What the oldest releases asked instead."""
    if not join.management_field("physical", True)[0]:
        raise Failure("POOL_JOINING_HOST_MUST_HAVE_PHYSICAL_MANAGEMENT_NIC")


def same_switch(join: Joining) -> None:
    backend = _same_backend(join)
    mine, theirs = _controllers(join.mine), _controllers(join.theirs)
    if backend == "openvswitch" and mine and mine != theirs:
        raise Failure("OPERATION_NOT_ALLOWED", "SDN controller differs")


def same_old_switch(join: Joining) -> None:
    """When a pool's controller was a field of it."""
    backend = _same_backend(join)
    mine, theirs = join.pools("vswitch_controller")
    if backend == "openvswitch" and mine and mine != theirs:
        raise Failure("OPERATION_NOT_ALLOWED", "vswitch controller address differs")


def same_address_type(join: Joining) -> None:
    mine, theirs = join.management_field("primary_address_type", "IPv4")
    if mine != theirs:
        raise Failure("OPERATION_NOT_ALLOWED", "Primary address type differs")


def compatible_purposes(join: Joining) -> None:
    mine, theirs = _purposes(join.mine), _purposes(join.theirs)
    if {"nbd", "insecure_nbd"} <= mine | theirs:
        reason = "Incompatible network purposes: nbd and insecure_nbd"
        raise Failure("OPERATION_NOT_ALLOWED", reason)


def _same_backend(join: Joining) -> str:
    mine, theirs = join.software("network_backend", "bridge")
    if mine != theirs:
        raise Failure("OPERATION_NOT_ALLOWED", "Network backends differ")
    return mine


def _controllers(db: Database) -> set[tuple[str, ...]]:
    fields = ("protocol", "address", "port")
    return {
        tuple(str(db.get("SDN_controller", each, field)) for field in fields)
        for each in db.refs("SDN_controller")
    }


def _purposes(db: Database) -> set[str]:
    return {each for ref in db.refs("network") for each in db.get("network", ref, "purpose")}
