"""A slave is wired like its master: bonds of the same devices, VLANs on the same networks.

What the slave has no interface for is left out; a bond may so have fewer members.
"""

from typing import Any

from labkit.sim.xapi.database import Database

_ADDRESS = ("ip_configuration_mode", "IP", "netmask", "gateway", "DNS", "primary_address_type")


def wire(db: Database, host: str) -> None:
    """Make what the master has and this host lacks: bonds first, VLANs may be on them."""
    masters = [pif for pif in db.get("host", db.master, "PIFs") if db.has("PIF", pif)]
    for pif in masters:
        for bond in db.get("PIF", pif, "bond_master_of"):
            _bond(db, host, pif, bond)
    for pif in masters:
        vlan = db.get("PIF", pif, "VLAN_master_of")
        if db.has("VLAN", vlan):
            _vlan(db, host, pif, vlan)


def _bond(db: Database, host: str, pif: str, bond: str) -> None:
    if _on_network(db, host, pif) is not None:
        return
    devices = [db.get("PIF", each, "device") for each in db.get("Bond", bond, "slaves")]
    members = [
        mine
        for device in devices
        for mine in db.where("PIF", device=device, host=host, physical=True)
        if not db.has("Bond", db.get("PIF", mine, "bond_slave_of"))
    ]
    if not members:
        return
    # Whoever is managed through a member is managed through the bond.
    first = next((each for each in members if db.get("PIF", each, "management")), members[0])
    address = {name: db.get("PIF", first, name) for name in _ADDRESS}
    made = _pif(db, host, pif, first, device=db.get("PIF", pif, "device"), **address)
    db.put("PIF", made, management=db.get("PIF", first, "management"))
    fields = {name: db.get("Bond", bond, name) for name in ("mode", "properties", "other_config")}
    mine = db.create("Bond", master=made, primary_slave=first, links_up=len(members), **fields)
    for each in members:
        db.put("PIF", each, bond_slave_of=mine, management=False, ip_configuration_mode="None")
        db.put("PIF", each, IP="", netmask="", gateway="", DNS="")


def _vlan(db: Database, host: str, pif: str, vlan: str) -> None:
    if _on_network(db, host, pif) is not None:
        return
    tagged = _on_network(db, host, db.get("VLAN", vlan, "tagged_PIF"))
    if tagged is None:
        return
    made = _pif(db, host, pif, tagged, ip_configuration_mode="None")
    tag = db.get("VLAN", vlan, "tag")
    mine = db.create("VLAN", tagged_PIF=tagged, untagged_PIF=made, tag=tag)
    db.put("PIF", made, VLAN=tag, VLAN_master_of=mine)


def _on_network(db: Database, host: str, pif: str) -> str | None:
    """The host's interface on the network of this one."""
    return db.first("PIF", network=db.get("PIF", pif, "network"), host=host)


def _pif(db: Database, host: str, like: str, below: str, **fields: Any) -> str:
    kept = db.get("PIF", below, "metrics")
    link = db.kept("PIF_metrics", kept) if db.has("PIF_metrics", kept) else {}
    link.pop("uuid", None)
    known = {"device": db.get("PIF", below, "device"), "ip_configuration_mode": "None"}
    return db.create(
        "PIF",
        host=host,
        network=db.get("PIF", like, "network"),
        MAC=db.get("PIF", below, "MAC"),
        MTU=db.get("PIF", like, "MTU"),
        VLAN=-1,
        physical=False,
        currently_attached=True,
        metrics=db.create("PIF_metrics", **link),
        **known | fields,
    )
