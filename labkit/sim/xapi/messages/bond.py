"""Bond: several interfaces of a host as one."""

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.networks import bonds, pifs


@message("Bond.create")
def create(
    call: Call,
    network: str,
    members: list[str],
    mac: str,
    mode: str = "balance-slb",
    properties: dict[str, str] | None = None,
) -> str:
    db, given = call.db, properties or {}
    members = list(dict.fromkeys(members))
    if not members:
        raise Failure("PIF_BOND_NEEDS_MORE_MEMBERS")
    machine = pifs.reached(call, members[0])
    for name, value in given.items():
        bonds.check_property(mode, name, value)
    bonds.check(db, network, members, mac)
    return bonds.create(db, machine, network, members, mac, mode, given)


@message("Bond.destroy")
def destroy(call: Call, bond: str) -> None:
    machine = pifs.reached(call, call.db.get("Bond", bond, "master"))
    bonds.destroy(call.db, machine, bond)


@message("Bond.set_mode")
def set_mode(call: Call, bond: str, mode: str) -> None:
    master = call.db.get("Bond", bond, "master")
    pifs.reached(call, master)
    kept = call.db.get("Bond", bond, "properties")
    call.db.put("Bond", bond, mode=mode, properties=bonds.properties(mode, kept))
    pifs.bring_up(call.db, master)


@message("Bond.set_property")
def set_property(call: Call, bond: str, name: str, value: str) -> None:
    record = call.db.record("Bond", bond)
    pifs.reached(call, record["master"])
    bonds.check_property(record["mode"], name, value)
    call.db.put("Bond", bond, properties={**record["properties"], name: value})
    pifs.bring_up(call.db, record["master"])
