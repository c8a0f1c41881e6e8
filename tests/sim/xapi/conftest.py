"""Two installed hosts that run, in a world of their own, and the stock client to talk to them.

Time stands nearly still unless a test lets it pass, so that every moment of a join can be seen.
"""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import XenAPI

from labkit.sha512crypt import hash_password
from labkit.sim.installed import Disk, System
from labkit.sim.store import Store
from labkit.sim.world import Memory, SimMachine, World
from labkit.sim.xapi import node
from labkit.sim.xapi.server import Servers

PASSWORD = "opensesame"
_HASH = hash_password(PASSWORD, rounds=1000)
ADDRESSES = {"xcp00": "192.168.1.200", "xcp01": "192.168.1.201", "xcp02": "192.168.1.202"}


def installed(name: str, address: str, generation: str = "xcp-ng-8.3") -> SimMachine:
    """A machine with XCP-ng on its disk that has just been switched on."""
    number = int(address.rpartition(".")[2])
    system = System(
        generation=generation,
        inventory={
            "INSTALLATION_UUID": str(uuid.uuid4()),
            "CONTROL_DOMAIN_UUID": str(uuid.uuid4()),
            "PRODUCT_BRAND": "XCP-ng",
            "PRODUCT_VERSION": "8.3.0",
        },
        hostname=name,
        management={
            "interface": "eth0",
            "mode": "static",
            "address": address,
            "netmask": "255.255.255.0",
            "gateway": "192.168.1.1",
            "dns": ["192.168.1.1"],
        },
        root_hash=_HASH,
        sr_type="ext",
    )
    return SimMachine(
        name=name,
        uuid=str(uuid.uuid4()),
        hardware_uuid=system.inventory["INSTALLATION_UUID"],
        folder=f"/labs/{name}",
        group="/labkit/test",
        cpus=2,
        memory_mib=4096,
        nested=True,
        firmware="bios",
        adapters=[{"mac": f"080027{number:04X}{slot:02X}", "attachment": "nat"} for slot in (0, 1)],
        labels={},
        disk=Disk(64 * 1024, system),
        power="running",
        memory=Memory(),
    )


class Computer:
    """The world, its servers and whoever is logged in."""

    def __init__(self, folder: Path, speed: float) -> None:
        self.store = Store(folder, speed)
        self.servers = Servers(self.store)
        self._sessions: list[Any] = []

    def add(self, name: str, generation: str = "xcp-ng-8.3") -> None:
        """One more installed host, up and enabled."""
        machine = installed(name, ADDRESSES[name], generation)
        with self.store.turn() as world:
            world.machines[name] = machine
            node.first_boot(world, machine)
            node.xapi_starting(world, machine)
            world.settle(60)

    def passes(self, seconds: float) -> World:
        """Let time pass."""
        with self.store.turn() as world:
            world.settle(seconds)
            return world

    def machine(self, name: str) -> SimMachine:
        with self.store.turn(reading=True) as world:
            return world.machines[name]

    def url(self, name: str) -> str:
        return self.servers.reach(ADDRESSES[name])

    def client(self, name: str) -> Any:
        """The stock client, not logged in."""
        session = XenAPI.Session(self.url(name))
        self._sessions.append(session)
        return session

    def login(self, name: str, password: str = PASSWORD) -> Any:
        """A session's `xenapi`."""
        session = self.client(name)
        session.xenapi.login_with_password("root", password, "1.0", "test")
        return session.xenapi

    def close(self) -> None:
        for session in self._sessions:
            session("close")()
        self.servers.close()


@pytest.fixture
def computer(tmp_path: Path) -> Iterator[Computer]:
    """xcp00 and xcp01, each a pool of its own."""
    found = Computer(tmp_path / "sim", speed=0.001)
    found.add("xcp00")
    found.add("xcp01")
    yield found
    found.close()


@pytest.fixture
def fast(tmp_path: Path) -> Iterator[Computer]:
    """The same, with time as fast as on the command line."""
    found = Computer(tmp_path / "sim", speed=600.0)
    found.add("xcp00")
    found.add("xcp01")
    yield found
    found.close()


@pytest.fixture
def pool(computer: Computer) -> Computer:
    """The same, with xcp01 a member of xcp00's pool."""
    computer.login("xcp01").Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    computer.passes(60)
    return computer


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--regenerate-wire", action="store_true", help="write the answers of the wire anew"
    )
