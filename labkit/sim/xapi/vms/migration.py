"""XenMotion: moving a running VM to another host of its pool.

For whoever empties a host, too: `assert_can_move` says why a VM cannot go there, and
`vm_life.moves` is the move itself.
"""

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.vms.boot_checks import assert_can_boot_here, assert_cpu
from labkit.sim.xapi.vms.lifecycle import HALTED, assert_possible

_RATE = 128.0
"""MiB of memory a second that go over the wire."""
_PAUSE = 2.0


def assert_can_move(
    db: Database, vm: str, host: str, *, operation: str = "pool_migrate", force: bool = False
) -> None:
    """Raises why a VM cannot be moved there."""
    if not force and db.get("VM", vm, "power_state") != HALTED:
        assert_cpu(db, vm, host)
    assert_possible(db, vm, operation, strict=not force)
    if db.get("VM", vm, "resident_on") != host:
        assert_can_boot_here(db, vm, host, cpu=False)


def seconds_to_move(db: Database, vm: str) -> float:
    """How long the move takes."""
    return _PAUSE + float(db.get("VM", vm, "memory_target")) / 2**20 / _RATE
