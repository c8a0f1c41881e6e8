"""VLAN: what carries a tag, as an interface of its own."""

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.networks import pifs, vlans


@message("VLAN.create")
def create(call: Call, tagged: str, tag: int, network: str) -> str:
    return made(call, tagged, tag, network)


def made(call: Call, tagged: str, tag: int, network: str) -> str:
    """A new VLAN, and it is up."""
    pifs.reached(call, tagged)
    vlans.check(call.db, tagged, tag, network)
    vlan = vlans.create(call.db, tagged, tag, network)
    pifs.bring_up(call.db, call.db.get("VLAN", vlan, "untagged_PIF"))
    return vlan


@message("VLAN.destroy")
def destroy(call: Call, vlan: str) -> None:
    removed(call, vlan)


def removed(call: Call, vlan: str) -> None:
    """Raises what XAPI does for a VLAN somebody needs."""
    db = call.db
    untagged = db.get("VLAN", vlan, "untagged_PIF")
    if db.has("PIF", untagged):
        pifs.reached(call, untagged)
        pifs.not_a_slaves_management(db, untagged)
        pifs.not_protected(db, untagged)
        pifs.not_management(db, untagged)
        network = db.get("PIF", untagged, "network")
        vif = pifs.vif_in_use(db, untagged)
        if vif is not None:
            raise Failure("VIF_IN_USE", network, vif)
        if db.get("PIF", untagged, "disallow_unplug"):
            raise Failure("PIF_DOES_NOT_ALLOW_UNPLUG", untagged)
    vlans.destroy(db, vlan)
