"""The address of an interface, and of a host, which has that of its management interface.

A host answers at the stand-in for its management address, and that is what its records say, so
that clients can follow them; what the address is on the pretend LAN is on the host's disk. The
other interfaces are there to be configured, and say what they were told.
"""

from typing import Any

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.addresses import is_address, stand_in
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.networks import dhcp
from labkit.sim.xapi.networks.pifs import beneath
from labkit.sim.xapi.places import address_of, system_of

_LAN = "_address_on_the_lan"
_IPV4 = ("ip_configuration_mode", "IP", "netmask", "gateway", "DNS")
_IPV6 = ("ipv6_configuration_mode", "IPv6", "ipv6_gateway", "primary_address_type")
_NOTHING = {
    "ip_configuration_mode": "None",
    "IP": "",
    "netmask": "",
    "gateway": "",
    "DNS": "",
    "ipv6_configuration_mode": "None",
    "IPv6": [],
    "ipv6_gateway": "",
}


def obtain(world: World, db: Database, machine: SimMachine, pif: str) -> None:
    """Ask for an address, where that is how the interface comes by one."""
    record = db.record("PIF", pif)
    if record["ip_configuration_mode"] == "DHCP":
        told = dhcp.ask(world, db, machine, pif)
        dns = ",".join(told["dns"]) or record["DNS"]
        db.put(
            "PIF",
            pif,
            IP=told["address"],
            netmask=told["netmask"],
            gateway=told["gateway"],
            DNS=dns,
        )
    if record["management"]:
        answer_at(db, machine, pif)


def move(db: Database, source: str, target: str) -> None:
    """The configuration goes to another interface, with nothing left behind."""
    known = {*_IPV4, *_IPV6}
    record = db.record("PIF", source)
    moved: dict[str, Any] = {name: record[name] for name in known if name in record}
    db.put("PIF", target, **moved, **{_LAN: db.private("PIF", source, _LAN)})
    db.put("PIF", source, **_NOTHING, **{_LAN: None})


def answer_at(db: Database, machine: SimMachine, pif: str) -> None:
    """Let the host answer at the address of an interface, from now on and when it starts again."""
    management, record = system_of(machine).management, db.record("PIF", pif)
    address = _on_the_lan(db, pif)
    management |= {
        # What the interface is made of is XAPI's; a host starts by the adapter at the bottom.
        "interface": db.get("PIF", beneath(db, pif), "device"),
        "mode": record["ip_configuration_mode"].lower(),
        "address": address,
        "netmask": record["netmask"],
        "gateway": record["gateway"],
        "dns": [each for each in record["DNS"].split(",") if each],
    }
    there = address_of(system_of(machine))
    db.put("PIF", pif, IP=there, **{_LAN: address})
    db.put("host", record["host"], address=there)


def answer_nowhere(db: Database, machine: SimMachine, host: str) -> None:
    """Nobody can reach the host any more, but for its screen."""
    management = system_of(machine).management
    for pif in db.where("PIF", host=host, management=True):
        db.put("PIF", pif, management=False, **{_LAN: management.get("address")})
    management["address"] = ""
    db.put("host", host, address="")


def _on_the_lan(db: Database, pif: str) -> str:
    """The address a stand-in was written down for."""
    address, kept = str(db.get("PIF", pif, "IP")), db.private("PIF", pif, _LAN)
    if kept and is_address(kept) and stand_in(kept) == address:
        return str(kept)
    return address
