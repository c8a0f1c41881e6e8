"""Boot proofs are left out, without a word each, where nobody asked for them.

`tests/boot/run` (`make test-boot`) asks, in the tree of `tests/rig`, where VirtualBox's own code
is, and packages may be installed.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boot.boots import Boots, asked_for, started

_ASKED = os.environ.get("LABKIT_TEST_VBOX") == "1"
_PARTS = Path("/opt/labkit/boot-parts")
"""Kept with the tree, and thrown away with it."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "boot: boots labkit's medium and hook (make test-boot)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if _ASKED:
        return
    left_out = [item for item in items if item.get_closest_marker("boot")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def parts() -> Path:
    """What a bootable medium is made of."""
    gather = Path(__file__).with_name("parts")
    done = subprocess.run([gather, _PARTS], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-20:])
        pytest.exit(f"Debian's packages could not be had:\n{said}", returncode=3)
    return _PARTS


@pytest.fixture(scope="session")
def boots(
    request: pytest.FixtureRequest, parts: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Boots]:
    """Every layout this run asks for, being booted."""
    folder = tmp_path_factory.mktemp("booted")
    with started(asked_for(request.session.items), parts, folder) as boots:
        yield boots
