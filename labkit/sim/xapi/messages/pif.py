"""PIF: what connects a host to a network."""

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.messages import pif_addresses, pif_finding, vlan
from labkit.sim.xapi.networks import pifs

__all__ = ["pif_addresses", "pif_finding"]

_PROPERTIES = {"gro": ("on", "off")}


@message("PIF.plug")
def plug(call: Call, pif: str) -> None:
    pifs.reached(call, pif)
    if pifs.is_bonded(call.db, pif):
        raise Failure("CANNOT_PLUG_BOND_SLAVE", pif)
    pifs.bring_up(call.db, pif)


@message("PIF.unplug")
def unplug(call: Call, pif: str) -> None:
    pifs.reached(call, pif)
    pifs.not_protected(call.db, pif)
    pifs.not_management(call.db, pif)
    vif = pifs.vif_in_use(call.db, pif)
    if vif is not None:
        raise Failure("VIF_IN_USE", call.db.get("PIF", pif, "network"), vif)
    if call.db.get("PIF", pif, "disallow_unplug"):
        raise Failure("PIF_DOES_NOT_ALLOW_UNPLUG", pif)
    call.db.put("PIF", pif, currently_attached=False)


@message("PIF.set_disallow_unplug")
def set_disallow_unplug(call: Call, pif: str, value: bool) -> None:
    call.db.put("PIF", pif, disallow_unplug=value)


@message("PIF.set_property")
def set_property(call: Call, pif: str, name: str, value: str) -> None:
    """Of what is neither on nor in something else; the members of a bond follow it."""
    if value not in _PROPERTIES.get(name, ()):
        raise Failure("INVALID_VALUE", "properties", f"{name} = {value}")
    record = call.db.record("PIF", pif)
    whole = record["physical"] or record["bond_master_of"]
    if not whole or pifs.is_bonded(call.db, pif):
        raise Failure("CANNOT_CHANGE_PIF_PROPERTIES", pif)
    members = [
        member
        for bond in record["bond_master_of"]
        for member in call.db.get("Bond", bond, "slaves")
    ]
    for each in (pif, *members):
        call.db.put("PIF", each, properties={**record["properties"], name: value})


@message("PIF.create_VLAN")
def create_vlan(call: Call, device: str, network: str, host: str, tag: int) -> str:
    call.db.get("host", host, "uuid")
    tagged = call.db.first("PIF", device=device, host=host, VLAN=pifs.UNTAGGED)
    if tagged is None:
        raise Failure("INVALID_VALUE", "device", device)
    made = vlan.made(call, tagged, tag, network)
    return str(call.db.get("VLAN", made, "untagged_PIF"))


@message("PIF.destroy")
def destroy(call: Call, pif: str) -> None:
    if call.db.get("PIF", pif, "VLAN") < 0:
        raise Failure("PIF_IS_PHYSICAL")
    vlan.removed(call, call.db.get("PIF", pif, "VLAN_master_of"))
