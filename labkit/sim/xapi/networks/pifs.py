"""Interfaces: making and destroying their records, up and down, and what keeps one from it."""

from typing import Any

from labkit.sim.adapters import Adapter, named
from labkit.sim.world import SimMachine
from labkit.sim.xapi.calls import Call
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.places import host_of, system_of

UNTAGGED = -1


def reached(call: Call, pif: str) -> SimMachine:
    """The machine an interface is on, which has to answer: only the host itself can change what
    it is connected to. Raises HOST_OFFLINE."""
    host = call.db.get("PIF", pif, "host")
    machine = host_of(call.world, call.db.get("host", host, "uuid"))
    if machine is None:
        raise Failure("HOST_OFFLINE", host)
    return machine


def on_network(db: Database, host: str, network: str) -> str | None:
    """A host's interface on a network."""
    return db.first("PIF", network=network, host=host)


def no_other_here(db: Database, host: str, network: str) -> None:
    """A host is connected to a network once. Raises NETWORK_ALREADY_CONNECTED."""
    db.get("network", network, "uuid")
    other = on_network(db, host, network)
    if other is not None:
        raise Failure("NETWORK_ALREADY_CONNECTED", host, other)


def managed(db: Database, pif: str) -> None:
    """Some interfaces are left to others to configure. Raises PIF_UNMANAGED."""
    if not db.get("PIF", pif, "managed"):
        raise Failure("PIF_UNMANAGED", pif)


def not_protected(db: Database, pif: str) -> None:
    """What high availability goes by stays as it is. Raises HA_IS_ENABLED."""
    if db.get("PIF", pif, "currently_attached"):
        if db.get("pool", db.pool, "ha_enabled"):
            raise Failure("HA_IS_ENABLED")
        if db.get("pool", db.pool, "redo_log_enabled"):
            raise Failure("REDO_LOG_IS_ENABLED")


def not_management(db: Database, pif: str) -> None:
    """Raises PIF_IS_MANAGEMENT_INTERFACE."""
    record = db.record("PIF", pif)
    if record["currently_attached"] and record["management"]:
        raise Failure("PIF_IS_MANAGEMENT_INTERFACE", pif)


def not_a_slaves_management(db: Database, pif: str) -> None:
    """Of a host that needs it to reach its master. Raises PIF_IS_MANAGEMENT_INTERFACE."""
    if db.get("PIF", pif, "host") != db.master:
        not_management(db, pif)


def is_bonded(db: Database, pif: str) -> bool:
    """Whether it is a member of a bond."""
    return db.has("Bond", db.get("PIF", pif, "bond_slave_of"))


def new(db: Database, host: str, network: str, device: str, **fields: Any) -> str:
    """The record of an interface that is down and has no address."""
    configuration = {"ip_configuration_mode": "None", "ipv6_configuration_mode": "None"}
    return db.create(
        "PIF",
        host=host,
        network=network,
        device=device,
        **{
            "MTU": db.get("network", network, "MTU"),
            "VLAN": UNTAGGED,
            "currently_attached": False,
            "bond_slave_of": NULL,
            "VLAN_master_of": NULL,
            "primary_address_type": "IPv4",
        }
        | configuration
        | fields,
    )


def destroy(db: Database, pif: str) -> None:
    """Remove a record, and its metrics unless another interface shows them, too."""
    metrics = db.get("PIF", pif, "metrics")
    db.destroy("PIF", pif)
    if db.has("PIF_metrics", metrics) and db.first("PIF", metrics=metrics) is None:
        db.destroy("PIF_metrics", metrics)


def bring_up(db: Database, pif: str) -> None:
    """Connect an interface, and first what it rests on; members of a bond are down then, as
    interfaces of their own."""
    record = db.record("PIF", pif)
    vlan = record["VLAN_master_of"]
    if db.has("VLAN", vlan):
        tagged = db.get("VLAN", vlan, "tagged_PIF")
        if not db.get("PIF", tagged, "currently_attached"):
            bring_up(db, tagged)
    for bond in record["bond_master_of"]:
        for member in db.get("Bond", bond, "slaves"):
            db.put("PIF", member, currently_attached=False)
    mtu = db.get("network", record["network"], "MTU")
    db.put("PIF", pif, currently_attached=True, MTU=mtu)


def vif_in_use(db: Database, pif: str) -> str | None:
    """An interface of a VM on the same host that is plugged into the same network."""
    record = db.record("PIF", pif)
    for vif in db.where("VIF", network=record["network"], currently_attached=True):
        vm = db.get("VIF", vif, "VM")
        if db.has("VM", vm) and db.get("VM", vm, "resident_on") == record["host"]:
            return vif
    return None


def beneath(db: Database, pif: str) -> str:
    """The physical interface at the bottom: of a VLAN the tagged one, of a bond the primary."""
    record = db.record("PIF", pif)
    if db.has("VLAN", record["VLAN_master_of"]):
        return beneath(db, db.get("VLAN", record["VLAN_master_of"], "tagged_PIF"))
    for bond in record["bond_master_of"]:
        return beneath(db, db.get("Bond", bond, "primary_slave"))
    return pif


def adapter(db: Database, machine: SimMachine, pif: str) -> Adapter | None:
    """The computer's adapter that is at the bottom; None: it was taken out."""
    device = db.get("PIF", beneath(db, pif), "device")
    return named(machine, system_of(machine).macs).get(device)
