"""What `pip install labkit` brings."""

import re
import subprocess
import sys
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent


def needed(name: str, found: set[str]) -> set[str]:
    """The distributions a distribution needs, all the way down, without extras."""
    canonical = re.sub(r"[-_.]+", "-", name).lower()
    if canonical in found:
        return found
    found.add(canonical)
    installed: Distribution = distribution(name)
    for line in installed.requires or []:
        requirement = Requirement(line)
        linux: dict[str, str] = {"extra": "", "sys_platform": "linux", "platform_system": "Linux"}
        if requirement.marker is None or requirement.marker.evaluate({**linux}):
            needed(requirement.name, found)
    return found


def test_the_core_needs_fewer_than_twenty_other_distributions() -> None:
    others = needed("labkit", set()) - {"labkit"}
    assert len(others) < 20, sorted(others)


def test_the_wheel_carries_scenarios_templates_and_types(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    [wheel] = tmp_path.glob("labkit-*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    assert "labkit/scenarios/6J.yaml" in inside
    assert "labkit/py.typed" in inside
    templates = (ROOT / "labkit/media/templates").iterdir()
    assert {f"labkit/media/templates/{path.name}" for path in templates} <= inside
    assert not any(path.endswith(".iso") for path in inside)
