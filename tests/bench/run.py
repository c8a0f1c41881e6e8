"""What labkit costs beside the plainest way to do the same: `make bench`.

    python -m tests.bench.run [commands] [xapi] [machines] [media]

`machines` needs VirtualBox, `media` xorriso; what cannot be measured here is said, not guessed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.timing import Pair, seconds, side_by_side

IMPORT_TYPER = [sys.executable, "-c", "import typer"]


def commands(folder: Path) -> Iterator[Pair | str]:
    """The command line, on the pretend computer."""
    env = {**os.environ, "LABKIT_HOME": str(folder / "home"), "LABKIT_ON": "sim"}
    # A fresh setting of both, and bytecode kept, as on anybody's computer.
    for setting in ("LABKIT_SIM_SPEED", "PYTHONDONTWRITEBYTECODE"):
        env.pop(setting, None)

    def labkit(*arguments: str) -> Callable[[], object]:
        command = [str(Path(sys.executable).with_name("labkit")), *arguments]
        return lambda: _run(command, env)

    def typer() -> object:
        return _run(IMPORT_TYPER, env)

    yield side_by_side(
        "labkit --version", labkit("--version"), "import typer", typer, aim="under 1.3"
    )
    yield f"labkit up 6J: {seconds(labkit('up', '6J')):.2f} s whole; aim: under 3 s"
    yield side_by_side("labkit status", labkit("status"), "import typer", typer, aim="under 3")
    yield f"labkit up 6J, nothing to do: {seconds(labkit('up', '6J')):.2f} s"
    yield f"labkit reset 6J: {seconds(labkit('reset', '6J')):.2f} s"


def machines(folder: Path) -> Iterator[Pair | str]:
    """6J's machines on VirtualBox: created, snapshot taken, cloned, removed."""
    from tests.bench.machines import by_labkit, by_vboxmanage, clones, crowded, vboxmanage

    if vboxmanage() is None:
        yield "machines: VirtualBox is not installed here; `tests/rig/run` has one"
        return
    yield side_by_side(
        "golden, snapshot, two clones, gone: labkit",
        lambda: by_labkit(folder / "ours"),
        "a script of VBoxManage calls",
        lambda: by_vboxmanage(folder / "theirs"),
        aim="at most 0.5",
        runs=5,
    )
    took = clones(folder / "clones", runs=15)
    for against, theirs, aim in (
        ("VBoxManage clonevm --options link, which sets nothing", took.command, "at most 1.2"),
        ("VBoxManage, the same machine (clonevm, modifyvm, setextradata)", took.alike, "under 1"),
        ("the bare cloneTo in-process, which sets nothing", took.call, "none, shown beside"),
    ):
        yield Pair(
            "a host cloned, all set: labkit", tuple(took.labkit), tuple(theirs), against, aim
        )
    for what, (many, alone) in crowded(folder / "crowd", machines=60, runs=9).items():
        name = f"a machine {what} among 60"
        yield Pair(name, tuple(many), tuple(alone), "among 2", "at most 1.2")


def media(folder: Path) -> Iterator[Pair | str]:
    """A boot medium over a 600 MB ISO."""
    from tests.bench.media import by_labkit, by_xorriso, identity, look, vendor_iso

    if shutil.which("xorriso") is None:
        yield "media: xorriso is not installed here; `tests/rig/run` has one"
        return
    iso = vendor_iso(folder / "vendor.iso", megabytes=600)
    yield side_by_side(
        "boot medium over a 600 MB ISO: labkit",
        lambda: by_labkit(iso, folder / "ours"),
        "xorriso remaster",
        lambda: by_xorriso(iso, folder / "theirs.iso"),
        aim="under 0.05",
        runs=3,
    )
    ours = sum(path.stat().st_size for path in (folder / "ours").rglob("*") if path.is_file())
    theirs = (folder / "theirs.iso").stat().st_size
    yield f"look at a 600 MB ISO: {seconds(lambda: look(iso)):.3f} s; aim: under 0.2 s"
    took = seconds(lambda: identity(folder / "host"))
    size = sum(path.stat().st_size for path in (folder / "host").iterdir())
    yield f"a host's medium: {took:.3f} s, {size} bytes; aim: under 0.1 s and 4096 bytes"
    yield f"bytes written: {ours} against {theirs}: {ours / theirs:.5%}; aim: under 1 %"


def xapi(folder: Path) -> Iterator[Pair | str]:
    """The pretend hosts, answering."""
    from tests.bench.xapi import growth, large, small

    yield from small(folder)
    yield from large(folder)
    yield from growth(folder)


def _run(command: list[str], env: dict[str, str]) -> object:
    return subprocess.run(
        command, env=env, check=True, capture_output=True, stdin=subprocess.DEVNULL
    )


SECTIONS = {"commands": commands, "xapi": xapi, "machines": machines, "media": media}


def main(names: list[str]) -> None:
    for name in names or list(SECTIONS):
        with tempfile.TemporaryDirectory(prefix="labkit-bench-") as folder:
            for line in SECTIONS[name](Path(folder)):
                print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
