"""Machines on and off."""

import time
from pathlib import Path
from typing import Any

from labkit.errors import LabError
from labkit.vbox.connection import ONLINE, Connection
from labkit.vbox.driver import Power, Stop
from labkit.vbox.iso_maker import viso_refused
from labkit.vbox.last_words import last_words, log_of, written
from labkit.vbox.refusals import LOOK
from labkit.vbox.words import died, dvds_of, power_of

_STEADY = 0.2
"""Seconds that a machine must go on running to count as started."""
_LONGEST_PAUSE = 10.0
_SHOTS = 5


def start(to: Connection, machine: Any, name: str) -> None:
    """Start, go on from a saved state, or resume."""
    power = to.settle(machine, name)
    if power is Power.PAUSED:
        with to.session(machine, name) as session:
            session.console.resume()
    elif power is Power.BROKEN:
        raise LabError(
            f"`{name}` cannot go on.",
            details="Its guest has met a Guru Meditation, or VirtualBox cannot read the machine.",
            hint=LOOK,
        )
    elif power is not Power.RUNNING:
        if power is Power.OFF:
            _look_at_media(to, machine, name)
        _launch(to, machine, name, power)


def stop(to: Connection, machine: Any, name: str, how: Stop) -> None:
    """Stop what runs; and for `CUT`, what is saved."""
    what = f"`{name}` could not be stopped."
    power = to.settle(machine, name)
    if power is Power.SAVED and how is Stop.CUT:
        with to.session(machine, name) as session:
            session.machine.discard_saved_state(True)
    if power not in ONLINE:
        return
    with to.session(machine, name) as session:
        if how is Stop.BUTTON:
            if power is Power.PAUSED:
                # A frozen guest would not notice.
                session.console.resume()
            session.console.power_button()
            return
        if how is Stop.CUT:
            to.finish(session.console.power_down(), what)
    if how is Stop.SAVE:
        _save(to, machine, name, what)
    to.ended(machine, name)


def pause(to: Connection, machine: Any, name: str) -> None:
    """Freeze."""
    if to.settle(machine, name) is not Power.PAUSED:
        with to.running(machine, name) as session:
            session.console.pause()


def screenshot(to: Connection, machine: Any, name: str) -> bytes:
    """A PNG of the screen."""
    png = to.bindings.library.BitmapFormat.png
    with to.running(machine, name) as session:
        display = session.console.display
        for left in reversed(range(_SHOTS)):
            try:
                width, height, *_ = display.get_screen_resolution(0)
                return bytes(display.take_screen_shot_to_array(0, width, height, png))
            except to.bindings.errors:
                # Right after a reset there is no picture for a moment.
                if not left:
                    raise
                time.sleep(0.1)
    raise AssertionError("the last failure is raised above")


def _save(to: Connection, machine: Any, name: str, what: str) -> None:
    with to.session(machine, name) as session:
        progress = session.machine.save_state()
        try:
            to.finish(progress, what)
            return
        except LabError:
            to.ended(machine, name)
            if power_of(to.bindings, machine) is not Power.SAVED:
                raise
    # Now and then the machine's own end overtakes VirtualBox as it writes the settings. It is
    # saved then, but its settings file does not say so: the next VBoxSVC would not know.
    with to.session(machine, name) as session:
        session.machine.save_settings()


def _look_at_media(to: Connection, machine: Any, name: str) -> None:
    """Raise `LabError` where an image cannot be put together. Asked now and not when it is
    inserted, since the files it names may come or go until then."""
    for _, image in dvds_of(to.bindings, machine):
        medium = Path(image.location)
        if medium.suffix.lower() == ".viso" and (why := viso_refused(medium)):
            raise LabError(
                f"`{name}` could not be started: {medium} is no image that can be read.",
                details=why,
                hint="Look whether the files it names are there; then run the command again.",
            )


def _launch(to: Connection, machine: Any, name: str, power: Power) -> None:
    log = log_of(machine)
    for once_more in (True, False):
        before = written(log)
        try:
            _power_up(to, machine, name)
            return
        except LabError as error:
            if written(log) == before:
                # Nothing has been begun.
                raise
            now = to.settle(machine, name)
            dead = died(to.bindings, machine)
            if once_more and dead and now is power:
                # Its program was killed, or crashed, and nothing has come of it yet.
                to.ended(machine, name)
                continue
            details = [error.details]
            if dead:
                details.append("Its program died.")
            if power is Power.SAVED and now is Power.OFF:
                details.append("The memory it had saved is lost.")
            if words := last_words(log):
                details.append(f"Its log ends with:\n{words}")
            raise LabError(error.what, details="\n".join(details), hint=error.hint) from error


def _power_up(to: Connection, machine: Any, name: str) -> None:
    session = to.bindings.session()
    what = f"`{name}` did not start."
    # pyvbox hands the environment over as one text, VirtualBox 7 wants a list.
    raw = to.unlocked(name, lambda: machine._i.launchVMProcess(session._i, "headless", []))
    try:
        to.finish(to.bindings.progress(raw), what)
    finally:
        to.close(session)
    _expect_steady(to, machine, name, what)


def _expect_steady(to: Connection, machine: Any, name: str, what: str) -> None:
    started = since = time.monotonic()
    while time.monotonic() - since < _STEADY:
        power = to.settle(machine, name)
        if power is Power.PAUSED and time.monotonic() - started < _LONGEST_PAUSE:
            # Just back from a saved state, and about to go on.
            since = time.monotonic()
        elif power is not Power.RUNNING:
            raise LabError(
                what,
                details=f"It ran for a moment and is {power} now.",
                hint=f"Its log says more: {log_of(machine)}",
            )
        time.sleep(0.05)
