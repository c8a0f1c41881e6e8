"""What the way in to VirtualBox says when there is none, in a process that is not ours."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from textwrap import dedent, indent

import pytest

from labkit.vbox.installation import search

ASK = """\
import json
from labkit.errors import LabError
from labkit.vbox.pyvbox import VirtualBoxDriver
try:
    said = {"version": VirtualBoxDriver().version()}
except LabError as error:
    said = {"what": error.what, "details": error.details, "hint": error.hint}
    said["exit"] = str(error.exit_code)
print(json.dumps(said))
"""

WORKING = """\
class VirtualBox:
    version = "{version}"
class VirtualBoxManager:
    constants = oXcptClass = None
    def __init__(self, style, parameters):
        print("chatter"){broken}
    def getVirtualBox(self):
        {answer}
    def deinit(self):
        pass
"""


def ask(folder: Path, vboxapi: str | None) -> tuple[dict[str, str], str]:
    """What a driver says there, and what else came out."""
    folder.mkdir(exist_ok=True)
    (folder / "VBoxSVC").touch()
    (folder / "VBoxPython3_11m.so").touch()
    if vboxapi is not None:
        package = folder / "sdk/installer/python/vboxapi/src/vboxapi"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(vboxapi)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ASK],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "VBOX_INSTALL_PATH": str(folder)},
    )
    answer: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return answer, "\n".join(done.stdout.splitlines()[:-1]) + done.stderr


def working(version: str = "7.2.22_Debian", broken: str = "", answer: str = "") -> str:
    return WORKING.format(
        version=version,
        broken=indent(dedent(broken), " " * 8),
        answer=answer or "return VirtualBox()",
    )


def test_the_version_is_told_without_its_distributions_name(tmp_path: Path) -> None:
    said, chatter = ask(tmp_path, working())
    assert said == {"version": "7.2.22"}
    assert chatter == ""


@pytest.mark.parametrize("version", ["6.1.50", "5.2.44", "7.0.26_Ubuntu"])
def test_a_virtualbox_that_is_too_old_is_refused(tmp_path: Path, version: str) -> None:
    said, _ = ask(tmp_path, working(version))
    assert said["exit"] == "3"
    assert version.partition("_")[0] in said["what"]
    assert "7.1" in said["what"]
    assert "Update" in said["hint"]


@pytest.mark.skipif(
    search(os.environ, platform.system()).installation is not None,
    reason="this computer has VirtualBox's bindings, and they are rightly found",
)
def test_no_bindings_is_told_with_where_was_looked(tmp_path: Path) -> None:
    said, _ = ask(tmp_path, None)
    assert said["exit"] == "3"
    assert "vboxapi" in said["what"]
    assert str(tmp_path) in said["details"]
    assert "VBOX_SDK_PATH" in said["hint"]


@pytest.mark.parametrize(
    "vboxapi",
    [
        "import _a_part_for_another_python",
        working(broken="\nraise Exception('Cannot find VBoxPython module (tried: VBoxPython3)')"),
    ],
)
def test_bindings_for_another_python_are_told_from_none(tmp_path: Path, vboxapi: str) -> None:
    said, chatter = ask(tmp_path, vboxapi)
    assert said["exit"] == "3"
    assert f"Python {sys.version_info.major}.{sys.version_info.minor}" in said["what"]
    assert "Python 3.11" in said["details"]
    assert str(tmp_path) in said["details"]
    assert chatter == ""


def test_a_service_that_does_not_answer_is_told(tmp_path: Path) -> None:
    said, chatter = ask(tmp_path, working(answer="raise Exception('0x80004005 (no service)')"))
    assert said["exit"] == "3"
    assert "VBoxSVC" in said["what"]
    assert "0x80004005" in said["details"]
    assert chatter == ""


def test_a_service_that_somebody_else_just_starts_is_asked_again(tmp_path: Path) -> None:
    once = (
        "self.asked = getattr(self, 'asked', 0) + 1; return VirtualBox() if self.asked > 1 else 1"
    )
    assert ask(tmp_path, working(answer=once))[0] == {"version": "7.2.22"}


def test_a_driver_that_nobody_asks_touches_nothing() -> None:
    made = (
        "import sys; from labkit.vbox.pyvbox import VirtualBoxDriver; VirtualBoxDriver();"
        "print(sorted({'vboxapi', 'virtualbox', 'pydantic', 'pycdlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", made], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
