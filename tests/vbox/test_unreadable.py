"""Machines of which VirtualBox knows no more than where their settings file was."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

pytestmark = pytest.mark.vbox

REGISTRY = """\
<?xml version="1.0"?>
<VirtualBox xmlns="http://www.virtualbox.org/" version="1.12-linux">
  <Global>
    <MachineRegistry>
      <MachineEntry uuid="{{{uuid}}}" src="{file}"/>
    </MachineRegistry>
  </Global>
</VirtualBox>
"""

ASK = """\
import sys
from pathlib import Path
from labkit.errors import LabError
from labkit.vbox.driver import MachineSpec, Power
from labkit.vbox.pyvbox import VirtualBoxDriver

folder, driver = Path(sys.argv[1]), VirtualBoxDriver()
def make(name, folder):
    return driver.create(MachineSpec(name, folder, "/labkit/contract", cpus=1, memory_mib=64))

"""


def asked(tmp_path: Path, code: str) -> None:
    """Run code in a VirtualBox of its own, which cannot read its only machine, `gone`."""
    home, folder = tmp_path / "home", tmp_path / "gone"
    home.mkdir()
    registry = REGISTRY.format(uuid=uuid.uuid4(), file=folder / "gone.vbox")
    (home / "VirtualBox.xml").write_text(registry)
    own = {"VBOX_USER_HOME": str(home), "VBOX_IPC_SOCKETID": f"labkit-{uuid.uuid4()}"}
    done = subprocess.run(
        [sys.executable, "-c", ASK + code, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **own},
    )
    assert done.returncode == 0, done.stderr


def test_it_is_found_by_the_name_of_its_settings_file(tmp_path: Path) -> None:
    asked(
        tmp_path,
        "assert driver.machine('gone').power is Power.BROKEN\n"
        "assert driver.machines() == (driver.machine('gone'),)\n",
    )


def test_its_name_is_taken(tmp_path: Path) -> None:
    asked(
        tmp_path,
        "try:\n"
        "    make('gone', folder.parent / 'elsewhere')\n"
        "except LabError as error:\n"
        "    assert 'already' in error.what\n"
        "else:\n"
        "    raise AssertionError('it was made')\n",
    )


def test_its_place_is_free_for_another(tmp_path: Path) -> None:
    asked(
        tmp_path,
        "made = make('new', folder)\n"
        "assert driver.machines() == (made,)\n"
        "assert driver.machine('gone') is None\n"
        "driver.remove('new')\n",
    )


def test_once_removed_its_name_is_free(tmp_path: Path) -> None:
    asked(
        tmp_path,
        "driver.remove('gone')\n"
        "assert driver.machine('gone') is None\n"
        "assert driver.machines() == ()\n"
        "make('gone', folder)\n"
        "driver.remove('gone')\n",
    )
