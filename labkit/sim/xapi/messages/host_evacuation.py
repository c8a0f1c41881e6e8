"""host: emptying one, as it is done before it is switched off."""

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi import busy, evacuation, operations
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure, Later
from labkit.sim.xapi.kinds import NULL

_MOVE = 5.0
"""Seconds a VM takes to move."""


@message("host.evacuate")
def evacuate(call: Call, host: str, network: str = NULL, batch: int = 0) -> Later:
    call.db.get("host", host, "uuid")
    if network != NULL:
        call.db.get("network", network, "uuid")
    busy.assert_host_may(call.db, host, "evacuate")
    moves, stuck = evacuation.plan(call.db, host)
    for failure in stuck.values():
        raise failure
    then = "host is evacuated"
    seconds = _MOVE * max(1, len(moves))
    return operations.go_on(call, "host", host, "evacuate", seconds, then, host=host)


@operations.ending("host is evacuated")
def _evacuated(world: World, machine: SimMachine, db: Database, host: str) -> None:
    # Planned anew: a VM or a host may be gone by now.
    moves, stuck = evacuation.plan(db, host)
    for vm, target in moves.items():
        evacuation.move(world, machine, db, vm, target)
    for failure in stuck.values():
        raise failure


@message("host.assert_can_evacuate")
def assert_can_evacuate(call: Call, host: str) -> None:
    call.db.get("host", host, "uuid")
    stuck = evacuation.plan(call.db, host)[1].values()
    if stuck:
        told = "|".join(",".join(failure.description) for failure in stuck)
        raise Failure("CANNOT_EVACUATE_HOST", told)


@message("host.get_vms_which_prevent_evacuation")
def get_vms_which_prevent_evacuation(call: Call, host: str) -> dict[str, list[str]]:
    call.db.get("host", host, "uuid")
    stuck = evacuation.plan(call.db, host)[1]
    return {vm: failure.description for vm, failure in stuck.items()}


@message("host.get_uncooperative_resident_VMs")
def get_uncooperative_resident_vms(call: Call, host: str) -> list[str]:
    """Pretend VMs give memory back whenever they are asked."""
    call.db.get("host", host, "uuid")
    return []
