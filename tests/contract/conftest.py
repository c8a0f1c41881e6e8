"""The same tests on every driver there is: `sim` always, VirtualBox where it was asked for.

LABKIT_TEST_VBOX=1 asks for it; `tests/rig/run` does, in a tree and with a VBOX_USER_HOME of
its own. Nobody's machines are at risk, but nobody's VirtualBox is used unasked either.
"""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from labkit.errors import LabError
from labkit.sim.computer import open_computer
from labkit.vbox.pyvbox import VirtualBoxDriver
from tests.contract.rigs import Rig
from tests.contract.witness import DriverWitness, VBoxManage

WITH_VBOX = os.environ.get("LABKIT_TEST_VBOX") == "1"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "rig" in metafunc.fixturenames:
        names = ["sim"]
        if WITH_VBOX:
            names.append("virtualbox")
        marks = {"virtualbox": [pytest.mark.vbox]}
        metafunc.parametrize(
            "rig",
            [pytest.param(name, marks=marks.get(name, [])) for name in names],
            indirect=True,
        )


def pytest_exception_interact(
    call: pytest.CallInfo[object], report: pytest.CollectReport | pytest.TestReport
) -> None:
    """Show what VirtualBox itself said, which is not in a `LabError`'s first sentence."""
    if call.excinfo is not None and isinstance(call.excinfo.value, LabError):
        report.sections.append(("details", call.excinfo.value.details))


@cache
def _virtualbox() -> VirtualBoxDriver:
    return VirtualBoxDriver()


@pytest.fixture
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """A driver to be held to the contract. Afterwards nothing may be left of the test."""
    folder = tmp_path / "lab"
    folder.mkdir()
    if request.param == "sim":
        driver = open_computer(tmp_path / "sim").driver
        yield Rig("sim", driver, DriverWitness(driver), folder, guests=False)
        return
    assert os.environ.get("VBOX_USER_HOME"), "these tests want a VirtualBox of their own"
    rig = Rig("virtualbox", _virtualbox(), VBoxManage(), folder, guests=True)
    try:
        yield rig
    finally:
        rig.clear()
    assert rig.witness.names() == set()
    assert not [medium for medium in rig.witness.media() if medium.startswith(str(folder))]
