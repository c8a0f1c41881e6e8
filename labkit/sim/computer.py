"""The pretend computer: a VirtualBox, a clock, a network and a stand-in ISO in one folder.

Opening it is cheap, since every command does; what is slow is done when it is asked for.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.errors import ScenarioError
from labkit.sim import folder as folders
from labkit.sim.clock import SimClock
from labkit.sim.driver import SimDriver
from labkit.sim.held import HeldStore
from labkit.sim.store import Store

if TYPE_CHECKING:
    from labkit.sim.xapi.server import Servers
    from labkit.sim.xapi.serving import Serving, Tell

_SPEED = 600.0
"""An installation of eight minutes in less than a second."""
_SERVED_SPEED = 10.0
"""For people with other clients: a host boots in seconds, and a session lasts for hours."""
_FAULTS = "LABKIT_SIM_FAULTS"
_ISOS = {
    "xcp-1.6": "XCP-1.6-61809c.iso",
    "xcp-ng-8.2": "xcp-ng-8.2.1.iso",
    "xcp-ng-8.3": "xcp-ng-8.3.0.iso",
    "debian-12": "debian-12.9.0-amd64-netinst.iso",
}


class Computer:
    """What `--on sim` runs on."""

    default_password = "labkit"  # noqa: S105  # guards nothing that is real

    def __init__(self, folder: Path, speed: float, *, held: bool = False) -> None:
        self._store = HeldStore(folder, speed) if held else Store(folder, speed)
        self._isos = folder / "isos"
        self._servers: Servers | None = None
        self.driver = SimDriver(self._store)
        self.clock = SimClock(self._store)

    @property
    def isos(self) -> Path:
        """The folder with stand-ins for vendors' ISOs; that of XCP-ng 8.3 is there."""
        return self.isos_of("xcp-ng-8.3")

    def isos_of(self, generation: str) -> Path:
        """The folder with stand-ins for vendors' ISOs. The generation's own is written when it is
        missing; a generation that cannot be pretended has none."""
        name = _ISOS.get(generation)
        if name is not None and not (self._isos / name).exists():
            # Only here: a computer that has it already has no need of what writes it.
            from labkit.sim.debian.iso import write_debian_iso
            from labkit.sim.vendor_iso import write_vendor_iso

            if generation.startswith("debian-"):
                write_debian_iso(self._isos / name)
            else:
                write_vendor_iso(self._isos / name, generation)
        return self._isos

    def reach(self, address: str) -> str:
        """The URL at which the XAPI of the host with that management address answers."""
        return self._answering().reach(address)

    def answer_at(self, port: int | None, *, https: bool) -> None:
        """Let hosts answer at another port from now on, if one is given, and by HTTPS at the next
        one. Before anybody was reached. Raises `LabError` when HTTPS cannot be."""
        if https:
            from labkit.sim.xapi.certificates import check

            check()
        with self._store.turn() as world:
            world.port = port or world.port
            self._answering().https_port = world.port + 1 if https else None

    def serve(self, *, outside: str, tell: "Tell") -> "Serving":
        """Answer for all hosts until closed, at an address of the real network, too, if one is
        given. Time slows down for people, unless somebody said how fast it is."""
        from labkit.sim.xapi.serving import Serving

        if not os.environ.get("LABKIT_SIM_SPEED"):
            self._store.speed = min(self._store.speed, _SERVED_SPEED)
        return Serving(self._store, self._answering(), outside=outside, tell=tell)

    def has_default_password(self, root_hash: str) -> bool:
        """Whether it opens a host with this hash."""
        from labkit.sha512crypt import verify

        return verify(self.default_password, root_hash)

    def listens(self, address: str, port: int) -> bool:
        """Whether anything takes connections there: NFS is all that is pretended of it."""
        from labkit.sim.debian.server import NFS, serves

        with self._store.turn(reading=True) as world:
            return port == NFS and serves(world, address)

    def arm(self, faults: Iterable[str], by: str = "") -> None:
        """Let these go wrong. `by` is the lab whose scenario says so, if one does. Raises
        `ScenarioError`."""
        from labkit.sim.armoury import arm

        arm(self._store, faults, by)

    def arm_environment(self) -> None:
        """Let go wrong what `LABKIT_SIM_FAULTS` says, one a line."""
        said = os.environ.get(_FAULTS, "")
        self.arm([line for line in said.splitlines() if line.strip()], by=_FAULTS)

    def armed(self) -> list[tuple[str, str, str]]:
        """What is to go wrong, how often it still is, and whose scenario says so, if one does."""
        from labkit.sim.faults import left

        with self._store.turn(reading=True) as world:
            return [(each["text"], left(world, each), each["by"]) for each in world.faults]

    def disarm(self, by: str | None = None) -> int:
        """Forget what a lab's scenario let go wrong, or all of it; how much that was."""
        from labkit.sim.faults import disarm

        with self._store.turn() as world:
            return disarm(world, by)

    def free(self, folder: Path) -> int:
        """Bytes that still fit on its disk, which holds all folders."""
        with self._store.turn(reading=True) as world:
            return folders.free_mib(world) * 1024 * 1024

    def close(self) -> None:
        """Let nothing answer any more. The world stays."""
        if self._servers is not None:
            self._servers.close()
            self._servers = None
        self._store.close()

    def _answering(self) -> "Servers":
        if self._servers is None:
            from labkit.sim.xapi.server import Servers

            self._servers = Servers(self._store)
        return self._servers


def open_computer(folder: Path, speed: float | None = None, *, held: bool = False) -> Computer:
    """The pretend computer kept in a folder, a new one where there is none. `speed` is how many
    times its time is faster than ours; left out, `LABKIT_SIM_SPEED` says so. `held` keeps it in
    memory while nobody else wants it; it has to be closed then."""
    return Computer(folder, speed if speed is not None else _speed(), held=held)


def _speed() -> float:
    said = os.environ.get("LABKIT_SIM_SPEED")
    try:
        speed = float(said) if said else _SPEED
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise ScenarioError(
            f"LABKIT_SIM_SPEED cannot be `{said}`.",
            details="It says how many times faster than ours the pretend computer's time is.",
            hint="Make it a number greater than 0, such as 600, or unset it.",
        )
    return speed
