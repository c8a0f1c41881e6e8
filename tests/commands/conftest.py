"""Whole commands, as a person types them, on the pretend computer."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SPEED = "3000"
"""Pretended seconds in a real one: an installation in a fifth of a second."""


@dataclass
class Labkit:
    """The command line in an empty home, away from the project's folder."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def __call__(self, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "labkit", *arguments],
            cwd=self.folder,
            env=self._environment(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def good(self, *arguments: str, **env: str) -> str:
        """What a command printed that has to go well."""
        ended = self(*arguments, **env)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def bad(self, code: int, *arguments: str, **env: str) -> str:
        """What a command said that has to end with this exit code."""
        ended = self(*arguments, **env)
        assert ended.returncode == code, ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr, ended.stderr
        return ended.stderr

    def start(self, *arguments: str, **env: str) -> "subprocess.Popen[str]":
        """A command that goes on while the test does something else."""
        return subprocess.Popen(
            [sys.executable, "-m", "labkit", *arguments],
            cwd=self.folder,
            env=self._environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Where the tests themselves run in the background, Ctrl-C is ignored, and that is
            # passed on.
            preexec_fn=_hear_ctrl_c if os.name == "posix" else None,
        )

    def status(self, name: str = "6J") -> dict[str, Any]:
        """The status document of a lab."""
        found: dict[str, Any] = json.loads(self("status", name, "--json").stdout)
        return found

    def machines(self) -> dict[str, Any]:
        """The pretend computer's machines, as it keeps them."""
        world = self.home / "sim" / "world.json"
        if not world.exists():
            return {}
        # The last line is the world; the one before it says when that was.
        found: dict[str, Any] = json.loads(world.read_text(encoding="utf-8").splitlines()[-1])
        machines: dict[str, Any] = found["machines"]
        return machines

    def disk_of(self, gib: int) -> None:
        """Give the pretend computer another disk."""
        world = self.home / "sim" / "world.json"
        head, body = world.read_text(encoding="utf-8").splitlines()
        smaller = json.dumps({**json.loads(body), "disk_mib": gib * 1024})
        world.write_text(f"{head}\n{smaller}", encoding="utf-8")

    def scenario(self, *changes: tuple[str, str], name: str = "6J") -> Path:
        """A copy of a shipped scenario with some of its text replaced."""
        shipped = Path(__file__).parents[2] / "scenarios" / f"{name}.yaml"
        text = shipped.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        path = self.folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        kept = {key: text for key, text in os.environ.items() if not key.startswith("LABKIT_")}
        return {
            **kept,
            "LABKIT_HOME": str(self.home),
            "LABKIT_ON": "sim",
            "LABKIT_SIM_SPEED": SPEED,
            **self.env,
            **more,
        }


def _hear_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def labkit(tmp_path: Path) -> Labkit:
    return Labkit(tmp_path)


@pytest.fixture(scope="module")
def lab_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Labkit]:
    """A computer where 6J is up; tests that share it leave it so."""
    labkit = Labkit(tmp_path_factory.mktemp("up"))
    labkit.good("up", "6J")
    yield labkit


@pytest.fixture
def full_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A disk of 96 KiB, or as small as a test asks for: less than it needs."""
    size = getattr(request, "param", "96k")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "labkit-test", str(disk)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root on Linux can make a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)
