"""Bonds: several interfaces of a host as one, which takes over what they had."""

import re
from collections.abc import Callable, Mapping, Sequence

from labkit.sim.world import SimMachine
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.networks import addressing, management, pifs, vifs, vlans

_MAC = re.compile(r"([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}")

_LACP: dict[str, tuple[str | None, Callable[[str], bool]]] = {
    "hashing_algorithm": ("tcpudp_ports", lambda value: value in ("src_mac", "tcpudp_ports")),
    "lacp-time": ("slow", lambda value: value in ("fast", "slow")),
    "lacp-aggregation-key": (None, lambda value: value.isdecimal()),
    "lacp-fallback-ab": ("true", lambda value: value in ("true", "false")),
}
"""By property of a bond that speaks LACP: its default, and what it may be."""


def is_mac(text: str) -> bool:
    """Whether it is the address of an adapter."""
    return _MAC.fullmatch(text) is not None


def check_property(mode: str, name: str, value: str) -> None:
    """Raises INVALID_VALUE for what the mode has no such property for."""
    known = _LACP.get(name) if mode == "lacp" else None
    if known is None or not known[1](value):
        raise Failure("INVALID_VALUE", "properties", f"{name} = {value}")


def properties(mode: str, given: Mapping[str, str]) -> dict[str, str]:
    """Those that suit the mode, and the defaults of the others it has."""
    wanted = _LACP if mode == "lacp" else {}
    defaults = {name: default for name, (default, _) in wanted.items() if default is not None}
    fitting = {
        name: given[name] for name in given if name in wanted and wanted[name][1](given[name])
    }
    return defaults | fitting


def check(db: Database, network: str, members: Sequence[str], mac: str) -> None:
    """What XAPI asks before it makes one, in its order."""
    if not members:
        raise Failure("PIF_BOND_NEEDS_MORE_MEMBERS")
    host = db.get("PIF", members[0], "host")
    pifs.no_other_here(db, host, network)
    if mac and not is_mac(mac):
        raise Failure("MAC_INVALID", mac)
    for pif in members:
        _check_member(db, pif)
    records = [db.record("PIF", pif) for pif in members]
    if len({record["host"] for record in records}) > 1:
        raise Failure("PIF_CANNOT_BOND_CROSS_HOST")
    # XCP 1.6 does not know properties of interfaces yet.
    if any(record.get("properties") != records[0].get("properties") for record in records):
        raise Failure("INCOMPATIBLE_PIF_PROPERTIES")
    if sum(record["ip_configuration_mode"] != "None" for record in records) > 1:
        raise Failure("PIF_BOND_MORE_THAN_ONE_IP")


def _check_member(db: Database, pif: str) -> None:
    record = db.record("PIF", pif)
    if pifs.is_bonded(db, pif):
        raise Failure("PIF_ALREADY_BONDED", pif)
    if record["VLAN"] != pifs.UNTAGGED:
        raise Failure("PIF_VLAN_EXISTS", record["device"])
    if record["tunnel_access_PIF_of"]:
        raise Failure("IS_TUNNEL_ACCESS_PIF", pif)
    if record["management"] and db.get("pool", db.pool, "ha_enabled"):
        raise Failure("HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE")
    pifs.managed(db, pif)


def create(
    db: Database,
    machine: SimMachine,
    network: str,
    members: Sequence[str],
    mac: str,
    mode: str,
    settings: Mapping[str, str],
) -> str:
    """Make a bond, and let it take over what its members had."""
    primary = _primary(db, members)
    record = db.record("PIF", primary)
    guests = vifs.local(db, record["host"], [db.get("PIF", pif, "network") for pif in members])
    carried = [vlan for pif in members for vlan in db.get("PIF", pif, "VLAN_slave_of")]
    kept = any(db.get("PIF", pif, "disallow_unplug") for pif in members)
    links = sum(_carrier(db, pif) for pif in members)
    device = _device(db, record["host"])
    metrics = db.create("PIF_metrics", carrier=links > 0, speed=1000 * links, duplex=links > 0)
    fields = {"properties": record["properties"]} if "properties" in record else {}
    master = pifs.new(
        db, record["host"], network, device, MAC=mac or record["MAC"], metrics=metrics, **fields
    )
    bond = db.create(
        "Bond",
        master=master,
        primary_slave=primary,
        mode=mode,
        properties=properties(mode, settings),
        links_up=links,
    )
    for pif in members:
        db.put("PIF", pif, bond_slave_of=bond)
    addressing.move(db, primary, master)
    if record["management"]:
        management.move(db, machine, master)
    pifs.bring_up(db, master)
    for vlan in carried:
        vlans.move(db, machine, vlan, master)
    vifs.move(db, guests, network)
    if kept:
        db.put("PIF", master, disallow_unplug=True)
        for pif in members:
            db.put("PIF", pif, disallow_unplug=False)
    return bond


def destroy(db: Database, machine: SimMachine, bond: str) -> None:
    """Give the primary member back what the bond has, and part the others."""
    record = db.record("Bond", bond)
    primary, members = record["primary_slave"], record["slaves"]
    master = db.record("PIF", record["master"])
    if master["management"] and db.get("pool", db.pool, "ha_enabled"):
        raise Failure("HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE")
    guests = vifs.local(db, master["host"], [master["network"]])
    for pif in members:
        db.put("PIF", pif, bond_slave_of=NULL)
    addressing.move(db, record["master"], primary)
    if master["management"]:
        management.move(db, machine, primary)
    if master["currently_attached"]:
        for pif in members:
            pifs.bring_up(db, pif)
    for vlan in master["VLAN_slave_of"]:
        vlans.move(db, machine, vlan, primary)
    vifs.move(db, guests, db.get("PIF", primary, "network"))
    if master["disallow_unplug"]:
        db.put("PIF", primary, disallow_unplug=True)
    db.destroy("Bond", bond)
    pifs.destroy(db, record["master"])


def _primary(db: Database, members: Sequence[str]) -> str:
    """What the host is managed by, else what has an address, else the first."""
    for pif in members:
        if db.get("PIF", pif, "management"):
            return pif
    for pif in members:
        if db.get("PIF", pif, "ip_configuration_mode") != "None":
            return pif
    return members[0]


def _device(db: Database, host: str) -> str:
    taken = {db.get("PIF", pif, "device") for pif in db.get("host", host, "PIFs")}
    return next(f"bond{n}" for n in range(len(taken) + 1) if f"bond{n}" not in taken)


def _carrier(db: Database, pif: str) -> bool:
    metrics = db.get("PIF", pif, "metrics")
    return db.has("PIF_metrics", metrics) and bool(db.get("PIF_metrics", metrics, "carrier"))
