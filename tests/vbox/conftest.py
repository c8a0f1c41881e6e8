"""Tests that need VirtualBox are left out, without a word each, where nobody asked for them.

`tests/rig/run` (`make test-vbox`) asks: it sets LABKIT_TEST_VBOX in a tree of its own.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.vbox.pyvbox import VirtualBoxDriver
from tests.contract.rigs import Rig
from tests.contract.witness import VBoxManage

_ASKED = os.environ.get("LABKIT_TEST_VBOX") == "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if _ASKED:
        return
    left_out = [item for item in items if item.get_closest_marker("vbox")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Rig]:
    """Real VirtualBox, with little patience."""
    assert os.environ.get("VBOX_USER_HOME"), "these tests want a VirtualBox of their own"
    folder = tmp_path / "lab"
    folder.mkdir()
    rig = Rig("virtualbox", VirtualBoxDriver(patience=0.5), VBoxManage(), folder, guests=True)
    try:
        yield rig
    finally:
        rig.clear()
    assert rig.witness.names() == set()
    assert not [medium for medium in rig.witness.media() if medium.startswith(str(folder))]
