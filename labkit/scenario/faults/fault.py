"""A fault: where something goes wrong, what, and when."""

from dataclasses import dataclass, field

DRIVER_WORDS = (
    "version",
    "interfaces",
    "host_only",
    "machines",
    "machine",
    "create",
    "clone",
    "label",
    "disk",
    "insert",
    "start",
    "pause",
    "stop",
    "reset",
    "take_snapshot",
    "restore_snapshot",
    "delete_snapshot",
    "screenshot",
    "clear",
    "remove",
)
"""What labkit says to VirtualBox: the words of `labkit/vbox/driver.py`, which is upstairs."""

ALL_MESSAGES = "*.*"


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages to XAPI: one, all of a class (`VM.*`), or all; of every host unless one is named."""

    message: str
    host: str | None = None


@dataclass(frozen=True, slots=True)
class DriverWord:
    """A word to VirtualBox, about any machine unless one is named."""

    word: str
    machine: str | None = None


@dataclass(frozen=True, slots=True)
class Fail:
    """XAPI answers with a failure."""

    code: str
    params: tuple[str, ...] = ()
    after: bool = False
    """What was asked for takes effect all the same."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """VirtualBox refuses."""

    reason: str | None
    """Its words; None: somebody else has locked the machine's session."""
    after: bool = False


@dataclass(frozen=True, slots=True)
class Hang:
    """Nothing is heard for so many seconds of the world's; then it goes on."""

    seconds: float
    after: bool = False


@dataclass(frozen=True, slots=True)
class Drop:
    """The connection ends without an answer, or with half of one."""

    half_way: bool = False
    after: bool = False


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No packet reaches the host, for so many seconds; None: for ever."""

    seconds: float | None = None


What = Fail | Refuse | Hang | Drop | Unreachable


@dataclass(frozen=True, slots=True)
class Moment:
    """Once a message to XAPI, or a word to VirtualBox, has taken effect."""

    message: str
    """`pool.join`, or `join` alone."""
    host: str | None = None


@dataclass(frozen=True, slots=True)
class When:
    """Which occasions count."""

    times: int | None = 1
    """How many; None: all of them."""
    first: int = 1
    """The first that counts."""
    odds: int = 1
    """One in so many counts, as the world's seed decides."""
    moment: Moment | None = None
    """After what they begin to count."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, where and when. Two that mean the same are equal however they are put."""

    where: Messages | DriverWord
    what: What
    when: When
    text: str = field(default="", compare=False)
    """As it was written."""
