"""Memory: what a VM takes of its host, and what a host has left."""

import math
from typing import Any

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.vms.lifecycle import domain_type

MIB = 1024 * 1024
_LIMITS = (
    ("memory_static_min", "memory_dynamic_min"),
    ("memory_dynamic_min", "memory_dynamic_max"),
    ("memory_dynamic_max", "memory_static_max"),
)


def overhead(db: Database, vm: str, static_max: int | None = None) -> int:
    """What Xen takes for itself to run a VM: tables of its memory, and its screen's. What it
    would take were its memory another is told by `static_max`."""

    def of(field: str) -> Any:
        return db.get("VM", vm, field)

    if of("is_control_domain"):
        return 0
    if domain_type(db, vm) == "pv":
        return MIB
    most: int = of("memory_static_max") if static_max is None else static_max
    tables = most / MIB / 128 + int(of("VCPUs_max"))
    return (3 + math.ceil(tables * float(of("HVM_shadow_multiplier")))) * MIB


def free(db: Database, host: str) -> int:
    """What a host could give to a new VM when all of its VMs made do with their least."""
    return max(0, _total(db, host) - _taken(db, host, "memory_dynamic_min"))


def of(db: Database, host: str) -> list[str]:
    """The VMs that take memory of a host, or are about to."""
    coming = [
        vm
        for vm in db.where("VM", scheduled_to_be_resident_on=host)
        if db.get("VM", vm, "resident_on") != host
    ]
    return [*db.where("VM", resident_on=host), *coming]


def account(db: Database, host: str) -> None:
    """Write down what a host has left, after its VMs changed."""
    if not db.has("host", host):
        return
    left = max(0, _total(db, host) - _taken(db, host, "memory_target"))
    db.put("host_metrics", db.get("host", host, "metrics"), memory_free=left)


def _total(db: Database, host: str) -> int:
    return int(db.get("host_metrics", db.get("host", host, "metrics"), "memory_total"))


def _taken(db: Database, host: str, by: str) -> int:
    return sum(int(db.get("VM", vm, by)) + overhead(db, vm) for vm in of(db, host))


def note(db: Database, vm: str) -> None:
    """Write down a VM's overhead, and what it is to be given, after its limits changed."""
    most = db.get("VM", vm, "memory_dynamic_max")
    db.put("VM", vm, memory_overhead=overhead(db, vm), memory_target=most)


def assert_ordered(db: Database, vm: str, **changed: int) -> None:
    """Raises MEMORY_CONSTRAINT_VIOLATION unless the limits enclose one another."""
    limits = {name: db.get("VM", vm, name) for pair in _LIMITS for name in pair} | changed
    if limits["memory_static_min"] < 0 or any(
        limits[less] > limits[more] for less, more in _LIMITS
    ):
        raise Failure(
            "MEMORY_CONSTRAINT_VIOLATION",
            "Memory limits must satisfy: static_min \u2264 dynamic_min \u2264 dynamic_max "
            "\u2264 static_max",
        )
