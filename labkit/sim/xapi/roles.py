"""The six roles of XAPI, the same everywhere. What each permits is not pretended: root, the only
one who can log in, may do everything."""

from functools import cache
from typing import Any

from labkit.sim.xapi.database import Database

_ROLES = {
    "pool-admin": (
        "0165f154-ba3e-034e-6b27-5d271af109ba",
        "Can do everything, also what changes who can do what",
    ),
    "pool-operator": (
        "b9ce9791-0604-50cd-0649-09b3284c7dfd",
        "Can run hosts, storage and networks of the pool, but not its users",
    ),
    "vm-power-admin": (
        "7955168d-7bec-10ed-105f-c6a7e6e63249",
        "Can do everything with VMs, snapshots with memory and migration included",
    ),
    "vm-admin": (
        "aaa00ab5-7340-bfbc-0d1b-7cf342639a6e",
        "Can make VMs and change them",
    ),
    "vm-operator": (
        "fb8d4ff9-310c-a959-0613-54101535d3d5",
        "Can switch VMs on and off and see their screens",
    ),
    "read-only": (
        "7233b8e3-eacb-d7da-2c95-f2e581cdbf4e",
        "Can look",
    ),
}


@cache
def roles_of(generation: str) -> Database:
    """The roles, which are in no pool's records."""
    table: dict[str, dict[str, Any]] = {
        f"OpaqueRef:{uuid}": {"uuid": uuid, "name_label": name, "name_description": text}
        for name, (uuid, text) in _ROLES.items()
    }
    return Database({"role": table}, {}, generation)
