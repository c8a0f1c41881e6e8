"""Installations that stall or fail, and golden machines as a thing of their own."""

import time
from collections.abc import Callable

from labkit.sim.store import Store
from labkit.sim.world import SimMachine
from tests.commands.conftest import Labkit

PNG = b"\x89PNG"


def golden_in(labkit: Labkit) -> str:
    """The name of the only golden machine."""
    [name] = [name for name in labkit.machines() if name.startswith("golden-")]
    return name


def failed(labkit: Labkit, break_it: Callable[[SimMachine], bool]) -> str:
    """What `labkit up` says when the pretended golden machine is changed while it is installed."""
    store = Store(labkit.home / "sim", speed=60)
    with labkit.start("up", "6J", LABKIT_SIM_SPEED="60") as up:
        deadline = time.monotonic() + 30
        broken = False
        while not broken:
            assert time.monotonic() < deadline
            time.sleep(0.02)
            with store.turn() as world:
                # Enough of that for the rest to pass quickly.
                broken = any(
                    break_it(machine) for machine in world.machines.values() if machine.memory
                )
        _, said = up.communicate(timeout=60)
    assert up.returncode == 1
    return said


def kept(labkit: Labkit) -> tuple[str, bytes]:
    """Log and screenshot of the installation that failed."""
    [folder] = (labkit.home / "golden").glob("*.failed")
    return (folder / "console.log").read_text(), (folder / "screen.png").read_bytes()


def test_an_installer_that_says_nothing_new_is_reported_with_its_last_line_and_screen(
    labkit: Labkit,
) -> None:
    def freeze(machine: SimMachine) -> bool:
        assert machine.memory is not None
        at_work = any("Partitioning" in line for line in machine.memory.screen)
        if at_work:
            machine.memory.due.clear()
        return at_work

    labkit.env["LABKIT_INSTALL_PATIENCE"] = "0.5"
    said = failed(labkit, freeze)
    assert "The installation of xcp-ng-8.3 stalls" in said
    assert "The installer's last words: Partitioning /dev/sda" in said
    assert "→ See what they say, then run `labkit up 6J` to try again." in said
    log, screen = kept(labkit)
    assert log.rstrip().endswith("Partitioning /dev/sda")
    assert screen.startswith(PNG)
    assert b"Partitioning /dev/sda" in screen
    for file in ("console.log", "screen.png"):
        assert file in said
    assert labkit.machines() == {}


def test_a_failed_installation_tells_its_traceback_and_keeps_log_and_screen(
    labkit: Labkit,
) -> None:
    def shrink(machine: SimMachine) -> bool:
        machine.disk.size_mib = 20 * 1024
        return True

    said = failed(labkit, shrink)
    assert "The installation of xcp-ng-8.3 failed." in said
    assert "Traceback (most recent call last)" in said
    assert "RuntimeError: The disk /dev/sda is smaller than 46GB." in said
    [folder] = (labkit.home / "golden").glob("*.failed")
    assert str(folder / "console.log") in said
    assert (folder / "console.log").read_text().rstrip().endswith("error has occurred.")
    # Trying again is going on, and what was kept has served.
    labkit.good("up", "6J", "--until", "golden")
    assert not folder.exists()


def test_an_installation_that_was_cut_off_keeps_its_log(labkit: Labkit) -> None:
    def cut(machine: SimMachine) -> bool:
        assert machine.memory is not None
        if not any("Partitioning" in line for line in machine.memory.screen):
            return False
        machine.power, machine.memory = "off", None
        return True

    said = failed(labkit, cut)
    assert "stopped before its end" in said
    assert "Partitioning" in said
    labkit.good("down", "6J", "--golden")
    assert not (labkit.home / "golden").exists()


def test_a_patience_that_is_no_number_is_refused(labkit: Labkit) -> None:
    for wrong in ("soon", "0", "-1", "nan"):
        said = labkit.bad(2, "up", "6J", LABKIT_INSTALL_PATIENCE=wrong)
        assert f"LABKIT_INSTALL_PATIENCE cannot be `{wrong}`" in said
    assert labkit.machines() == {}
