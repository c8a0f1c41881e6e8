"""The medium as it is, read by VirtualBox while its machine starts: nothing is flattened.

Xen's own first lines are as far as a machine without a kernel driver gets: then Xen sends itself
an interrupt that never comes, and panics. All the files it is booted from were read by then,
through VirtualBox's own BIOS and CD drive.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.vbox.pyvbox import VirtualBoxDriver
from tests.boot.computer import last_lines
from tests.boot.medium import Layout, make_medium
from tests.contract.rigs import Rig
from tests.contract.witness import VBoxManage

pytestmark = pytest.mark.boot

LONGEST = 120.0
"""Seconds until Xen must have said something. Two free cores need about 10."""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    folder = tmp_path / "lab"
    folder.mkdir()
    rig = Rig("virtualbox", VirtualBoxDriver(patience=0.5), VBoxManage(), folder, guests=True)
    try:
        yield rig
    finally:
        rig.clear()


def test_virtualbox_boots_the_medium_as_far_as_xen(rig: Rig, parts: Path, tmp_path: Path) -> None:
    medium = make_medium(Layout("xcp-ng-8.3", "bzip2", "bios"), parts, tmp_path)
    serial = rig.spec().serial_file
    assert serial is not None
    rig.create(memory_mib=512)
    rig.driver.insert("xcp00", 0, medium.viso)
    rig.driver.start("xcp00")
    deadline = time.monotonic() + LONGEST
    while not (serial.exists() and b"(XEN) Command line: " in serial.read_bytes()):
        assert time.monotonic() < deadline, "Xen did not come:\n" + last_lines(serial)
        time.sleep(0.1)
