"""The dozen things labkit asks of VirtualBox, in labkit's own words.

Two things answer to them: VirtualBox itself (`labkit/vbox/pyvbox.py`) and the pretend
computer (`labkit/sim/driver.py`). The contract tests hold both to what is written here.
A step that needs to know VirtualBox shows that a word is missing here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Power(StrEnum):
    """Whether a machine runs. VirtualBox's many transient states count as `CHANGING`."""

    OFF = "off"
    RUNNING = "running"
    PAUSED = "paused"
    SAVED = "saved"
    CHANGING = "changing"
    BROKEN = "broken"
    """VirtualBox cannot read the machine (inaccessible), or its guest met a Guru Meditation."""


class Attachment(StrEnum):
    """What a network adapter is plugged into."""

    BRIDGED = "bridged"
    INTERNAL = "internal"
    HOST_ONLY = "host-only"
    NAT = "nat"


class Stop(StrEnum):
    """How a running machine is stopped."""

    CUT = "cut"
    """Pull the plug."""
    BUTTON = "button"
    """Press the ACPI power button; the guest may take its time, or ignore it."""
    SAVE = "save"
    """Write its memory to disk; the next start goes on from there."""


@dataclass(frozen=True, slots=True)
class AdapterSpec:
    """One network adapter: Intel 82540EM, cable connected."""

    attachment: Attachment
    network: str = ""
    """Bridged: the computer's interface by the exact name VirtualBox lists. Internal: the name
    of the internal network. Host-only: the interface's name. NAT: empty."""
    promiscuous: bool = False
    """Promiscuous policy `AllowAll`. Without it nothing reaches the guests of a nested host:
    a virtual switch forwards frames whose destination is not the adapter's own address."""
    mac: str = ""
    """Twelve hexadecimal digits, upper case, no separators; empty: VirtualBox chooses."""


@dataclass(frozen=True, slots=True)
class MachineSpec:
    """A machine that is wanted. Sizes are in MiB."""

    name: str
    folder: Path
    """A folder of its own: settings file, disks, snapshots, logs. `remove` removes it."""
    group: str
    """VirtualBox's group, such as `/labkit/6J`."""
    cpus: int
    memory_mib: int
    disk_mib: int = 0
    """A new, dynamically growing disk. Ignored by `clone`, whose disk is its source's."""
    disk_image: Path | None = None
    """A disk image that becomes the machine's disk instead: moved into its folder, and given a
    UUID of its own, so that copies of one image can be the disks of several machines."""
    adapters: tuple[AdapterSpec, ...] = ()
    serial_file: Path | None = None
    """Where what the guest writes on COM1 goes (raw file)."""
    nested: bool = True
    """Hand hardware virtualization on to the guest (nested VT-x/AMD-V)."""
    firmware: str = "bios"
    """`bios` or `efi`."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """labkit's own notes on the machine, such as `lab`, `host`, `role`: extra data keys
    `labkit/<name>`. A machine never exists without them, not even half made."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A network adapter as found; the fields mean what they mean in `AdapterSpec`."""

    attachment: Attachment | None
    """None: enabled, but plugged into something labkit has no word for, or into nothing."""
    network: str
    promiscuous: bool
    mac: str


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine as found."""

    name: str
    uuid: str
    hardware_uuid: str
    """The UUID its guest reads from SMBIOS: lower case, with dashes."""
    power: Power
    group: str
    cpus: int
    memory_mib: int
    adapters: tuple[Adapter, ...]
    """Enabled adapters, in slot order."""
    snapshots: tuple[str, ...]
    """Names of all its snapshots, oldest first."""
    labels: Mapping[str, str]
    """Empty: labkit did not make it."""
    folder: Path
    media: tuple[Path, ...] = ()
    """DVD images inserted, by drive; an empty drive is left out."""


@dataclass(frozen=True, slots=True)
class HostInterface:
    """A network interface of this computer that adapters can be bridged to."""

    name: str
    """The exact name VirtualBox lists."""
    address: str = ""
    """Its IPv4 address; empty when it has none."""
    netmask: str = ""
    up: bool = True
    wireless: bool = False
    default_route: bool = False


class Driver(Protocol):
    """What labkit asks of VirtualBox. Every method raises `LabError` (or its kin), nothing else.

    Machines are named by their name. A name nobody knows raises `LabError`, except where said
    otherwise. A machine somebody else has locked raises `LabError` that says so.
    """

    def version(self) -> str:
        """VirtualBox's own version, such as `7.2.22`. Raises `ComputerError` when it is not
        installed, does not answer, or is too old for labkit."""

    def interfaces(self) -> tuple[HostInterface, ...]:
        """The computer's interfaces that adapters can be bridged to."""

    def host_only(self, address: str, netmask: str) -> str:
        """The name of a host-only interface that has this IPv4 address on the computer's side;
        created when there is none. Its DHCP server, if any, is switched off."""

    def machines(self) -> tuple[Machine, ...]:
        """Every machine VirtualBox knows, labkit's and others, in no particular order."""

    def machine(self, name: str) -> Machine | None:
        """The machine of that name; None when there is none. As quick as it was with a single
        machine, however many there are."""

    def create(self, wanted: MachineSpec) -> Machine:
        """Make and register a machine: ICH9, SATA controller with the disk on port 0 and two DVD
        drives on ports 1 and 2, boot order disk then DVD, RTC in UTC, no paravirtualization
        interface (a nested Xen must not see one), I/O APIC, PAE, long mode.

        Leftovers in `wanted.folder` from a creation that was killed are cleared away first.
        A machine of that name that exists raises `LabError`.
        """

    def clone(self, source: str, snapshot: str, wanted: MachineSpec) -> Machine:
        """Make and register a linked clone of a snapshot: own hardware UUID, own MACs, own
        serial file, labels and adapters as `wanted` says, DVD drives empty.

        Raises `LabError` when source or snapshot is missing. Leftovers as in `create`.
        """

    def label(self, name: str, key: str, text: str) -> None:
        """Write one of labkit's labels on a machine, in place of what it said."""

    def disk(self, name: str) -> Path:
        """The file of a machine's disk as it was before its first snapshot: what its snapshots,
        and clones of them, are built on. The file itself may be missing."""

    def insert(self, name: str, drive: int, medium: Path | None) -> None:
        """Put a DVD image (ISO or VISO) into drive 0 or 1; None empties the drive. The file
        is only ever read. Inserting what is already there does nothing."""

    def start(self, name: str) -> None:
        """Start headless, or go on from a saved state; a paused machine resumes. Does nothing to
        a running one. Raises `LabError` when it does not come to run, with VirtualBox's reason:
        a DVD image that cannot be read, say, or an interface that this computer does not have."""

    def pause(self, name: str) -> None:
        """Freeze a running machine. Does nothing to a paused one."""

    def stop(self, name: str, how: Stop) -> None:
        """Stop a running or paused machine; does nothing to one that is off. `CUT` and `SAVE`
        return once it has stopped, `BUTTON` at once. `CUT` discards a saved state."""

    def reset(self, name: str) -> None:
        """Press the reset button of a running machine."""

    def take_snapshot(self, name: str, snapshot: str) -> None:
        """Snapshot a machine that is off, saved, running or paused (the latter two with their
        memory). A snapshot of that name raises `LabError`."""

    def restore_snapshot(self, name: str, snapshot: str) -> None:
        """Bring a stopped machine back to a snapshot; one taken with memory leaves it `SAVED`.
        Raises `LabError` when there is no such snapshot, or the machine runs."""

    def delete_snapshot(self, name: str, snapshot: str) -> None:
        """Forget a snapshot and merge its disks; does nothing when there is none."""

    def screenshot(self, name: str) -> bytes:
        """A PNG of the screen of a running machine."""

    def clear(self, folder: Path) -> None:
        """Remove what a creation or removal that was killed left in a machine's folder, as `remove`
        would have. Raises `LabError` when a machine lives there; does nothing without a folder."""

    def remove(self, name: str) -> None:
        """Stop and remove a machine with its snapshots, disks and folder; does nothing when there
        is none. Never removes a DVD image, nor anything outside its folder. Raises `LabError`
        when a linked clone still needs its disk."""
