"""Pretend pools of any size, served by a program of their own as `labkit sim serve` does."""

import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labkit.sim.held import HeldStore
from labkit.sim.world import World
from labkit.sim.xapi import dispatch, node
from labkit.sim.xapi.kinds import Answer
from labkit.sim.xapi.places import database_of, memory_of
from labkit.sim.xapi.server import Servers
from tests.sim.xapi.conftest import PASSWORD, installed

MASTER = "192.168.1.1"


@contextmanager
def served(folder: Path, *, hosts: int, vms: int) -> Iterator[tuple[str, int]]:
    """A pool in a program of its own: the URL of its master, and the program's number."""
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.pretend_pool", str(folder), str(hosts), str(vms)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdin is not None
    assert program.stdout is not None
    try:
        yield program.stdout.readline().strip(), program.pid
    finally:
        program.stdin.close()
        program.wait(60)
        program.stdout.close()


def main(folder: Path, hosts: int, vms: int) -> None:
    store = HeldStore(folder, 1.0)
    servers = Servers(store)
    with store.turn() as world:
        _fill(world, hosts)
        with_vms(world, vms)
    print(servers.reach(MASTER), flush=True)
    sys.stdin.read()
    servers.close()
    store.close()


def _fill(world: World, hosts: int) -> None:
    for number in range(hosts):
        name = f"xcp{number:02}"
        machine = installed(name, f"192.168.1.{number + 1}")
        machine.hardware_uuid = str(uuid.uuid4())
        world.machines[name] = machine
        node.first_boot(world, machine)
        node.xapi_starting(world, machine)
        world.settle(60)
        if number:
            login = ["root", PASSWORD, "1.0", "bench"]
            session = dispatch.call(world, machine, "session.login_with_password", login)
            assert isinstance(session, Answer)
            join = [session.value, MASTER, "root", PASSWORD]
            dispatch.call(world, machine, "Async.pool.join", join)
            world.settle(60)
            assert memory_of(machine).xapi == "up"


def with_vms(world: World, vms: int) -> None:
    """Halted machines with a disk and an interface each."""
    db = database_of(world.machines["xcp00"])
    sr = db.refs("SR")[0]
    network = db.refs("network")[0]
    for number in range(vms):
        vm = db.create("VM", name_label=f"vm{number}", power_state="Halted", is_a_template=False)
        disk = db.create("VDI", name_label=f"vm{number} disk", SR=sr, virtual_size=2**30)
        db.create("VBD", VM=vm, VDI=disk, userdevice="0", mode="RW", type="Disk")
        db.create("VIF", VM=vm, network=network, device="0")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
