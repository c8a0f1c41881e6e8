"""One unattended installation: begun, followed on the serial port, ended by the power going off.

The installer's own words decide. When they are not the right ones, or when no more of them come,
its log and its screen are kept beside the machine's folder, where taking back the step leaves
them: they are all that there is to find the reason in.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkit.errors import LabError, ScenarioError
from labkit.lab import Lab, Place
from labkit.media.medium import log_reader
from labkit.media.progress import InstallLog
from labkit.vbox.driver import Machine, Power
from labkit.wait import NotYet, wait_for

if TYPE_CHECKING:
    from labkit.scenario.models import Kind

_LONGEST = 90 * 60.0
"""Seconds for an installation. A modest laptop takes 20 to 30 minutes."""
_LAST_WORDS = 30.0
"""Seconds without another word after which a failed installer has said all it will: some switch
the machine off at once, some wait for a person."""
_AT_WORK = (Power.RUNNING, Power.PAUSED, Power.SAVED)


@dataclass(frozen=True, slots=True)
class Installation:
    """A machine to be installed."""

    step: str
    """The title of the step that tells how far it is."""
    what: str
    """What is installed, in a sentence: `xcp-ng-8.3`."""
    kind: "Kind"
    """Which installer speaks."""
    place: Place
    find: Callable[[], Machine | None]
    make: Callable[[], None]
    """Make the machine afresh, with its boot medium inserted."""


def install(lab: Lab, wanted: Installation) -> None:
    """Go on watching an installation that still runs; start any other one afresh, since an
    installer boots no disk that is half written. Returns at once when it has ended well."""
    machine = wanted.find()
    if machine is not None and installed(machine, wanted.place, wanted.kind):
        return
    if machine is None or machine.power not in _AT_WORK:
        if wanted.kind == "xen":
            _has_the_disk(lab)
        if machine is not None:
            lab.backend.driver.remove(machine.name)
        wanted.place.clear()
        wanted.make()
    lab.backend.driver.start(wanted.place.machine)
    _follow(lab, wanted)
    # What an earlier try left is of no more use.
    wanted.place.failed.clear()


def installed(machine: Machine, place: Place, kind: "Kind") -> bool:
    """Whether an installation ended well, by the installer's own last words."""
    return machine.power is Power.OFF and log_reader(kind)(_said(place)).finished


def _follow(lab: Lab, wanted: Installation) -> None:
    follower = _Follower(lab, wanted, began=lab.backend.clock.now())
    wait_for(
        f"The installation of {wanted.what}",
        follower.look,
        seconds=_LONGEST,
        every=5.0,
        hint=f"Open the machine {wanted.place.machine} in VirtualBox to see its screen.",
        clock=lab.backend.clock,
    )


class _Follower:
    """What was seen of an installation so far."""

    def __init__(self, lab: Lab, wanted: Installation, began: float) -> None:
        self._lab, self._wanted, self._place = lab, wanted, wanted.place
        self._read = log_reader(wanted.kind)
        self._began = self._last_news = began
        self._text = ""
        self._told: tuple[str, float | None] = ("", None)
        self._screen: bytes | None = None

    def look(self) -> None:
        """Return when it has ended well; raise `NotYet` while it goes on."""
        # Power first: what is written before the machine stops is then sure to be read.
        machine = self._wanted.find()
        power = machine.power if machine is not None else Power.OFF
        text, now = _said(self._place), self._lab.backend.clock.now()
        if text != self._text:
            self._text, self._last_news = text, now
        quiet = now - self._last_news
        log = self._read(text)
        self._tell(log)
        if log.failed:
            # The screen while there is one, the log when all of the traceback is in it.
            self._see(power)
            if power is Power.OFF or quiet >= _LAST_WORDS:
                raise self._error("failed.", log.failure)
        elif power is Power.OFF:
            if not log.finished:
                raise self._error("stopped before its end.", self._last_words(log))
            return
        elif power is Power.BROKEN:
            self._see(power)
            raise self._error("broke off: VirtualBox gave its machine up.", self._last_words(log))
        elif quiet >= self._lab.patience or now - self._began >= _LONGEST:
            self._see(power)
            since = f"has said nothing new for {quiet / 60:.0f} minutes"
            still = "" if power is Power.RUNNING else f" The machine is {power}."
            raise self._error(f"stalls: the installer {since}.", self._last_words(log) + still)
        raise NotYet(log.last_line or "the installer has said nothing yet")

    def _tell(self, log: InstallLog) -> None:
        if (log.phase, log.fraction) != self._told:
            self._told = (log.phase, log.fraction)
            self._lab.progress(self._wanted.step, log.phase, log.fraction)

    def _last_words(self, log: InstallLog) -> str:
        return f"The installer's last words: {log.last_line or '(none)'}"

    def _see(self, power: Power) -> None:
        if power is not Power.OFF and self._screen is None:
            try:
                self._screen = self._lab.backend.driver.screenshot(self._place.machine)
            except LabError as blind:
                # Told, and no more: how the installation ended is what matters.
                self._lab.progress(self._wanted.step, f"no screenshot: {blind.what}")

    def _error(self, how: str, details: str) -> LabError:
        kept = self._place.failed
        hint = f"See what they say, then run `labkit up {self._lab.name}` to try again."
        try:
            kept.folder.mkdir(parents=True, exist_ok=True)
            if self._place.serial_file.exists():
                shutil.copyfile(self._place.serial_file, kept.serial_file)
                details += f"\nThe installer's whole log is in {kept.serial_file}"
            if self._screen is not None:
                kept.screen_file.write_bytes(self._screen)
                details += f"\nIts screen then is in {kept.screen_file}"
        except OSError as refusal:
            # A full disk is a likely reason for all of it.
            details += f"\nNot all could be kept in {kept.folder}: {refusal}"
        return LabError(
            f"The installation of {self._wanted.what} {how}", details=details, hint=hint
        )


def _has_the_disk(lab: Lab) -> None:
    """Raise `ScenarioError` where the installer would look for a disk in vain."""
    disk = lab.scenario.installer.disk
    if disk.removeprefix("/dev/") != "sda":
        raise ScenarioError(
            f"The machines labkit makes have no disk `{disk}`.",
            details="Theirs is `sda`; `installer.disk` is for media made for other machines.",
            hint="Leave `installer.disk` out of the scenario; `labkit media build` may keep it.",
        )


def _said(place: Place) -> str:
    try:
        return place.serial_file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
