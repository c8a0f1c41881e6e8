"""An installed disk starts: a clone becomes itself by its identity medium, and XAPI comes up."""

from pathlib import Path

import pytest

from labkit.sim.computer import Computer, open_computer
from labkit.vbox.driver import Machine, Power, Stop
from tests.sim.pretend import ANSWERS, POST, Medium, identity, install, power, screen, spec


def clone(
    computer: Computer,
    home: Path,
    name: str = "xcp00",
    *,
    medium: Medium | None = None,
    who: Path | None = None,
) -> Machine:
    """A linked clone of a fresh installation, started."""
    if not computer.driver.machines():
        install(computer, home, medium)
        computer.driver.take_snapshot("golden", "installed")
    made = computer.driver.clone("golden", "installed", spec(home, name))
    if who is not None:
        computer.driver.insert(name, 0, who)
    computer.driver.start(name)
    return made


def booted(computer: Computer, home: Path, name: str = "xcp00") -> str:
    """What the serial file says when all has had time to start."""
    computer.clock.sleep(120)
    return (home / f"{name}.log").read_text()


def test_a_clone_becomes_who_its_medium_says(computer: Computer, tmp_path: Path) -> None:
    clone(computer, tmp_path, who=identity(tmp_path / "who"))
    text = booted(computer, tmp_path)
    assert "(XEN)" in text
    assert "labkit: this is now xcp00, 192.168.1.200" in text
    assert "Started XenAPI server" in text
    assert "xcp00 login:" in screen(computer)
    (golden,) = (m for m in computer.driver.machines() if m.name == "golden")
    assert golden.power is Power.OFF


def test_either_drive_will_do(computer: Computer, tmp_path: Path) -> None:
    made = clone(computer, tmp_path)
    computer.driver.stop(made.name, Stop.CUT)
    computer.driver.insert(made.name, 1, identity(tmp_path / "who"))
    computer.driver.start(made.name)
    assert "this is now xcp00" in booted(computer, tmp_path)


@pytest.mark.parametrize("missing", ["HOST_UUID", "INTERFACE", "ROOT_HASH"])
def test_half_an_identity_changes_nothing(computer: Computer, tmp_path: Path, missing: str) -> None:
    clone(computer, tmp_path, who=identity(tmp_path / "who", **{missing: ""}))
    assert f"nothing was changed: the medium says no {missing}" in booted(computer, tmp_path)


def test_without_a_medium_a_clone_stays_what_was_installed(
    computer: Computer, tmp_path: Path
) -> None:
    clone(computer, tmp_path)
    assert "no medium labelled LABKIT" in booted(computer, tmp_path)
    assert "localhost login:" in screen(computer)


@pytest.mark.parametrize(
    "post",
    [
        "#!/bin/sh\nexit 0\n",
        POST.replace("xapi.service", "sshd.service"),
        POST.replace("ln -s", "# ln -s").replace(".wants/labkit.service", ""),
        POST.replace("ExecStart=/bin/sh /usr/libexec/labkit-identity", "ExecStart=/bin/true"),
        POST.replace("MACHINE_ID", ""),
    ],
)
def test_a_script_that_installs_no_hook_makes_no_identity(
    computer: Computer, tmp_path: Path, post: str
) -> None:
    clone(computer, tmp_path, medium=Medium(post=post), who=identity(tmp_path / "who"))
    assert "labkit:" not in booted(computer, tmp_path)


def test_only_the_first_boot_reads_the_medium(computer: Computer, tmp_path: Path) -> None:
    clone(computer, tmp_path, who=identity(tmp_path / "who"))
    booted(computer, tmp_path)
    computer.driver.stop("xcp00", Stop.BUTTON)
    computer.clock.sleep(30)
    assert power(computer) is Power.OFF
    computer.driver.insert("xcp00", 0, identity(tmp_path / "other", HOSTNAME="another"))
    computer.driver.start("xcp00")
    assert "labkit:" not in booted(computer, tmp_path)
    assert "xcp00 login:" in screen(computer)


def test_the_power_button_ends_an_operating_system_after_a_while(
    computer: Computer, tmp_path: Path
) -> None:
    clone(computer, tmp_path, who=identity(tmp_path / "who"))
    booted(computer, tmp_path)
    slow = open_computer(tmp_path / "sim", speed=1)
    slow.driver.pause("xcp00")
    slow.driver.stop("xcp00", Stop.BUTTON)
    assert power(slow) is Power.RUNNING
    computer.clock.sleep(30)
    assert power(computer) is Power.OFF
    assert "Stopping all services" in (tmp_path / "xcp00.log").read_text()


def test_the_reset_button_starts_the_disk_again(computer: Computer, tmp_path: Path) -> None:
    clone(computer, tmp_path, who=identity(tmp_path / "who"))
    booted(computer, tmp_path)
    computer.driver.reset("xcp00")
    text = booted(computer, tmp_path)
    assert text.count("Started XenAPI server") == 2
    assert text.count("this is now") == 1


def test_without_a_root_password_the_first_boot_asks_for_one(
    computer: Computer, tmp_path: Path
) -> None:
    start, end = ANSWERS.index("<root-password"), ANSWERS.index("<source")
    clone(computer, tmp_path, medium=Medium(answers=ANSWERS[:start] + ANSWERS[end:]))
    assert "XenAPI" not in booted(computer, tmp_path)
    assert "specify a password" in screen(computer)


def test_an_interface_that_is_not_there_is_missed_at_boot(
    computer: Computer, tmp_path: Path
) -> None:
    clone(computer, tmp_path, medium=Medium(answers=ANSWERS.replace("eth0", "eth7")))
    assert "XenAPI" not in booted(computer, tmp_path)
    assert "No network configured" in screen(computer)


def test_a_live_snapshot_of_a_host_goes_on_from_there(computer: Computer, tmp_path: Path) -> None:
    clone(computer, tmp_path, who=identity(tmp_path / "who"))
    booted(computer, tmp_path)
    computer.driver.take_snapshot("xcp00", "up")
    computer.driver.stop("xcp00", Stop.CUT)
    computer.driver.restore_snapshot("xcp00", "up")
    computer.driver.start("xcp00")
    # VirtualBox begins the file anew, and a machine that goes on has nothing to say.
    assert booted(computer, tmp_path) == ""
    assert "xcp00 login:" in screen(computer)


def test_a_host_is_reached_where_its_address_stands_in(computer: Computer, tmp_path: Path) -> None:
    clone(computer, tmp_path, who=identity(tmp_path / "who"))
    booted(computer, tmp_path)
    assert computer.reach("192.168.1.200").startswith("http://127.0.1.200:")
