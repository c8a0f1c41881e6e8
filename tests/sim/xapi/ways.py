"""Two ways to the same pretend hosts: straight into the dispatcher, and over HTTP."""

import http.client
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labkit.sim.store import Store
from labkit.sim.world import World
from labkit.sim.xapi import dispatch, node
from labkit.sim.xapi.datamodel import model_of
from labkit.sim.xapi.failures import Delayed, Failure, NoAnswer
from labkit.sim.xapi.kinds import Answer
from labkit.sim.xapi.server import Servers
from labkit.sim.xapi.wire import jsonrpc
from tests.sim.xapi.conftest import ADDRESSES, installed

_GENERATION = "xcp-ng-8.3"


class Refused(Exception):
    """XAPI said no, with a code and its parameters."""


class Straight:
    """Into the dispatcher of a world in memory. What is answered later is not waited for."""

    def __init__(self) -> None:
        self.world = World(port=0)
        for name, address in ADDRESSES.items():
            machine = self.world.machines[name] = installed(name, address)
            node.first_boot(self.world, machine)
            node.xapi_starting(self.world, machine)
        self.world.settle(60)

    @contextmanager
    def turn(self) -> Iterator[World]:
        yield self.world

    def ask(self, name: str, method: str, *params: Any) -> Any:
        """The value as JSON has it. Raises `Refused`; None: nobody answered yet, or at all."""
        machine = self.world.machines[name]
        if machine.memory is None or machine.power != "running":
            return None
        try:
            answer = dispatch.call(self.world, machine, method, params)
        except Failure as failure:
            raise Refused(*failure.description) from None
        except Delayed as late:
            raise Refused(*late.failure.description) from None
        except NoAnswer:
            return None
        if not isinstance(answer, Answer):
            return None
        return jsonrpc.show(answer.kind, answer.value, model_of(_GENERATION))

    def close(self) -> None:
        """Nothing is left behind."""


class OverHttp(Straight):
    """As clients do, in JSON-RPC. Time stands nearly still."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp())
        self._store = Store(self._folder, speed=0.001)
        with self._store.turn() as world:
            world.machines.update(self.world.machines)
            world.settle(self.world.now)
        self._servers = Servers(self._store)
        self._lines: dict[str, http.client.HTTPConnection] = {}
        for name, address in ADDRESSES.items():
            host = self._servers.reach(address).removeprefix("http://")
            self._lines[name] = http.client.HTTPConnection(host, timeout=30)

    @contextmanager
    def turn(self) -> Iterator[World]:
        with self._store.turn() as world:
            yield world

    def ask(self, name: str, method: str, *params: Any) -> Any:
        line = self._lines[name]
        tree = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
        try:
            line.request("POST", "/jsonrpc", json.dumps(tree))
            answer = json.loads(line.getresponse().read())
        except (OSError, http.client.HTTPException):
            line.close()
            return None
        if "error" in answer:
            raise Refused(answer["error"]["message"], *answer["error"]["data"])
        return answer["result"]

    def close(self) -> None:
        for line in self._lines.values():
            line.close()
        self._servers.close()
        shutil.rmtree(self._folder)
