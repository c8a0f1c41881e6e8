"""Somebody else's session: waited for a moment, then named."""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from labkit.errors import LabError
from labkit.vbox.driver import Driver
from tests.contract.rigs import Rig

pytestmark = pytest.mark.vbox

HOLD = """\
import sys
from labkit.vbox.connection import Connection
from labkit.vbox.bindings import connect

to = Connection(connect(), 1)
with to.session(to.bindings.vbox.find_machine("xcp00"), "xcp00"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def held() -> Iterator[Callable[[], None]]:
    """Let another program hold the machine, as an open settings window does."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline() == "held\n"

        def let_go() -> None:
            assert program.stdin is not None
            program.stdin.close()

        try:
            yield let_go
        finally:
            let_go()


@pytest.mark.parametrize(
    "act",
    [
        lambda driver: driver.start("xcp00"),
        lambda driver: driver.insert("xcp00", 0, None),
        lambda driver: driver.take_snapshot("xcp00", "hosts"),
        lambda driver: driver.remove("xcp00"),
    ],
    ids=["start", "insert", "snapshot", "remove"],
)
def test_a_machine_that_somebody_holds_is_named(real: Rig, act: Callable[[Driver], None]) -> None:
    real.create()
    with held(), pytest.raises(LabError, match=r"xcp00.*in use") as error:
        act(real.driver)
    assert "locked" in error.value.details
    assert "Close its window" in error.value.hint
    act(real.driver)


def test_a_session_that_ends_in_time_is_waited_for(real: Rig) -> None:
    real.create()
    with held() as let_go:
        let_go()
        real.driver.take_snapshot("xcp00", "hosts")
    assert real.see().snapshots == ("hosts",)


SERVICE_DIES = """\
import os, signal, time
from pathlib import Path
from labkit.errors import LabError
from labkit.vbox.pyvbox import VirtualBoxDriver

driver = VirtualBoxDriver()
assert driver.machines() == ()
own = "VBOX_IPC_SOCKETID=" + os.environ["VBOX_IPC_SOCKETID"]
for process in Path("/proc").glob("[0-9]*"):
    try:
        if process.joinpath("comm").read_text() != "VBoxSVC\\n":
            continue
        if own in process.joinpath("environ").read_text().split(chr(0)):
            os.kill(int(process.name), signal.SIGKILL)
    except OSError:
        pass
time.sleep(0.5)
try:
    driver.machines()
except LabError as error:
    print(error.what, error.hint)
"""


def test_a_service_that_dies_is_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVICE_DIES],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "VBOX_USER_HOME": str(tmp_path / "home"),
            "VBOX_IPC_SOCKETID": f"labkit-{uuid.uuid4()}",
        },
    )
    assert "service went away" in done.stdout, done.stderr
    assert "again" in done.stdout
