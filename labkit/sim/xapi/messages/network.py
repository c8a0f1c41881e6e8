"""network: what VMs and hosts are plugged into."""

from itertools import count
from typing import Any

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.constructors import given
from labkit.sim.xapi.failures import Failure

_MTU = 1500
_LONGEST = 15
"""Letters Linux allows in the name of an interface."""
_RESERVED = ("xen", "xapi", "vif", "tap", "eth")
_RIVALS = {"nbd": "insecure_nbd", "insecure_nbd": "nbd"}


@message("network.create")
def create(call: Call, args: dict[str, Any]) -> str:
    """Records only: nothing exists on a host until something is plugged in."""
    db, fields = call.db, given(call.db, "network", args, "name_label")
    taken = {db.get("network", each, "bridge") for each in db.refs("network")}
    bridge = fields.get("bridge", "")
    if not bridge:
        bridge = next(name for n in count() if (name := f"xapi{n}") not in taken)
    elif len(bridge) > _LONGEST or bridge.startswith(_RESERVED):
        raise Failure("INVALID_VALUE", "bridge", bridge)
    if bridge in taken:
        raise Failure("BRIDGE_NAME_EXISTS", bridge)
    mtu = fields.get("MTU", _MTU)
    return db.create("network", **fields | {"bridge": bridge, "MTU": mtu if mtu > 0 else _MTU})


@message("network.destroy")
def destroy(call: Call, network: str) -> None:
    db, record = call.db, call.db.record("network", network)
    busy = [vif for vif in record["VIFs"] if db.get("VIF", vif, "currently_attached")]
    if busy:
        raise Failure("NETWORK_CONTAINS_VIF", *busy)
    if record["PIFs"]:
        raise Failure("NETWORK_CONTAINS_PIF", *record["PIFs"])
    if record["other_config"].get("is_host_internal_management_network") == "true":
        raise Failure("CANNOT_DESTROY_SYSTEM_NETWORK", network)
    for vif in record["VIFs"]:
        db.destroy("VIF", vif)
    db.destroy("network", network)


@message("network.set_default_locking_mode")
def set_default_locking_mode(call: Call, network: str, mode: str) -> None:
    vif = call.db.first("VIF", network=network, currently_attached=True)
    if vif is not None:
        raise Failure("VIF_IN_USE", network, vif)
    call.db.put("network", network, default_locking_mode=mode)


@message("network.add_purpose")
def add_purpose(call: Call, network: str, purpose: str) -> None:
    kept = call.db.get("network", network, "purpose")
    if purpose in kept:
        return
    rival = _RIVALS[purpose]
    for other in call.db.refs("network"):
        if rival in call.db.get("network", other, "purpose"):
            raise Failure("NETWORK_INCOMPATIBLE_PURPOSES", purpose, rival)
    call.db.put("network", network, purpose=[*kept, purpose])


@message("network.remove_purpose")
def remove_purpose(call: Call, network: str, purpose: str) -> None:
    kept = call.db.get("network", network, "purpose")
    call.db.put("network", network, purpose=[each for each in kept if each != purpose])
