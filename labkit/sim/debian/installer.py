"""Debian's installer, pretended: what it would do follows from the medium, so it is decided when it
starts; what remains is to say it, as the minutes pass.
"""

import re
import secrets
from collections.abc import Sequence
from typing import Any

from labkit.sim import power, serial
from labkit.sim.boot_menu import NoStart, grub_entry, isolinux_label
from labkit.sim.debian.preseed import Refused, asks, read_preseed
from labkit.sim.disc import Disc
from labkit.sim.identity import written
from labkit.sim.installed import System
from labkit.sim.viso import in_drive
from labkit.sim.world import SimMachine, World, happening

_MARKER = ".disk/info"
_CD = "/cdrom"
_TO_INSTALLER = 20.0
_TO_END = 4.0
_SMALLEST_MIB = 2048
_STEPS = (
    # Seconds each takes, and the title that the text front end writes.
    (6.0, "Loading additional components"),
    (5.0, "Detecting network hardware"),
    (5.0, "Configuring the network with DHCP"),
    (4.0, "Detecting disks and all other hardware"),
    (4.0, "Starting up the partitioner"),
    (6.0, "Partitions formatting"),
    (90.0, "Installing the base system"),
    (15.0, "Configuring apt"),
    (60.0, "Select and install software"),
    (10.0, "Installing GRUB boot loader"),
    (8.0, "Finishing the installation"),
)


def is_debian(disc: Disc) -> bool:
    """Whether a medium is one of Debian's."""
    return disc.holds(_MARKER) and disc.read(_MARKER).startswith(b"Debian GNU/Linux 12")


def boot(machine: SimMachine, drive: int, disc: Disc) -> None:
    """Start what a Debian medium starts by itself."""
    try:
        parameters, after = _kernel(disc, machine.firmware)
    except NoStart as stands:
        serial.show(machine, str(stands).splitlines())
        return
    machine.expect(
        after + _TO_INSTALLER, "Debian's installer starts", drive=drive, parameters=parameters
    )


@happening("Debian's installer starts")
def _start(world: World, machine: SimMachine, drive: int, parameters: list[str]) -> None:
    disc = in_drive(machine.drives[drive])
    on_serial = _last(parameters, "console").startswith("ttyS0")
    run = _Run(machine, disc, parameters)
    system = run.decide()
    for seconds, lines in run.log:
        machine.expect(seconds, "Debian's installer says", lines=lines, on_serial=on_serial)
    if run.waits:
        return
    machine.expect(
        run.at + _TO_END,
        "Debian's installer ends",
        system=vars(system) if system is not None else None,
        off=run.answers.get("debian-installer/exit/poweroff") == "true",
    )


@happening("Debian's installer says")
def _say(world: World, machine: SimMachine, lines: list[str], on_serial: bool) -> None:
    serial.show(machine, lines)
    if on_serial:
        serial.say(machine, lines)


@happening("Debian's installer ends")
def _end(world: World, machine: SimMachine, system: dict[str, Any] | None, off: bool) -> None:
    if system is not None:
        machine.disk.system = System(**system)
    if off:
        power.turn_off(world, machine)
    else:
        power.restart(world, machine)


class _Run:
    """Decides what the installer does, and when it says what."""

    def __init__(self, machine: SimMachine, disc: Disc, parameters: Sequence[str]) -> None:
        self.log: list[tuple[float, list[str]]] = []
        """Entries by the second they are written."""
        self.at = 0.0
        self.waits = False
        """For a person, and for ever."""
        self.answers: dict[str, str] = {}
        self._machine, self._disc, self._parameters = machine, disc, parameters

    def decide(self) -> System | None:
        """The system it leaves on the disk; None when it waits for somebody."""
        unattended = {"auto=true", "priority=critical"} <= set(self._parameters)
        preseed = _last(self._parameters, "file") or _last(self._parameters, "preseed/file")
        text = self._on_cd(preseed)
        if not unattended or text is None:
            self._ask("Choose language", "debian-installer/language")
            return None
        try:
            self.answers = read_preseed(text)
        except Refused as wrong:
            self._ask("Failed to process the preconfiguration file", str(wrong))
            return None
        for said in re.findall(
            r'echo "([^"]*)" *>/dev/console', self.answers.get("preseed/early_command", "")
        ):
            self._say(1, said)
        if question := asks(self.answers):
            self._ask("A question that nobody answered", question)
            return None
        disk = self.answers.get("partman-auto/disk", "/dev/sda")
        if disk != "/dev/sda" or self._machine.disk.size_mib < _SMALLEST_MIB:
            self._ask("No root file system", f"There is no {disk} to install on.")
            return None
        for seconds, title in _STEPS:
            self._say(seconds / 3, title)
            self._say(seconds * 2 / 3, "... 50%... 100%")
        return self._last_command()

    def _last_command(self) -> System | None:
        command = self.answers.get("preseed/late_command", "")
        script = re.search(rf"\bsh ({_CD}/\S+) /target\b", command)
        hook = self._on_cd(script[1]) if script is not None else None
        if script is not None and hook is None:
            self._say(1, f"sh: can't open '{script[1]}'")
        good = re.search(r'then echo "([^"]*)" *>/dev/console', command)
        if hook is not None and good is not None:
            self._say(2, good[1])
        return System(
            generation="debian-12",
            inventory={},
            hostname=self.answers.get("netcfg/hostname", "debian"),
            management={"interface": "eth0", "mode": "dhcp"},
            root_hash=self.answers.get("passwd/root-password-crypted", ""),
            sr_type="none",
            hook=hook is not None and _has_hook(hook),
            machine_id=secrets.token_hex(16),
            exports={"shares": _shares(hook or ""), "clients": [], "own": _own(hook or "")},
        )

    def _on_cd(self, path: str) -> str | None:
        if not path.startswith(f"{_CD}/") or not self._disc.holds(path.removeprefix(_CD)):
            return None
        return self._disc.read(path.removeprefix(_CD)).decode("utf-8", "replace")

    def _ask(self, title: str, question: str) -> None:
        self.waits = True
        self._say(2, title, question, "Prompt: '?' for help> ")

    def _say(self, seconds: float, *lines: str) -> None:
        self.at += seconds
        self.log.append((self.at, list(lines)))


def _kernel(disc: Disc, firmware: str) -> tuple[list[str], float]:
    """The kernel's parameters, and the seconds the menu waits before. Raises `NoStart`."""
    if firmware == "efi":
        try:
            text = disc.read("/boot/grub/grub.cfg").decode("utf-8", "replace")
        except FileNotFoundError:
            raise NoStart("grub> ") from None
        entry, after = grub_entry(text, ("linux", "initrd"))
        words = {line[0]: line[1:] for line in entry}
        if not {"linux", "initrd"} <= set(words):
            raise NoStart("grub> ")
        kernel, initrd = words["linux"], words["initrd"]
        for path in (kernel[0], initrd[0]):
            if not disc.holds(path):
                raise NoStart(f"error: file `{path}' not found.")
        return list(kernel[1:]), after
    label, after = isolinux_label(disc, "/isolinux/isolinux.cfg")
    parameters = label.get("APPEND", "").split()
    for path in (label.get("KERNEL", ""), _last(parameters, "initrd")):
        # isolinux of this age knows Rock Ridge names.
        if not disc.holds(path):
            raise NoStart(f"Loading {path}... failed!\nboot: ")
    return parameters, after


def _last(parameters: Sequence[str], name: str) -> str:
    values = [word.partition("=")[2] for word in parameters if word.startswith(f"{name}=")]
    return values[-1] if values else ""


def _shares(script: str) -> list[str]:
    """The folders that its hook writes into /etc/exports."""
    found = re.search(r"^for share in (.+); do$", script, re.MULTILINE)
    return found[1].split() if found is not None and "/etc/exports" in script else []


def _own(script: str) -> str:
    """Who a server is that is installed to be itself."""
    files = written(script).items()
    return next((text for name, text in files if name.endswith("/labkit/own")), "")


def _has_hook(script: str) -> bool:
    """Whether it puts a program in place and has systemd start it before the network."""
    files = written(script)
    for name, unit in files.items():
        starts = re.search(r"^ExecStart=-?(.*)$", unit, re.MULTILINE)
        before = " ".join(re.findall(r"^Before=(.*)$", unit, re.MULTILINE)).split()
        if not name.endswith(".service") or starts is None:
            continue
        enabled = re.search(rf"^start \S+ {re.escape(name.rpartition('/')[2])}\b", script, re.M)
        program = any(word in files for word in starts[1].split())
        if program and enabled and {"network-pre.target", "nfs-server.service"} <= set(before):
            return True
    return False
