"""The world behind the pretend computer: shared, kept, and never half."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from labkit.errors import LabError, ScenarioError
from labkit.sim.computer import Computer, open_computer
from labkit.vbox.driver import Power
from tests.sim.pretend import install, power, spec

ROOT = Path(__file__).parents[2]


def elsewhere(program: str, *arguments: str) -> "subprocess.Popen[str]":
    """Another program on this computer."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_second_computer_sees_what_the_first_one_did(computer: Computer, tmp_path: Path) -> None:
    second = open_computer(tmp_path / "sim", speed=20_000)
    computer.driver.create(spec(tmp_path))
    computer.driver.start("xcp00")
    assert power(second) is Power.RUNNING
    second.driver.pause("xcp00")
    assert power(computer) is Power.PAUSED


def test_a_world_goes_on_in_another_program(computer: Computer, tmp_path: Path) -> None:
    computer.driver.create(spec(tmp_path))
    computer.driver.start("xcp00")
    other = elsewhere(
        "import sys; from pathlib import Path; from labkit.sim.computer import open_computer\n"
        "computer = open_computer(Path(sys.argv[1]), speed=20_000)\n"
        "computer.clock.sleep(60)\n"
        "print(b'No bootable medium' in computer.driver.screenshot('xcp00'))",
        str(tmp_path / "sim"),
    )
    out, errors = other.communicate(timeout=30)
    assert (out.strip(), errors) == ("True", "")


def test_looking_writes_nothing(tmp_path: Path) -> None:
    computer = open_computer(tmp_path / "sim", speed=1)
    computer.driver.create(spec(tmp_path))
    kept = tmp_path / "sim" / "world.json"
    before = kept.stat().st_ino, kept.stat().st_mtime_ns
    computer.driver.machines()
    computer.driver.insert("xcp00", 0, None)
    computer.clock.now()
    assert (kept.stat().st_ino, kept.stat().st_mtime_ns) == before


def test_time_runs_faster_and_never_back(tmp_path: Path) -> None:
    computer = open_computer(tmp_path / "sim", speed=100)
    second = open_computer(tmp_path / "sim", speed=100)
    seen = [(computer if number % 2 else second).clock.now() for number in range(50)]
    assert seen == sorted(seen)
    began, real = computer.clock.now(), time.monotonic()
    computer.clock.sleep(20)
    assert 20 <= computer.clock.now() - began < 60
    assert time.monotonic() - real < 0.6


def test_a_long_sleep_counts_in_full(tmp_path: Path) -> None:
    computer = open_computer(tmp_path / "sim", speed=1)
    began = computer.clock.now()
    computer.clock.sleep(1.3)
    assert computer.clock.now() - began == pytest.approx(1.3, abs=0.2)


def test_time_stands_still_while_nobody_looks(tmp_path: Path) -> None:
    computer = open_computer(tmp_path / "sim", speed=100)
    began = computer.clock.now()
    time.sleep(1.3)
    assert computer.clock.now() - began <= 101


def test_a_clock_set_back_does_not_stop_the_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    computer = open_computer(tmp_path / "sim", speed=1000)
    began = computer.clock.now()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 3600)
    computer.clock.sleep(10)
    assert computer.clock.now() >= began + 10


@pytest.mark.parametrize("spoilt", [b"", b"{", b"{}\n{}", b'{"at":1,"turn":1}\n[]', b"\xff\xfe"])
def test_a_damaged_world_says_what_to_delete(tmp_path: Path, spoilt: bytes) -> None:
    folder = tmp_path / "sim"
    open_computer(folder).driver.machines()
    (folder / "world.json").write_bytes(spoilt)
    with pytest.raises(LabError) as refused:
        open_computer(folder).driver.machines()
    assert "cannot read the pretend computer" in refused.value.what
    assert f"Delete the folder {folder}" in refused.value.hint
    assert (folder / "world.json").read_bytes() == spoilt


def test_changes_made_side_by_side_are_all_kept(computer: Computer, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from labkit.sim.computer import open_computer; from tests.sim.pretend import spec\n"
        "folder = Path(sys.argv[1]); computer = open_computer(folder / 'sim')\n"
        "for n in range(15): computer.driver.create(spec(folder, f'{sys.argv[2]}-{n}'))"
    )
    others = [elsewhere(program, str(tmp_path), who) for who in "ab"]
    for number in range(15):
        computer.driver.create(spec(tmp_path, f"c-{number}"))
    for other in others:
        assert other.communicate(timeout=30)[1] == ""
    names = {machine.name for machine in computer.driver.machines()}
    assert names == {f"{who}-{number}" for who in "abc" for number in range(15)}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_program_killed_at_any_moment_leaves_a_world_to_go_on_with(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from labkit.sim.computer import open_computer; from tests.sim.pretend import spec\n"
        "folder = Path(sys.argv[1]); driver = open_computer(folder / 'sim', speed=20_000).driver\n"
        "print('begins', flush=True)\n"
        "while True:\n"
        "    driver.remove('xcp00'); driver.create(spec(folder)); driver.start('xcp00')\n"
        "    driver.take_snapshot('xcp00', 'one'); driver.pause('xcp00')"
    )
    for _ in range(6):
        other = elsewhere(program, str(tmp_path))
        assert other.stdout is not None
        other.stdout.readline()
        time.sleep(random.uniform(0.0, 0.05))
        os.kill(other.pid, signal.SIGKILL)
        other.communicate()
        computer = open_computer(tmp_path / "sim")
        for machine in computer.driver.machines():
            assert machine.labels == {"lab": "test", "host": "xcp00"}
    computer.driver.remove("xcp00")
    computer.driver.create(spec(tmp_path))
    computer.driver.start("xcp00")
    assert power(computer) is Power.RUNNING


def test_text_on_the_serial_file_is_not_written_twice_after_a_kill(
    computer: Computer, tmp_path: Path
) -> None:
    install(computer, tmp_path)
    computer.driver.start("golden")
    kept = tmp_path / "sim" / "world.json"
    world = kept.read_text()
    computer.clock.sleep(25)
    # As if a program had been killed after the text was written and before its turn was kept.
    kept.write_text(world)
    again = open_computer(tmp_path / "sim", speed=20_000)
    again.clock.sleep(25)
    assert (tmp_path / "golden.log").read_text().count("Dom0 is loaded") == 1


@pytest.mark.parametrize("said", ["0", "-1", "fast", "inf", "nan"])
def test_a_speed_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv("LABKIT_SIM_SPEED", said)
    with pytest.raises(ScenarioError, match="LABKIT_SIM_SPEED"):
        open_computer(tmp_path)


def test_opening_takes_nothing_slow_along(tmp_path: Path) -> None:
    other = elsewhere(
        "import sys; from pathlib import Path; from labkit.sim.computer import open_computer\n"
        "computer = open_computer(Path(sys.argv[1])); computer.driver.machines()\n"
        "print([m for m in ('pycdlib', 'pydantic', 'labkit.sim.xapi') if m in sys.modules])",
        str(tmp_path),
    )
    out, errors = other.communicate(timeout=30)
    assert (out.strip(), errors) == ("[]", "")
