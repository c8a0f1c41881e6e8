"""Starts whose program is killed, and machines whose session died with somebody else's."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from labkit.errors import LabError
from labkit.vbox import power
from labkit.vbox.driver import Power, Stop
from tests.contract.rigs import LONGEST, Rig
from tests.vbox.test_locked import held

pytestmark = pytest.mark.vbox

LEFT = """\
import os, signal
from labkit.vbox.bindings import connect
from labkit.vbox.connection import Connection

to = Connection(connect(), 1)
with to.session(to.bindings.vbox.find_machine("xcp00"), "xcp00"):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@contextmanager
def killed(rig: Rig, state: str, times: int = 1) -> Iterator[None]:
    """Kill the machine's program whenever it comes to be in that state, so many times."""
    found = rig.found()
    log = found.folder / "Logs" / "VBox.log"
    over = threading.Event()

    def watch(old: int) -> None:
        for _ in range(times):
            # A start begins with a new log: the old one said so, too.
            while (new := _log_that_says(log, state)) in (None, old):
                if over.wait(0.005):
                    return
            program = _program(found.uuid)
            assert program, "it is gone already"
            os.kill(program, signal.SIGKILL)
            old = new or 0

    watching = threading.Thread(target=watch, args=[log.stat().st_ino if log.exists() else 0])
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join(LONGEST)


def _log_that_says(log: Path, state: str) -> int | None:
    """Its inode."""
    try:
        with log.open(errors="replace") as lines:
            if f"Machine state changed to '{state}'" in lines.read():
                return os.fstat(lines.fileno()).st_ino
    except FileNotFoundError:
        pass
    return None


def _program(uuid: str) -> int | None:
    """The process a machine runs in."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = process.joinpath("cmdline").read_text().split("\0")
        except OSError:
            continue
        if words[0].endswith("VBoxHeadless") and uuid in words:
            return int(process.name)
    return None


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look long enough whether it goes on running for a kill to be seen."""
    monkeypatch.setattr(power, "_STEADY", 2.0)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("state", ["Starting", "Running"])
def test_a_start_that_was_killed_is_made_again(real: Rig, state: str) -> None:
    real.create()
    with killed(real, state):
        real.driver.start("xcp00")
    assert real.found().power is real.seen_power() is Power.RUNNING
    logs = real.found().folder / "Logs"
    assert (logs / "VBox.log.1").exists(), "it was not killed at all"


@pytest.mark.usefixtures("patient")
def test_a_start_that_is_killed_again_is_an_error_with_the_end_of_the_log(real: Rig) -> None:
    real.create()
    with killed(real, "Running", times=2), pytest.raises(LabError, match="xcp00") as error:
        real.driver.start("xcp00")
    assert "Its program died" in error.value.details
    assert "Machine state changed to 'Running'" in error.value.details
    assert real.found().power is Power.OFF
    real.driver.start("xcp00")


@pytest.mark.usefixtures("patient")
def test_a_saved_machine_that_goes_on_and_is_killed_is_not_started_afresh(real: Rig) -> None:
    real.create()
    real.driver.start("xcp00")
    real.driver.stop("xcp00", Stop.SAVE)
    with killed(real, "Running"), pytest.raises(LabError, match="xcp00") as error:
        real.driver.start("xcp00")
    assert "memory" in error.value.details
    assert real.found().power is Power.OFF


def test_the_log_of_an_earlier_start_is_not_quoted(real: Rig) -> None:
    real.create()
    real.driver.start("xcp00")
    real.driver.stop("xcp00", Stop.CUT)
    with held(), pytest.raises(LabError, match=r"xcp00.*in use") as error:
        real.driver.start("xcp00")
    assert "log" not in error.value.details


@pytest.fixture
def abandoned(real: Rig) -> Rig:
    """A saved machine whose session somebody held who was killed."""
    real.create()
    real.driver.start("xcp00")
    real.driver.stop("xcp00", Stop.SAVE)
    done = subprocess.run([sys.executable, "-c", LEFT], check=False)
    assert done.returncode == -signal.SIGKILL
    deadline = time.monotonic() + LONGEST
    while real.seen_power() != "aborted-saved":
        assert time.monotonic() < deadline, "VirtualBox did not notice"
    return real


def test_a_saved_machine_whose_holder_was_killed_is_saved_and_goes_on(abandoned: Rig) -> None:
    assert abandoned.found().power is Power.SAVED
    abandoned.driver.stop("xcp00", Stop.SAVE)
    abandoned.driver.start("xcp00")
    assert abandoned.found().power is abandoned.seen_power() is Power.RUNNING


def test_its_saved_state_can_be_kept_and_discarded(abandoned: Rig) -> None:
    abandoned.driver.take_snapshot("xcp00", "live")
    abandoned.driver.stop("xcp00", Stop.CUT)
    assert abandoned.found().power is abandoned.seen_power() is Power.OFF
    abandoned.driver.restore_snapshot("xcp00", "live")
    assert abandoned.found().power is Power.SAVED
    abandoned.driver.start("xcp00")
    assert abandoned.found().power is abandoned.seen_power() is Power.RUNNING
