"""The way in to VirtualBox: its own `vboxapi`, with pyvbox (`virtualbox`) on top.

The only place that imports either. Both are brought to silence here: `vboxapi` prints what goes
wrong on the way in, and pyvbox leaves it to tidy up when Python has gone half away.
"""

import atexit
import contextlib
import importlib.util
import io
import os
import platform
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.errors import ComputerError
from labkit.vbox.installation import Installation, Search, search

OLDEST = (7, 1)
"""What VirtualBox calls `platform` and `firmwareSettings` is as old as this; 7.0 has other words
for half of what the driver asks."""

_TRIES = 3
_INSTALL = {
    "Linux": "Install it: `sudo apt install virtualbox` on Debian (contrib) and Ubuntu, or the "
    "package for your system from https://www.virtualbox.org/wiki/Linux_Downloads",
    "Windows": "Install it from https://www.virtualbox.org/wiki/Downloads and leave `Python "
    "support` ticked",
    "Darwin": "Install it from https://www.virtualbox.org/wiki/Downloads",
}
_ELSEWHERE = (
    "If it is installed in another place, say where: VBOX_INSTALL_PATH is the folder with VBoxSVC, "
    "VBOX_SDK_PATH the one of its SDK."
)


@dataclass(frozen=True, slots=True)
class Bindings:
    """An open way in to VirtualBox."""

    manager: Any
    """`vboxapi.VirtualBoxManager`."""
    vbox: Any
    """pyvbox's `IVirtualBox`."""
    constants: Any
    """VirtualBox's own numbers: what pyvbox's enumerations say is of VirtualBox 6.1."""
    library: Any
    """pyvbox's `virtualbox.library`."""
    version: str
    """Such as `7.2.22`."""

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What VirtualBox's refusals arrive as: pyvbox turns those of calls into its own, and
        lets those of attributes through as they are."""
        return self.library.VBoxError, self.manager.oXcptClass

    def session(self) -> Any:
        """A new session, to lock a machine with."""
        return self.library.ISession(self.manager.getSessionObject(self.vbox._i))

    def progress(self, raw: Any) -> Any:
        """pyvbox's `IProgress` around what a raw call returned."""
        return self.library.IProgress(raw)


def connect(environ: Mapping[str, str] | None = None) -> Bindings:
    """Reach VirtualBox's service, starting it where it does not run. Raises `ComputerError`
    when VirtualBox is not installed, does not answer, or is too old."""
    found = search(os.environ if environ is None else environ, platform.system())
    if found.installation is None:
        raise _missing(found, platform.system())
    with _quiet():
        manager = _open(found.installation)
    # At exit, while Python is still whole: left to itself, `vboxapi` complains on stderr.
    atexit.register(manager.deinit)
    import virtualbox
    from virtualbox import library

    raw = _service(manager)
    version = str(raw.version).partition("_")[0]
    check_version(version)
    virtualbox.VirtualBox.assert_version = False
    return Bindings(
        manager=manager,
        vbox=virtualbox.VirtualBox(interface=raw),
        constants=manager.constants,
        library=library,
        version=version,
    )


def check_version(version: str) -> None:
    """Raise `ComputerError` for a VirtualBox that is too old for labkit."""
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        raise ComputerError(
            f"VirtualBox {version} is too old for labkit, which needs {wanted} or newer.",
            hint="Update it from https://www.virtualbox.org/wiki/Downloads; your machines stay.",
        )


def _open(installation: Installation) -> Any:
    """Import `vboxapi` and let it load its compiled part."""
    try:
        _import_vboxapi(installation)
        import virtualbox

        # pyvbox takes the `vboxapi` that is already imported, and hands it to its own classes.
        return virtualbox.Manager().manager
    except Exception as cause:
        # A plain `Exception` is what vboxapi raises when no compiled part fits.
        raise _broken(installation, cause) from cause


def _service(manager: Any) -> Any:
    """VBoxSVC. When two programs start it at the same moment, one of them is turned away."""
    for left in reversed(range(_TRIES)):
        try:
            raw = manager.getVirtualBox()
            # The first thing that is really asked.
            _ = raw.version
            return raw
        except Exception as cause:  # its class depends on what vboxapi found
            if not left:
                raise ComputerError(
                    "VirtualBox is installed, but its service VBoxSVC does not answer.",
                    details=str(cause),
                    hint="Open VirtualBox once and see what it says, then run the command again.",
                ) from cause
        time.sleep(0.5)
    raise AssertionError("the last failure is raised above")


def _import_vboxapi(installation: Installation) -> None:
    """Import the package from its own folder. Putting that folder on `sys.path` would let every
    other package of the system's Python into this virtual environment."""
    if "vboxapi" in sys.modules:
        return
    if installation.programs is not None:
        os.environ.setdefault("VBOX_PROGRAM_PATH", str(installation.programs))
    if installation.sdk is not None:
        os.environ.setdefault("VBOX_SDK_PATH", str(installation.sdk))
    spec = importlib.util.spec_from_file_location(
        "vboxapi",
        installation.vboxapi / "__init__.py",
        submodule_search_locations=[str(installation.vboxapi)],
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["vboxapi"] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules["vboxapi"]
        raise


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Nothing on the terminal, and no warnings: the types of VirtualBox's compiled part lack a
    `__module__`, and where that warning is made an error, the part crashes Python."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield


def _missing(found: Search, system: str) -> ComputerError:
    looked = "\n".join(str(folder) for folder in found.looked)
    if found.programs is not None:
        return ComputerError(
            "VirtualBox is installed, but its Python bindings (`vboxapi`) are not.",
            details=f"VirtualBox is in {found.programs}. Looked for them in:\n{looked}",
            hint="Install VirtualBox's SDK of the same version from "
            "https://www.virtualbox.org/wiki/Downloads and set VBOX_SDK_PATH to its `sdk` folder.",
        )
    return ComputerError(
        "VirtualBox is not installed.",
        details=f"Looked for its Python bindings (`vboxapi`) in:\n{looked}",
        hint=f"{_INSTALL.get(system, _INSTALL['Linux'])}.\n{_ELSEWHERE}\n"
        "To try labkit without it, say `--on sim`.",
    )


def _broken(installation: Installation, cause: Exception) -> ComputerError:
    here = ".".join(map(str, sys.version_info[:2]))
    parts = _compiled_parts(installation.programs)
    return ComputerError(
        f"VirtualBox's Python bindings do not work with Python {here}.",
        details=f"{cause}\nThey are in {installation.vboxapi}"
        + (f"; compiled parts there are for {', '.join(parts)}." if parts else "."),
        hint="Run labkit with a Python version that VirtualBox has a part for, or update "
        "VirtualBox.",
    )


def _compiled_parts(programs: Path | None) -> list[str]:
    """`VBoxPython3_11.so` is for Python 3.11, `VBoxPython3.so` for any 3."""
    if programs is None:
        return []
    names = {part.stem.removeprefix("VBoxPython") for part in programs.glob("VBoxPython*")}
    return sorted(f"Python {name.rstrip('m').replace('_', '.')}" for name in names if name)
