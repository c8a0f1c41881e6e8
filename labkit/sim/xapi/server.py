"""The XAPI of all the hosts of a world, each at a loopback address of its own.

A program listens for the hosts it reaches for as long as it runs. Two programs in one world
share the work: who finds an address taken by the other leaves it to him, and takes over when
he ends.
"""

import errno
import hashlib
import http.client
import logging
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from labkit.errors import ComputerError, LabError
from labkit.sim.store import Store
from labkit.sim.world import SimMachine, World
from labkit.sim.xapi import dispatch, tasks
from labkit.sim.xapi.addresses import is_address, stand_in
from labkit.sim.xapi.datamodel import Model, model_of
from labkit.sim.xapi.events import Following
from labkit.sim.xapi.failures import Delayed, Failure, Later, NoAnswer
from labkit.sim.xapi.herald import Herald
from labkit.sim.xapi.kinds import Kind
from labkit.sim.xapi.listener import Listener, Post
from labkit.sim.xapi.pages import WORLD_PATH, Page, is_json, problem
from labkit.sim.xapi.places import host_at, memory_of, system_of
from labkit.sim.xapi.trouble import Hanging, Trouble
from labkit.sim.xapi.wire import Call, Malformed, jsonrpc, xmlrpc

_log = logging.getLogger(__name__)

_LOOK_AGAIN = 0.01
"""Real seconds between two looks at a call that takes its time."""
_TAKE_OVER = 0.2
"""Real seconds between two tries to listen where another program does."""


Show = Callable[[Kind, Any, Model], Any]
"""How a wire shows a value of a type."""


class Servers:
    """Makes the hosts of a world answer."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # Only programs that keep the same file are in the same world.
        self._id = hashlib.sha256(str(store.folder.resolve()).encode()).hexdigest()
        self._listeners: dict[str, Listener] = {}
        self._elsewhere: set[str] = set()
        """Addresses another program of this world listens at."""
        self._guard = threading.RLock()
        self._closed = threading.Event()
        self._herald = Herald(store)
        self.https_port: int | None = None
        """Where hosts are served by HTTPS as well, if they are."""

    def reach(self, address: str) -> str:
        """The URL of the XAPI of the host with this management address.

        Raises `LabError` when the address cannot be told from another host's, or nobody can
        listen there.
        """
        there = stand_in(address)
        with self._store.turn(reading=True) as world:
            port = world.port
            others = {address, *_alike(world, there)} - {there}
        if len(others) > 1:
            raise LabError(
                "Two hosts cannot be told apart on the pretend computer.",
                details=f"{' and '.join(sorted(others))} both answer at {there} there.",
                hint="Give one of them an address whose last two numbers differ.",
            )
        with self._guard:
            if there not in self._listeners:
                self._listen(there, port)
        return f"http://{there}:{port}"

    def leave(self, there: str) -> None:
        """Stop answering at a loopback address, where no host is any more."""
        with self._guard:
            self._elsewhere.discard(there)
            if there in self._listeners:
                self._listeners.pop(there).close()

    def also(
        self,
        there: str,
        address: str,
        port: int,
        tls: ssl.SSLContext | None,
        https_port: int | None,
    ) -> Listener:
        """Answer for the host at a loopback address at another address or port as well. Raises
        `OSError`."""
        post = self._poster(there)
        return Listener(address, port, self._id, post, tls=tls, https_port=https_port)

    def close(self) -> None:
        """Stop answering."""
        self._closed.set()
        self._herald.close()
        with self._guard:
            for listener in self._listeners.values():
                listener.close()
            self._listeners.clear()

    def _listen(self, there: str, port: int, *, again: bool = True) -> None:
        post = self._poster(there)
        try:
            self._listeners[there] = Listener(
                there, port, self._id, post, https_port=self.https_port
            )
            self._elsewhere.discard(there)
        except OSError as cause:
            # Windows says EACCES when the other one insists on being alone.
            if cause.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise ComputerError(
                    f"Nothing can listen at {there} for a pretend host.",
                    details=str(cause),
                    hint=f"On macOS run `sudo ifconfig lo0 alias {there} up` first.",
                ) from cause
            world = _world_at(there, port)
            if not world and again:
                # Most likely it has just ended.
                self._listen(there, port, again=False)
                return
            if world != self._id:
                raise LabError(
                    f"Something else listens at {there}, port {port}, for a pretend host.",
                    details="It is not a program of labkit's with the same pretend computer.",
                    hint="End that program, then run the same command again.",
                ) from cause
            if not self._elsewhere:
                threading.Thread(target=self._take_over, args=(port,), daemon=True).start()
            self._elsewhere.add(there)

    def _take_over(self, port: int) -> None:
        """Go on listening where another program ends."""
        while not self._closed.wait(_TAKE_OVER):
            with self._guard:
                for there in sorted(self._elsewhere):
                    if self._closed.is_set():
                        return
                    try:
                        self._listen(there, port)
                    except LabError as unheard:
                        # Who calls `reach` is told; here the next try may go better.
                        _log.debug("%s", unheard)
                if not self._elsewhere:
                    return

    def _poster(self, there: str) -> Post:
        return lambda path, body: self._post(there, path, body)

    def _post(self, there: str, path: str, body: bytes) -> Page:
        json = is_json(path)
        try:
            call = jsonrpc.read(body) if json else xmlrpc.read(body)
        except Malformed as reason:
            return problem(500, f"{reason}.")
        wire = jsonrpc if json else xmlrpc
        trouble = Trouble(self._store, self._wait)
        try:
            shown = self._answer(there, call, wire.show, trouble)
        except Failure as failure:
            told = failure.description
            text = jsonrpc.failure(call, told) if json else xmlrpc.failure(told)
        else:
            if json:
                text = jsonrpc.success(call, shown)
            elif call.method == "system.listMethods":
                text = xmlrpc.bare(shown)
            else:
                text = xmlrpc.success(shown)
        half = trouble.after()
        return Page(200, "application/json" if json else "text/xml", text, half=half)

    def _answer(self, there: str, call: Call, show: Show, trouble: Trouble) -> Any:
        began, asked = time.monotonic(), call.params
        while True:
            name, answer = self._asked(there, call, show, trouble)
            if isinstance(answer, Later):
                return self._outcome(answer.home or name, call.method, answer.task, show)
            if not isinstance(answer, Following):
                return answer
            self._follow(answer)
            if answer.timeout is not None:
                # The same question again, of which by then so much time is left.
                passed = time.monotonic() - began
                call = replace(call, params=[*asked[:-1], float(asked[-1]) - passed])

    def _asked(self, there: str, call: Call, show: Show, trouble: Trouble) -> tuple[str, Any]:
        """Ask once: the host's machine, and the answer as it is shown, or what it will come
        from."""
        try:
            with self._store.turn(reading=dispatch.only_looks(call.method)) as world:
                machine = host_at(world, there)
                if machine is None:
                    raise NoAnswer
                name, now = machine.name, world.now
                if world.faults:
                    trouble.before(world, machine, call.method)
                answer = dispatch.call(world, machine, call.method, call.params)
                if isinstance(answer, (Later, Following)):
                    return name, answer
                # Now, since in the next turn the records may say something else.
                return name, show(answer.kind, answer.value, _model(machine))
        except Delayed as late:
            self._wait(now + late.seconds)
            raise late.failure from None
        except Hanging as hanging:
            self._wait(now + hanging.seconds)
            return self._asked(there, call, show, trouble)
        except (Failure, NoAnswer):
            raise
        except Exception as bug:
            _log.exception("the pretend XAPI failed in %s", call.method)
            raise Failure("INTERNAL_ERROR", type(bug).__name__) from bug

    def _follow(self, following: Following) -> None:
        """Wait for something to happen. Nobody answers when the host's XAPI goes meanwhile."""
        self._herald.wait(following, following.timeout)
        if self._closed.is_set():
            raise NoAnswer
        with self._store.turn(reading=True) as world:
            for name in (following.host, following.home):
                machine = world.machines.get(name)
                if machine is None or machine.memory is None or machine.memory.xapi != "up":
                    raise NoAnswer

    def _wait(self, until: float) -> None:
        """Let the world's time pass: its turns go to others meanwhile."""
        while not self._closed.is_set():
            with self._store.turn(reading=True) as world:
                left = until - world.now
            if left <= 0:
                return
            time.sleep(min(left / self._store.speed, 0.1))

    def _outcome(self, name: str, method: str, task: str, show: Show) -> Any:
        """Wait for the end of a call that takes its time. Nobody answers when its host goes off."""
        while not self._closed.wait(_LOOK_AGAIN):
            with self._store.turn(reading=True) as world:
                if tasks.reply(world, name, task) is None:
                    continue
            with self._store.turn() as world:
                outcome = tasks.reply(world, name, task)
                if not outcome:
                    break
                machine = world.machines[name]
                del memory_of(machine).replies[task]
                model = _model(machine)
            if "failure" in outcome:
                raise Failure(*outcome["failure"])
            answer = dispatch.told(model, method, outcome["value"])
            return show(answer.kind, answer.value, model)
        raise NoAnswer


def _model(machine: SimMachine) -> Model:
    return model_of(system_of(machine).generation)


def _alike(world: World, there: str) -> set[str]:
    """Management addresses of hosts that the same loopback address stands for."""
    addresses = (
        str(machine.disk.system.management.get("address") or "")
        for machine in world.machines.values()
        if machine.disk.system is not None
    )
    return {address for address in addresses if is_address(address) and stand_in(address) == there}


def _world_at(there: str, port: int) -> str:
    """Which world the server at an address says it belongs to; empty when it does not say."""
    connection = http.client.HTTPConnection(there, port, timeout=5)
    try:
        connection.request("GET", WORLD_PATH)
        return connection.getresponse().read(1024).decode("ascii", "replace")
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()
