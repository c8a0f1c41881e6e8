"""What the pretended room's DHCP server tells an interface that asks.

What the administrator keeps for the host is `sim/adapters.py`'s to say. Who is a stranger gets an
address from the room's pool: the first one from .50 on, in the host's own subnet, that nobody has.
VLANs lead nowhere in the room, and so do adapters that are not bridged to it.
"""

from ipaddress import IPv4Network
from typing import Any

from labkit.sim.adapters import lease
from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.addresses import is_address, stand_in
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.networks.pifs import UNTAGGED, adapter
from labkit.sim.xapi.places import system_of

_POOL = range(50, 200)
_ROOM = "192.168.1.0"
_NOTHING = {"address": "", "netmask": "", "gateway": "", "dns": []}


def ask(world: World, db: Database, machine: SimMachine, pif: str) -> dict[str, Any]:
    """`address`, `netmask`, `gateway` and `dns`; empty when nobody answers."""
    there = adapter(db, machine, pif)
    tagged = db.get("PIF", pif, "VLAN") != UNTAGGED
    if there is None or tagged or there["attachment"] != "bridged":
        return dict(_NOTHING)
    kept = lease(machine, there)
    taken = _taken(world, db, machine, pif)
    if kept["address"] and stand_in(kept["address"]) not in taken:
        return kept
    own = str(system_of(machine).management.get("address") or "")
    room = IPv4Network(f"{own if is_address(own) else _ROOM}/24", strict=False)
    for number in _POOL:
        address = str(room[number])
        if stand_in(address) not in taken:
            return {"address": address, "netmask": "255.255.255.0", "gateway": "", "dns": []}
    return dict(_NOTHING)


def _taken(world: World, db: Database, asking: SimMachine, pif: str) -> set[str]:
    """What stands in for the addresses that others have."""
    told = [db.get("PIF", other, "IP") for other in db.refs("PIF") if other != pif]
    told += [str(interface["address"]) for interface in world.interfaces]
    for machine in world.machines.values():
        if machine is not asking:
            told.append(machine.labels.get("address", ""))
            if machine.disk.system is not None:
                told.append(str(machine.disk.system.management.get("address") or ""))
    return {stand_in(each) for each in told if is_address(each)}
