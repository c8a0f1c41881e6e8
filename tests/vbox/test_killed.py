"""Whatever was killed in the middle is made afresh by the next run."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from labkit.errors import LabError
from labkit.vbox.driver import Power
from tests.contract.rigs import Rig

pytestmark = pytest.mark.vbox

KILLED_IN = """\
import os, signal, sys
from pathlib import Path
from labkit.vbox import connection, images, making
from labkit.vbox.driver import AdapterSpec, Attachment, MachineSpec
from labkit.vbox.pyvbox import VirtualBoxDriver

whole = {place}.{name}
def until_now(*given, **more):
    if {after}:
        whole(*given, **more)
    os.kill(os.getpid(), signal.SIGKILL)
{place}.{name} = until_now

wanted = MachineSpec(
    name="xcp00", folder=Path(sys.argv[1]), group="/labkit/contract", cpus=1, memory_mib=64,
    disk_mib=1024, adapters=(AdapterSpec(Attachment.NAT),), nested=False,
    labels={{"lab": "contract"}},
)
driver = VirtualBoxDriver()
match sys.argv[2]:
    case "create":
        driver.create(wanted)
    case "clone":
        driver.clone("golden", "installed", wanted)
    case "remove":
        driver.remove("xcp00")
"""


def killed(real: Rig, act: str, where: str, *, after: bool) -> None:
    """Let another process be killed as it calls (or has called) that."""
    place, _, name = where.rpartition(".")
    code = KILLED_IN.format(place=place, name=name, after=after)
    folder = real.spec().folder
    done = subprocess.run([sys.executable, "-c", code, str(folder), act], check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("name", ["apply_hardware", "apply_common", "_new_disk"])
def test_a_creation_killed_before_the_machine_is_known(real: Rig, name: str, after: bool) -> None:
    killed(real, "create", f"making.{name}", after=after)
    assert real.witness.names() == set()
    assert real.create().power is Power.OFF
    real.driver.start("xcp00")


def test_a_creation_killed_after_the_machine_is_known(real: Rig) -> None:
    killed(real, "create", "connection.Connection.session", after=False)
    # It has its labels: whoever finds it knows that it is labkit's, and half.
    assert real.found().labels == {"lab": "contract"}
    with pytest.raises(LabError, match="already"):
        real.create()
    real.driver.remove("xcp00")
    assert real.create().power is Power.OFF


def test_a_killed_creation_whose_files_somebody_deleted_is_made_afresh(real: Rig) -> None:
    killed(real, "create", "making._new_disk", after=True)
    shutil.rmtree(real.spec().folder)
    assert any(medium.startswith(str(real.folder)) for medium in real.witness.media())
    assert real.create().power is Power.OFF
    real.driver.start("xcp00")


@pytest.mark.parametrize("after", [False, True])
def test_a_clone_killed_before_it_is_known(real: Rig, after: bool) -> None:
    real.golden()
    killed(real, "clone", "making.apply_common", after=after)
    assert real.witness.names() == {"golden"}
    assert real.clone().power is Power.OFF
    real.driver.start("xcp00")


def test_a_source_goes_although_a_clone_of_it_was_killed(real: Rig) -> None:
    real.golden()
    killed(real, "clone", "making.apply_common", after=True)
    real.driver.remove("golden")
    assert real.witness.names() == set()
    assert not any(medium.startswith(str(real.folder)) for medium in real.witness.media())


@pytest.mark.parametrize(
    "where", ["connection.Connection.finish", "images.forget_dvds", "images.clear"]
)
def test_what_a_killed_removal_left_is_cleared_by_the_next_creation(real: Rig, where: str) -> None:
    real.create()
    real.driver.take_snapshot("xcp00", "hosts")
    killed(real, "remove", where, after=False)
    real.driver.remove("xcp00")
    assert real.witness.names() == set()
    assert real.create().snapshots == ()


def test_a_machine_whose_program_was_killed_is_off_and_starts_again(real: Rig) -> None:
    real.create()
    real.driver.start("xcp00")
    (program,) = (
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and str(real.found().uuid) in _command_line(entry)
    )
    subprocess.run(["kill", "-KILL", str(program)], check=True)
    real.wait_for(lambda: real.found().power is Power.OFF)
    real.driver.start("xcp00")
    assert real.see().power == Power.RUNNING


def _command_line(process: Path) -> str:
    try:
        return (process / "cmdline").read_text()
    except OSError:
        return ""
