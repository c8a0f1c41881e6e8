"""Where a lab runs: on VirtualBox, or on a pretend computer. The only fork between the two.

Everything else asks the `Backend` it is given and cannot tell which one it is.
"""

import shutil
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from labkit.errors import LabError, ScenarioError

if TYPE_CHECKING:
    from labkit.sim.computer import Computer
    from labkit.sim.xapi.serving import Serving, Way
    from labkit.vbox.driver import Driver

BackendName = Literal["virtualbox", "sim"]
_LONGEST_KNOCK = 3.0
"""Seconds; on one network an answer takes thousandths of one."""
BACKENDS: tuple[BackendName, ...] = ("virtualbox", "sim")


class Clock(Protocol):
    """Time as the lab has it, in seconds; compressed on the pretend computer."""

    def now(self) -> float:
        """Seconds since some fixed moment; never goes back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class RealClock:
    """Time as it is."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Backend:
    """A driver of machines, a way to reach the XAPI of hosts, and the time they live in."""

    name: BackendName
    driver: "Driver"
    clock: Clock
    reach: Callable[[str], str]
    """From a host's management address to the URL its XAPI answers at."""
    listens: Callable[[str, int], bool]
    """Whether anything takes connections at a management address and port."""
    free: Callable[[Path], int]
    """Bytes that still fit on the disk a folder is on."""
    isos: Callable[[str], tuple[Path, ...]] = lambda generation: ()
    """Folders with installer ISOs of the backend's own, looked in after the user's, by the
    generation that is wanted."""
    arm: Callable[[Iterable[str], str], None] = lambda faults, lab: None
    """Let go wrong what a lab's scenario says, where that can be had on request."""
    disarm: Callable[[str], object] = lambda lab: None
    """And no more."""
    default_password: str | None = None
    """The root password when nobody gave one; None: somebody has to."""


def open_backend(name: str, home: Path, faults: Sequence[str] = ()) -> Backend:
    """The backend of that name; `faults` are to happen on it. Raises `ScenarioError` for what
    nobody knows and `ComputerError` when this computer cannot."""
    if faults and name != "sim":
        raise ScenarioError(
            f"Nothing goes wrong on request on {name}.",
            details=f"`--fault` was given: {faults[0]}",
            hint="Leave `--fault` out, or say `--on sim`.",
        )
    if name == "virtualbox":
        from labkit.vbox.pyvbox import VirtualBoxDriver

        return Backend(
            "virtualbox",
            VirtualBoxDriver(),
            RealClock(),
            reach=lambda address: f"https://{address}",
            listens=_listens,
            free=_free,
        )
    if name == "sim":
        from labkit.sim.computer import open_computer

        computer = open_computer(home / "sim")
        _arm(computer, faults)
        return _pretended(computer)
    raise ScenarioError(
        f"There is no backend `{name}`.",
        details=f"labkit knows: {', '.join(BACKENDS)}.",
        hint="Say `--on virtualbox` or `--on sim`, or correct LABKIT_ON.",
    )


def _arm(computer: "Computer", faults: Sequence[str]) -> None:
    computer.arm_environment()
    computer.arm(faults)


@dataclass(frozen=True, slots=True)
class ArmedFault:
    """Something that is to go wrong on the pretend computer."""

    fault: str
    left: str
    """How often it still is, in words."""
    by: str
    """The lab whose scenario says so, or the environment; empty: the command line."""


def armed_faults(home: Path) -> list[ArmedFault]:
    """What is to go wrong on the pretend computer."""
    from labkit.sim.computer import open_computer

    return [ArmedFault(*each) for each in open_computer(home / "sim").armed()]


def clear_faults(home: Path) -> int:
    """Let nothing go wrong any more; how much that was."""
    from labkit.sim.computer import open_computer

    return open_computer(home / "sim").disarm()


def _pretended(computer: "Computer") -> Backend:
    return Backend(
        "sim",
        computer.driver,
        computer.clock,
        reach=computer.reach,
        listens=computer.listens,
        free=computer.free,
        isos=lambda generation: (computer.isos_of(generation),),
        arm=computer.arm,
        disarm=computer.disarm,
        default_password=computer.default_password,
    )


@dataclass(frozen=True, slots=True)
class PretendHost:
    """How other programs reach a host of the pretend computer."""

    host: str
    address: str
    """Its management address, which its lab knows it by."""
    http: str
    https: str
    """Empty where HTTPS is not served."""
    outside: tuple[str, ...]
    """URLs at the address that was asked for by name."""
    password: str | None
    """Root's, when it is the pretend computer's own; another one is nobody's to tell."""


News = Callable[[str, "PretendHost | LabError"], None]
"""Told `up` or `gone` and which host; or `failed` and why."""


@contextmanager
def held_pretend_computer(
    home: Path, *, port: int | None, https: bool, faults: Sequence[str] = ()
) -> Iterator[tuple[Backend, Callable[[str, News], "Serving"]]]:
    """The pretend computer for a program that lives on it for long, and a way to answer for all
    its hosts until closed, on an address of the real network, too, where that is not empty.
    `port` is another one than now; HTTPS takes the next."""
    from labkit.sim.computer import open_computer

    computer = open_computer(home / "sim", held=True)

    def serve(outside: str, tell: News) -> "Serving":
        def told(what: str, about: "Way | LabError") -> None:
            tell(what, about if isinstance(about, LabError) else shown(about))

        def shown(way: "Way") -> PretendHost:
            own = computer.has_default_password(way.root_hash)
            password = computer.default_password if own else None
            return PretendHost(way.host, way.address, way.http, way.https, way.outside, password)

        return computer.serve(outside=outside, tell=told)

    try:
        computer.answer_at(port, https=https)
        _arm(computer, faults)
        yield _pretended(computer), serve
    finally:
        computer.close()


def _listens(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=_LONGEST_KNOCK):
            return True
    except OSError:
        return False


def _free(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
