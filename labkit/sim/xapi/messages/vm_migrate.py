"""VM: moving from host to host, with its disks where they are, or along with it."""

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Later
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.messages.vm_power import tell
from labkit.sim.xapi.operations import cancelling, ending, go_on
from labkit.sim.xapi.pools import Pool
from labkit.sim.xapi.vms import life as vm_life
from labkit.sim.xapi.vms.migration import assert_can_move, seconds_to_move


@message("VM.pool_migrate")
def pool_migrate(call: Call, vm: str, host: str, options: dict[str, str]) -> Later:
    db = call.db
    db.get("host", host, "uuid")
    assert_can_move(db, vm, host, force=options.get("force") == "true")
    vm_life.assert_reached(Pool.of(call), vm)
    vm_life.reserve(db, vm, host)
    seconds = seconds_to_move(db, vm)
    return go_on(call, "VM", vm, "pool_migrate", seconds, "vm moves", vm=vm, host=host)


@ending("vm moves")
def _moved(world: World, home: SimMachine, db: Database, vm: str, host: str) -> None:
    pool = Pool(world, home, db)
    before = db.get("VM", vm, "resident_on")
    vm_life.moves(pool, vm, host)
    vm_life.reserve(db, vm, NULL)
    tell(pool, vm, "VM_MIGRATED", _from_to(db, vm, before, host))


@cancelling("vm moves")
def _not_moved(world: World, home: SimMachine, db: Database, vm: str, host: str) -> None:
    vm_life.reserve(db, vm, NULL)


def _from_to(db: Database, vm: str, before: str, host: str) -> str:
    name, there = db.get("VM", vm, "name_label"), db.get("host", host, "name_label")
    here = db.get("host", before, "name_label") if db.has("host", before) else "nowhere"
    return f"VM '{name}' has migrated from '{here}' to '{there}'"
