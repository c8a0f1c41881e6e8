"""VirtualBox's own bindings are found wherever its installers put them."""

from pathlib import Path

import pytest

from labkit.vbox.installation import search


def install(root: Path, programs: str | None, package: str) -> None:
    """A VirtualBox as an installer leaves it, as far as anybody looks."""
    if programs is not None:
        (root / programs).mkdir(parents=True, exist_ok=True)
        name = "VBoxSVC.exe" if "Program Files" in programs else "VBoxSVC"
        (root / programs / name).touch()
        (root / programs / "sdk" / "bindings").mkdir(parents=True, exist_ok=True)
    (root / package / "vboxapi").mkdir(parents=True, exist_ok=True)
    (root / package / "vboxapi" / "__init__.py").touch()


@pytest.mark.parametrize(
    ("system", "programs", "package"),
    [
        pytest.param(
            "Linux", "usr/lib/virtualbox", "usr/lib/python3/dist-packages", id="debian-package"
        ),
        pytest.param(
            "Linux",
            "usr/lib64/virtualbox",
            "usr/lib/python3.14/site-packages",
            id="fedora-package",
        ),
        pytest.param(
            "Linux",
            "opt/VirtualBox",
            "usr/local/lib/python3.12/dist-packages",
            id="oracle-installer",
        ),
        pytest.param(
            "Linux",
            "opt/VirtualBox",
            "opt/VirtualBox/sdk/installer/python/vboxapi/src",
            id="oracle-sdk-left-uninstalled",
        ),
        pytest.param(
            "Darwin",
            "Applications/VirtualBox.app/Contents/MacOS",
            "Library/Python/3.9/site-packages",
            id="macos-system-python",
        ),
        pytest.param(
            "Darwin",
            "Applications/VirtualBox.app/Contents/MacOS",
            "Applications/VirtualBox.app/Contents/MacOS/sdk/installer/python/vboxapi/src",
            id="macos-sdk-left-uninstalled",
        ),
        pytest.param(
            "Windows",
            "Program Files/Oracle/VirtualBox",
            "Program Files/Oracle/VirtualBox/sdk/install",
            id="windows-sdk-left-uninstalled",
        ),
        pytest.param(
            "Windows",
            "Program Files/Oracle/VirtualBox",
            "Users/student/AppData/Local/Programs/Python/Python313/Lib/site-packages",
            id="windows-python-of-the-users",
        ),
    ],
)
def test_it_is_found_where_installers_put_it(
    tmp_path: Path, system: str, programs: str, package: str
) -> None:
    install(tmp_path, programs, package)
    environ = {
        "ProgramFiles": str(tmp_path / "Program Files"),
        "LOCALAPPDATA": str(tmp_path / "Users/student/AppData/Local"),
    }
    found = search(environ if system == "Windows" else {}, system, tmp_path).installation
    assert found is not None
    assert found.vboxapi == tmp_path / package / "vboxapi"
    assert found.programs == tmp_path / programs
    assert found.sdk == tmp_path / programs / "sdk"


@pytest.mark.parametrize("name", ["VBOX_INSTALL_PATH", "VBOX_SDK_PATH"])
def test_what_the_user_says_wins(tmp_path: Path, name: str) -> None:
    install(tmp_path, "usr/lib/virtualbox", "usr/lib/python3/dist-packages")
    install(tmp_path, "mine", "mine/sdk/installer/python/vboxapi/src")
    said = tmp_path / ("mine" if name == "VBOX_INSTALL_PATH" else "mine/sdk")
    found = search({name: str(said)}, "Linux", tmp_path).installation
    assert found is not None
    assert found.vboxapi == tmp_path / "mine/sdk/installer/python/vboxapi/src/vboxapi"
    assert (found.programs, found.sdk) == (tmp_path / "mine", tmp_path / "mine/sdk")


def test_the_newest_python_wins(tmp_path: Path) -> None:
    for version in ("3.9", "3.14", "3.11"):
        install(tmp_path, "usr/lib/virtualbox", f"usr/lib/python{version}/site-packages")
    found = search({}, "Linux", tmp_path).installation
    assert found is not None
    assert "python3.14" in str(found.vboxapi)


def test_where_was_looked_is_told_when_there_is_none(tmp_path: Path) -> None:
    found = search({}, "Linux", tmp_path)
    assert (found.installation, found.programs) == (None, None)
    assert tmp_path / "usr/lib/python3/dist-packages" in found.looked


def test_virtualbox_without_bindings_is_told_from_no_virtualbox(tmp_path: Path) -> None:
    (tmp_path / "opt/VirtualBox").mkdir(parents=True)
    (tmp_path / "opt/VirtualBox/VBoxSVC").touch()
    found = search({}, "Linux", tmp_path)
    assert found.installation is None
    assert found.programs == tmp_path / "opt/VirtualBox"
