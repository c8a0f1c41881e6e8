"""A slave that starts gets the master's bonds and VLANs, on its own interfaces of the same device.

It is enabled by then: who starts a VM on it at once may find that a network is not there yet.
That is how XAPI does it.
"""

from labkit.sim.world import SimMachine, World, happening
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.networks import bonds, pifs, vlans
from labkit.sim.xapi.places import database_of, home_of, uuid_of

_SOON = 2.0
"""Seconds from a host's being enabled until it has the networks of the pool."""


def soon(machine: SimMachine) -> None:
    """A host has been enabled."""
    machine.expect(_SOON, "xapi copies the master's networks")


@happening("xapi copies the master's networks")
def _copy(world: World, machine: SimMachine) -> None:
    home = home_of(world, machine)
    if home is None or home is machine:
        return
    db = database_of(home)
    host = db.by_uuid("host", uuid_of(machine))
    theirs = db.get("host", db.master, "PIFs")
    for pif in theirs:
        for bond in db.get("PIF", pif, "bond_master_of"):
            _bond(db, machine, host, bond)
    for pif in theirs:
        for vlan in db.get("PIF", pif, "VLAN_slave_of"):
            _vlan(db, host, vlan)


def _bond(db: Database, machine: SimMachine, host: str, theirs: str) -> None:
    """The same bond here, of those members there are."""
    record = db.record("Bond", theirs)
    network = db.get("PIF", record["master"], "network")
    if pifs.on_network(db, host, network) is not None:
        return
    devices = [db.get("PIF", pif, "device") for pif in record["slaves"]]
    members = [pif for device in devices if (pif := _physical(db, host, device)) is not None]
    if not members:
        return
    try:
        bonds.check(db, network, members, "")
    except Failure:
        # The host goes without: that is all XAPI makes of it.
        return
    bonds.create(db, machine, network, members, "", record["mode"], record["properties"])


def _vlan(db: Database, host: str, theirs: str) -> None:
    """The same VLAN here, on what is on the same network beneath; it is not up yet."""
    record = db.record("VLAN", theirs)
    network = db.get("PIF", record["untagged_PIF"], "network")
    tagged = pifs.on_network(db, host, db.get("PIF", record["tagged_PIF"], "network"))
    if tagged is None or pifs.on_network(db, host, network) is not None:
        return
    if db.first("VLAN", tagged_PIF=tagged, tag=record["tag"]) is None:
        vlans.create(db, tagged, record["tag"], network)


def _physical(db: Database, host: str, device: str) -> str | None:
    return db.first("PIF", host=host, device=device, physical=True)
