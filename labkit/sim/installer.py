"""The vendor's installer, pretended: it refuses what the real one refuses, and takes its time.

Everything it will do follows from the medium and the machine, so it is decided at once, when
it starts; what remains is to say it, line by line, as the minutes pass. Like the real one it
writes a bootable system only at the very end: a machine cut off before begins anew.
"""

import time
from collections.abc import Iterable
from typing import Any

from labkit.sim import power, serial
from labkit.sim.boot_menu import NoStart, Start, read_menu
from labkit.sim.debian import installer as debian
from labkit.sim.disc import Disc
from labkit.sim.installation import Installation
from labkit.sim.installed import System
from labkit.sim.product import known, product_on
from labkit.sim.viso import in_drive
from labkit.sim.world import SimMachine, World, happening

_TO_KERNEL = 8.0
_TO_INSTALLER = 15.0
_TO_END = 3.0
_EPOCH = 1_767_225_600
"""The world began on 1 January 2026."""


def boot(world: World, machine: SimMachine, drive: int, disc: Disc) -> None:
    """Start what is on a bootable disc."""
    if debian.is_debian(disc):
        debian.boot(machine, drive, disc)
        return
    if product_on(disc) is None:
        serial.show(machine, ["A program from the DVD runs."])
        return
    try:
        start = read_menu(disc, machine.firmware)
    except NoStart as stands:
        serial.show(machine, str(stands).splitlines())
        return
    machine.expect(start.after + _TO_KERNEL, "installer's kernel starts", drive=drive)


@happening("installer's kernel starts")
def _kernel(world: World, machine: SimMachine, drive: int) -> None:
    start = _start(machine, drive)
    if start is None:
        return
    if any(word.startswith("com1=") for word in start.xen):
        serial.say(machine, ["(XEN) labkit's pretend Xen", "(XEN) Dom0 is loaded"])
    if start.logs_to_serial:
        serial.say(machine, ["Linux: labkit's pretend installer kernel " + " ".join(start.kernel)])
    machine.expect(_TO_INSTALLER, "installer starts", drive=drive)


@happening("installer starts")
def _installer(world: World, machine: SimMachine, drive: int) -> None:
    start = _start(machine, drive)
    discs = [in_drive(medium) for medium in machine.drives]
    if start is None:
        return
    product = product_on(discs[drive])
    if product is None or product.generation is None:
        serial.show(machine, ["labkit's pretend computer does not know this installer."])
        return
    rules = known(product.generation).rules
    with_screens = start.last("rt_answerfile") is None
    url = start.last("answerfile") if with_screens else start.last("rt_answerfile")
    if url is None or (rules.needs_install and "install" not in start.kernel):
        # Nobody is there to answer, so it stays there for ever.
        serial.show(machine, ["Welcome to the installer", "Select Keymap"])
        return
    run = Installation(machine, discs, start.kernel, product, url, with_screens)
    system = run.decide()
    on_serial = start.logs_to_serial and not with_screens
    for seconds, lines in run.log:
        machine.expect(seconds, "installer says", lines=lines, on_serial=on_serial)
    if run.waits:
        return
    machine.expect(
        run.at + _TO_END,
        "installer ends",
        system=vars(system) if system is not None else None,
        drive=drive,
        atexit=start.last("atexit") or "reboot",
    )


@happening("installer says")
def _say(world: World, machine: SimMachine, lines: list[str], on_serial: bool) -> None:
    stamped = list(_stamped(world, lines))
    serial.show(machine, stamped)
    if on_serial:
        serial.say(machine, stamped)


@happening("installer ends")
def _end(
    world: World, machine: SimMachine, system: dict[str, Any] | None, drive: int, atexit: str
) -> None:
    if system is not None:
        machine.disk.system = System(**system)
        # The installer opens the tray, so that the next start does not find it again.
        machine.drives[drive] = None
    if atexit in ("poweroff", "shutdown"):
        power.turn_off(world, machine)
    elif atexit == "shell":
        serial.show(machine, ["bash-4.2#"])
    else:
        # Also after a failure: the real one goes round and round as well.
        power.restart(world, machine)


def _stamped(world: World, lines: Iterable[str]) -> Iterable[str]:
    now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(_EPOCH + world.now))
    for line in lines:
        # A traceback is one entry of the log: only its first line is stamped.
        yield from f"INFO     [{now}] {line}".splitlines()


def _start(machine: SimMachine, drive: int) -> Start | None:
    try:
        return read_menu(in_drive(machine.drives[drive]), machine.firmware)
    except NoStart:
        serial.show(machine, ["Kernel panic: the installation medium is gone"])
        return None
