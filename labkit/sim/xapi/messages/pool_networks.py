"""pool: VLANs on all hosts at once, and what all of them are managed by."""

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.messages import vlan
from labkit.sim.xapi.networks import management, pifs


@message("pool.create_VLAN_from_PIF")
def create_vlan_from_pif(call: Call, pif: str, network: str, tag: int) -> list[str]:
    """On whatever is on the same network, of the hosts that are alive."""
    db = call.db
    there = db.get("network", db.get("PIF", pif, "network"), "PIFs")
    return _everywhere(call, [each for each in there if _is_alive(call, each)], network, tag)


@message("pool.create_VLAN")
def create_vlan(call: Call, device: str, network: str, tag: int) -> list[str]:
    db, found = call.db, []
    for host in db.refs("host"):
        tagged = db.first("PIF", device=device, host=host, VLAN=pifs.UNTAGGED)
        if tagged is None:
            raise Failure("INVALID_VALUE", "device", device)
        found.append(tagged)
    return _everywhere(call, found, network, tag)


@message("pool.management_reconfigure")
def management_reconfigure(call: Call, network: str) -> None:
    """The slaves first and the master last, which then tells the slaves where it is."""
    db = call.db
    if db.get("pool", db.pool, "ha_enabled"):
        raise Failure("HA_IS_ENABLED")
    there = db.get("network", network, "PIFs")
    by_host = {db.get("PIF", pif, "host"): pif for pif in there}
    for host in db.refs("host"):
        if host not in by_host:
            raise Failure("PIF_NOT_PRESENT", host, network)
    kind = db.get("PIF", there[0], "primary_address_type")
    for pif in there:
        if db.get("PIF", pif, "primary_address_type") != kind:
            raise Failure("PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE", pif)
        management.usable(db, pif)
    slaves = []
    for host in sorted(by_host, key=db.master.__eq__):
        machine = pifs.reached(call, by_host[host])
        management.reconfigure(call.world, db, machine, by_host[host])
        if host != db.master:
            slaves.append(machine)
    management.follow(slaves, call.home)


def _everywhere(call: Call, tagged: list[str], network: str, tag: int) -> list[str]:
    """The new interfaces; none stays when one cannot be made."""
    made: list[str] = []
    try:
        for pif in tagged:
            made.append(vlan.made(call, pif, tag, network))
    except Failure:
        for each in made:
            vlan.removed(call, each)
        raise
    return [str(call.db.get("VLAN", each, "untagged_PIF")) for each in made]


def _is_alive(call: Call, pif: str) -> bool:
    host = call.db.get("PIF", pif, "host")
    return bool(call.db.get("host_metrics", call.db.get("host", host, "metrics"), "live"))
