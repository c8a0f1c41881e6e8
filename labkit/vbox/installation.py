"""Where VirtualBox is installed, and where it put `vboxapi`, its own Python bindings.

`vboxapi` is not on PyPI: VirtualBox's installer, or a distribution's package, puts it into the
system's Python, where a virtual environment does not look. Sometimes it is left uninstalled in
the SDK folder, and serves from there just as well.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

_PROGRAMS = ("VBoxSVC", "VBoxSVC.exe")


@dataclass(frozen=True, slots=True)
class Installation:
    """A VirtualBox with Python bindings."""

    vboxapi: Path
    """The package's folder."""
    programs: Path | None
    """The folder with VBoxSVC; None: `vboxapi` itself has to know."""
    sdk: Path | None
    """The folder with `bindings/`."""


@dataclass(frozen=True, slots=True)
class Search:
    """What was found, and where was looked."""

    installation: Installation | None
    programs: Path | None
    """Where VirtualBox is, with or without bindings."""
    looked: tuple[Path, ...]


def search(environ: Mapping[str, str], system: str, root: Path = Path("/")) -> Search:
    """Look for VirtualBox. `system` is what `platform.system()` says; `root` is where the usual
    folders begin. What VBOX_INSTALL_PATH and VBOX_SDK_PATH say wins."""
    programs = next(
        (
            folder
            for folder in _program_folders(environ, system, root)
            if any((folder / name).is_file() for name in _PROGRAMS)
        ),
        None,
    )
    looked: list[Path] = []
    for folder in _package_folders(environ, system, root, programs):
        looked.append(folder)
        package = folder / "vboxapi"
        if (package / "__init__.py").is_file():
            return Search(
                Installation(package, programs, _sdk(environ, programs)), programs, tuple(looked)
            )
    return Search(None, programs, tuple(looked))


def _program_folders(environ: Mapping[str, str], system: str, root: Path) -> Iterator[Path]:
    for name in ("VBOX_INSTALL_PATH", "VBOX_PROGRAM_PATH", "VBOX_MSI_INSTALL_PATH"):
        if environ.get(name):
            yield Path(environ[name])
    if environ.get("VBOX_SDK_PATH"):
        yield Path(environ["VBOX_SDK_PATH"]).parent
    if system == "Windows":
        for name in ("ProgramW6432", "ProgramFiles"):
            if environ.get(name):
                yield Path(environ[name], "Oracle", "VirtualBox")
    elif system == "Darwin":
        yield root / "Applications/VirtualBox.app/Contents/MacOS"
    else:
        # Debian and its kin, Fedora's RPM Fusion, Oracle's own .run installer.
        for place in ("usr/lib/virtualbox", "usr/lib64/virtualbox", "opt/VirtualBox"):
            yield root / place


def _package_folders(
    environ: Mapping[str, str], system: str, root: Path, programs: Path | None
) -> Iterator[Path]:
    """Folders that may hold the package, best first."""
    wished = [environ[name] for name in ("VBOX_SDK_PATH", "VBOX_INSTALL_PATH") if environ.get(name)]
    for wish in wished:
        yield from _in_sdk(Path(wish))
        yield from _in_sdk(Path(wish, "sdk"))
    if root == Path("/"):
        found = find_spec("vboxapi")
        if found is not None and found.origin is not None:
            yield Path(found.origin).parent.parent
    yield from _system_pythons(environ, system, root)
    if programs is not None:
        yield from _in_sdk(programs / "sdk")


def _in_sdk(sdk: Path) -> list[Path]:
    """`install` or `installer`, with the package in it or deeper: each release moved it."""
    packages = [
        *sdk.glob("install*/vboxapi/__init__.py"),
        *sdk.glob("install*/python/vboxapi/src/vboxapi/__init__.py"),
        *sdk.glob("install*/python/vboxapi/__init__.py"),
    ]
    return [package.parent.parent for package in packages]


def _system_pythons(environ: Mapping[str, str], system: str, root: Path) -> Iterator[Path]:
    if system == "Windows":
        for name in ("LOCALAPPDATA", "ProgramW6432", "ProgramFiles"):
            if environ.get(name):
                base = Path(environ[name])
                yield from _newest(base, "Programs/Python/Python3*/Lib/site-packages")
                yield from _newest(base, "Python3*/Lib/site-packages")
        yield from _newest(root, "Python3*/Lib/site-packages")
    elif system == "Darwin":
        yield from _newest(root, "Library/Python/3.*/site-packages")
        yield from _newest(
            root, "Library/Frameworks/Python.framework/Versions/3.*/lib/python3.*/site-packages"
        )
        yield from _newest(root, "opt/homebrew/lib/python3.*/site-packages")
        yield from _newest(root, "usr/local/lib/python3.*/site-packages")
    else:
        yield root / "usr/lib/python3/dist-packages"
        for place in ("usr/lib", "usr/lib64", "usr/local/lib"):
            yield from _newest(root / place, "python3.*/dist-packages")
            yield from _newest(root / place, "python3.*/site-packages")


def _newest(base: Path, pattern: str) -> list[Path]:
    return sorted(base.glob(pattern), key=_numbers, reverse=True)


def _numbers(path: Path) -> list[int]:
    digits = "".join(char if char.isdigit() else " " for char in os.fspath(path))
    return [int(number) for number in digits.split()]


def _sdk(environ: Mapping[str, str], programs: Path | None) -> Path | None:
    if environ.get("VBOX_SDK_PATH"):
        return Path(environ["VBOX_SDK_PATH"])
    if programs is not None and (programs / "sdk").is_dir():
        return programs / "sdk"
    return None
