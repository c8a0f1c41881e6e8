"""Answering for all hosts of a world at once, for as long as somebody wants it.

Commands reach the hosts they have business with; here every host is listened for from the
moment it has an operating system until its machine is gone, also when other programs make and
remove them meanwhile.
"""

import contextlib
import errno
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import LabError
from labkit.sim.store import Store
from labkit.sim.world import SimMachine, World
from labkit.sim.xapi import certificates
from labkit.sim.xapi.listener import Listener
from labkit.sim.xapi.places import address_of, system_of
from labkit.sim.xapi.server import Servers

_LOOK = 0.1
"""Real seconds between two looks for new hosts."""
_FILES = 10_000
"""Files that may be open at once, where the computer lets them."""
_PORTS = 2
"""Ports of a host: HTTP, and HTTPS beside it."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a host is reached."""

    host: str
    address: str
    """Its management address, which is not one of this computer's."""
    http: str
    https: str
    outside: tuple[str, ...]
    """URLs at the address that was asked for by name."""
    root_hash: str


Tell = Callable[[str, Way | LabError], None]
"""Told `up` or `gone` and which host; or `failed` and why."""


class Serving:
    """Listens for every host, and goes with the times."""

    def __init__(self, store: Store, servers: Servers, *, outside: str, tell: Tell) -> None:
        self._store = store
        self._servers = servers
        self._https = servers.https_port is not None
        self._outside = outside
        self._tell = tell
        self._ways: dict[str, Way] = {}
        self._listeners: dict[str, list[Listener]] = {}
        self._shown: dict[str, tuple[ssl.SSLContext, str]] = {}
        """The certificate each host shows."""
        self._numbers: dict[str, int] = {}
        self._failed: set[str] = set()
        self._closed = threading.Event()
        with store.turn(reading=True) as world:
            self._port = world.port
        self.look()
        _let_many_in()
        self._follower = threading.Thread(target=self._follow, name="pretend hosts", daemon=True)
        self._follower.start()

    @property
    def ways(self) -> tuple[Way, ...]:
        """How the hosts are reached that there are now."""
        return tuple(self._ways.values())

    def close(self) -> None:
        """Let nobody be reached any more."""
        self._closed.set()
        self._follower.join()
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.close()

    def look(self) -> None:
        """Listen for whoever is new, and no longer for who is gone."""
        with self._store.turn(reading=True) as world:
            there = {address_of(system_of(m)): (m.name, _way(m)) for m in _hosts(world)}
            lacking = self._https and any(
                not self._certified(machine) or not certificates.told(world, machine)
                for machine in _hosts(world)
            )
        if lacking:
            self._certify()
        for loopback in sorted(self._ways.keys() - there.keys()):
            self._servers.leave(loopback)
            for listener in self._listeners.pop(loopback, ()):
                listener.close()
            self._tell("gone", self._ways.pop(loopback))
        for loopback, (machine, way) in there.items():
            try:
                ready = not self._https or self._show_certificate(loopback, machine)
                if ready and loopback not in self._ways:
                    self._open(loopback, way)
            except LabError as failed:
                # Told once; it may go better later.
                if loopback not in self._failed:
                    self._failed.add(loopback)
                    self._tell("failed", failed)

    def _follow(self) -> None:
        told = ""
        while not self._closed.wait(_LOOK):
            try:
                self.look()
            except LabError as failed:
                if str(failed) != told:
                    self._tell("failed", failed)
                told = str(failed)
            else:
                told = ""

    def _open(self, loopback: str, way: Way) -> None:
        http = self._servers.reach(way.address)
        number = self._numbers.setdefault(loopback, len(self._numbers))
        wanted = [(loopback, self._port + 1, True)] if self._https else []
        if self._outside:
            first = self._port + _PORTS * number
            wanted.append((self._outside, first, False))
            wanted.extend([(self._outside, first + 1, True)] if self._https else [])
        opened: list[Listener] = []
        urls = []
        for address, port, secure in wanted:
            tls = self._shown[loopback][0] if secure else None
            try:
                secured = port + 1 if self._https else None
                opened.append(self._servers.also(loopback, address, port, tls, secured))
            except (OSError, OverflowError) as cause:
                for listener in opened:
                    listener.close()
                taken = isinstance(cause, OSError) and cause.errno == errno.EADDRINUSE
                raise LabError(
                    f"Nothing can listen at {address}, port {port}, for {way.host}.",
                    details="Another program does." if taken else str(cause),
                    hint="End that program, or choose another `--port`.",
                ) from cause
            urls.append(f"{'https' if secure else 'http'}://{address}:{port}")
        self._listeners[loopback] = opened
        self._failed.discard(loopback)
        outside = tuple(url for url in urls if f"//{loopback}:" not in url)
        https = next((url for url in urls if url not in outside), "")
        made = Way(way.host, way.address, http, https, outside, way.root_hash)
        self._ways[loopback] = made
        self._tell("up", made)

    def _certify(self) -> None:
        """Give every host a certificate, and tell of it in the records."""
        with self._store.turn() as world:
            for machine in _hosts(world):
                if not self._certified(machine):
                    system_of(machine).certificate = certificates.needed(machine, self._outside)
                if not certificates.told(world, machine):
                    certificates.tell(world, machine)

    def _certified(self, machine: SimMachine) -> bool:
        system = system_of(machine)
        return certificates.covers(system.certificate, address_of(system), self._outside)

    def _show_certificate(self, loopback: str, machine: str) -> bool:
        """Whether there is one to show: a machine may just be gone."""
        with self._store.turn(reading=True) as world:
            found = world.machines.get(machine)
            pem = system_of(found).certificate if found is not None and _is_host(found) else ""
        context, shown = self._shown.get(loopback, (None, ""))
        if not pem or shown == pem:
            return bool(pem)
        if context is None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # The standard library reads keys from files only.
        with tempfile.TemporaryDirectory(prefix="labkit-") as folder:
            file = Path(folder) / "host.pem"
            file.write_text(pem, encoding="ascii")
            context.load_cert_chain(file)
        self._shown[loopback] = (context, pem)
        return True


def _let_many_in() -> None:
    """A connection is an open file, and programs begin with leave for a thousand on many a
    computer."""
    if sys.platform != "win32":
        import resource

        mine, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _FILES if most == resource.RLIM_INFINITY else min(_FILES, most)
        if mine != resource.RLIM_INFINITY and mine < wanted:
            # macOS promises more than it gives.
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _is_host(machine: SimMachine) -> bool:
    """Whether XCP-ng has come up on the machine once: golden machines never have."""
    system = machine.disk.system
    if system is None or not address_of(system):
        return False
    return system.database is not None or system.pool_conf != "master"


def _hosts(world: World) -> list[SimMachine]:
    return [machine for machine in world.machines.values() if _is_host(machine)]


def _way(machine: SimMachine) -> Way:
    system = system_of(machine)
    address = str(system.management["address"])
    return Way(system.hostname, address, "", "", (), system.root_hash)
