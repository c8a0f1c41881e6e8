"""Which interface a host is managed by."""

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.networks import addressing, pifs
from labkit.sim.xapi.places import address_of, become_slave, system_of


def usable(db: Database, pif: str) -> None:
    """Raises CANNOT_PLUG_BOND_SLAVE, PIF_HAS_NO_NETWORK_CONFIGURATION or
    PIF_HAS_NO_V6_NETWORK_CONFIGURATION for an interface no host can be managed by."""
    if pifs.is_bonded(db, pif):
        raise Failure("CANNOT_PLUG_BOND_SLAVE", pif)
    record = db.record("PIF", pif)
    if record["primary_address_type"] == "IPv6":
        if record["ipv6_configuration_mode"] == "None":
            raise Failure("PIF_HAS_NO_V6_NETWORK_CONFIGURATION", pif)
    elif record["ip_configuration_mode"] == "None":
        raise Failure("PIF_HAS_NO_NETWORK_CONFIGURATION", pif)


def reconfigure(world: World, db: Database, machine: SimMachine, pif: str) -> None:
    """Manage a host by another of its interfaces. Raises INTERFACE_HAS_NO_IP, and leaves it as it
    was, when that one has no address after all."""
    usable(db, pif)
    pifs.bring_up(db, pif)
    addressing.obtain(world, db, machine, pif)
    if not db.get("PIF", pif, "IP"):
        bridge = db.get("network", db.get("PIF", pif, "network"), "bridge")
        raise Failure("INTERFACE_HAS_NO_IP", bridge)
    move(db, machine, pif)


def move(db: Database, machine: SimMachine, pif: str) -> None:
    """Whatever it was managed by before."""
    host = db.get("PIF", pif, "host")
    addressing.answer_nowhere(db, machine, host)
    db.put("PIF", pif, management=True)
    pifs.bring_up(db, pif)
    addressing.answer_at(db, machine, pif)


def follow(slaves: list[SimMachine], master: SimMachine) -> None:
    """The slaves learn where their master answers now."""
    for slave in slaves:
        become_slave(slave, address_of(system_of(master)))
