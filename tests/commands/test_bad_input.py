"""What is wrong gets an exit code and three sentences, and changes nothing."""

import os
import platform
from dataclasses import replace
from pathlib import Path

import pytest

from labkit.commands.open_lab import open_lab
from labkit.errors import LabError
from labkit.sim.computer import open_computer
from labkit.steps.machine import AwaitHost
from labkit.vbox.driver import MachineSpec
from labkit.vbox.installation import search
from tests.commands.conftest import Labkit

ADDRESSES = ("address: 192.168.1.201", "address: 192.168.1.200")


def nothing_was_made(labkit: Labkit) -> bool:
    return labkit.machines() == {} and not (labkit.home / "labs").exists()


def test_an_unknown_scenario_names_the_closest(labkit: Labkit) -> None:
    said = labkit.bad(2, "up", "6Y")
    assert "There is no scenario `6Y`" in said
    assert "6J" in said
    assert "labkit scenario list" in said


@pytest.mark.parametrize("verb", ["down", "reset", "status"])
def test_every_verb_knows_an_unknown_scenario(labkit: Labkit, verb: str) -> None:
    assert "There is no scenario `nope`" in labkit.bad(2, verb, "nope")


def test_an_unknown_stage_names_those_there_are(labkit: Labkit) -> None:
    said = labkit.bad(2, "up", "6J", "--until", "pol")
    assert "There is no stage `pol`" in said
    assert "golden, hosts, pool" in said
    assert nothing_was_made(labkit)


def test_an_unknown_backend_names_those_there_are(labkit: Labkit) -> None:
    said = labkit.bad(2, "up", "6J", "--on", "vmware")
    assert "virtualbox" in said
    assert "sim" in said


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (ADDRESSES, "is taken by hosts.xcp00.address"),
        (("address: 192.168.1.201", "address: 10.0.0.1"), "192.168.1.0/24"),
        (("memory: 4 GiB", "memory: lots"), "a whole number and a unit"),
        (("xcp01:\n    address", "xcp00:\n    address"), "xcp00"),
        (("name: 6J", "nmae: 6J"), "name"),
        (("pool:\n", "pool: [\n"), "6J.yaml"),
    ],
    ids=["twice an address", "address elsewhere", "no unit", "twice a host", "typo", "no YAML"],
)
def test_a_wrong_scenario_names_file_line_and_path(
    labkit: Labkit, change: tuple[str, str], expected: str
) -> None:
    path = labkit.scenario(change)
    for verb in (("up",), ("scenario", "validate")):
        said = labkit.bad(2, *verb, str(path))
        assert expected in said
        assert "6J.yaml:" in said
        assert "→" in said
    assert nothing_was_made(labkit)


def test_unequal_cpus_in_a_homogeneous_pool_are_refused(labkit: Labkit) -> None:
    text = labkit.scenario().read_text()
    at = text.index("xcp01:")
    path = labkit.folder / "6J.yaml"
    path.write_text(text[:at] + text[at:].replace("cpus: 2", "cpus: 4", 1))
    said = labkit.bad(2, "up", str(path))
    assert "cpus" in said
    assert "homogeneous" in said
    assert nothing_was_made(labkit)


def test_a_missing_iso_says_where_it_was_looked_for(labkit: Labkit) -> None:
    path = labkit.scenario(("generation: xcp-ng-8.3", "generation: xcp-ng-8.3\n  iso: gone.iso"))
    said = labkit.bad(3, "up", str(path))
    assert "gone.iso" in said
    assert nothing_was_made(labkit)


def test_a_truncated_iso_is_refused_before_anything_is_made(labkit: Labkit) -> None:
    labkit.good("up", "6J", "--dry-run")
    [whole] = (labkit.home / "sim").rglob("*.iso")
    isos = labkit.folder / "isos"
    isos.mkdir()
    (isos / "xcp-ng-8.3.iso").write_bytes(whole.read_bytes()[:-40_000])
    path = labkit.scenario(
        ("generation: xcp-ng-8.3", "generation: xcp-ng-8.3\n  iso: isos/xcp-ng-8.3.iso")
    )
    said = labkit.bad(3, "up", str(path))
    assert "xcp-ng-8.3.iso" in said
    assert "truncated" in said or "incomplete" in said or "download" in said
    assert nothing_was_made(labkit)


@pytest.mark.skipif(
    search(os.environ, platform.system()).installation is not None,
    reason="this computer has VirtualBox",
)
def test_no_virtualbox_says_what_to_install(labkit: Labkit) -> None:
    empty = labkit.folder / "empty"
    empty.mkdir()
    said = labkit.bad(
        3,
        "up",
        "6J",
        "--on",
        "virtualbox",
        VBOX_INSTALL_PATH=str(empty),
        VBOX_SDK_PATH=str(empty),
        LABKIT_ROOT_PASSWORD="secret",
    )
    assert "VirtualBox" in said
    assert "--on sim" in said


def test_a_wrong_root_password_is_named_as_such(labkit: Labkit) -> None:
    labkit.good("up", "6J", "--until", "hosts", LABKIT_ROOT_PASSWORD="right")
    said = labkit.bad(1, "up", "6J", LABKIT_ROOT_PASSWORD="wrong")
    assert "does not accept the root password" in said
    assert "LABKIT_ROOT_PASSWORD" in said
    assert "wrong\n" not in said
    labkit.good("up", "6J", LABKIT_ROOT_PASSWORD="right")


def test_a_changed_scenario_does_not_change_a_lab_that_is_up(labkit: Labkit) -> None:
    path = labkit.scenario()
    labkit.good("up", str(path), "--until", "hosts")
    path.write_text(path.read_text().replace("memory: 4 GiB", "memory: 6 GiB"))
    said = labkit.bad(2, "up", str(path))
    assert "made from another version of its scenario" in said
    assert "labkit down 6J" in said


def test_a_machine_of_that_name_that_is_not_labkit_s_is_left_alone(labkit: Labkit) -> None:
    labkit.good("up", "6J", "--until", "golden")
    computer = open_computer(labkit.home / "sim")
    theirs = labkit.folder / "theirs"
    computer.driver.create(
        MachineSpec("6J-xcp01", theirs, "/", cpus=1, memory_mib=512, disk_mib=1024)
    )
    computer.close()
    said = labkit.bad(1, "up", "6J")
    assert "There is already a machine called 6J-xcp01" in said
    assert str(theirs) in said
    labkit.good("down", "6J", "--golden")
    assert list(labkit.machines()) == ["6J-xcp01"]


def test_a_file_that_is_not_a_scenario_is_named(labkit: Labkit) -> None:
    (labkit.folder / "empty.yaml").write_text("")
    assert "empty.yaml" in labkit.bad(2, "up", "./empty.yaml")
    assert "labkit" in labkit.bad(2, "up", "./missing.yaml")


def test_a_full_disk_is_said_to_be_one(labkit: Labkit, full_disk: Path) -> None:
    said = labkit.bad(3, "up", "6J", LABKIT_HOME=str(full_disk / "home"))
    assert "No space left on device" in said
    assert "run it again" in said


def test_too_little_room_is_told_before_anything_is_made(labkit: Labkit) -> None:
    labkit.good("up", "6J", "--dry-run")
    labkit.disk_of(gib=5)
    said = labkit.bad(3, "up", "6J")
    assert "needs about 14.0 GiB of disk; 5.0 GiB are free" in said
    assert "LABKIT_HOME" in said
    assert nothing_was_made(labkit)


def test_a_host_that_never_answers_ends_the_wait_and_names_its_console(
    labkit: Labkit, monkeypatch: pytest.MonkeyPatch
) -> None:
    labkit.good("up", "6J", "--until", "hosts")
    monkeypatch.setenv("LABKIT_HOME", str(labkit.home))
    monkeypatch.setenv("LABKIT_SIM_SPEED", "20000")
    lab = open_lab("6J", "sim", lambda event: None)
    # Nobody listens on port 1.
    deaf = replace(lab, backend=replace(lab.backend, reach=lambda address: "http://127.0.0.1:1"))
    with pytest.raises(LabError, match="XAPI on xcp00 did not happen within 20 minutes") as ended:
        AwaitHost("xcp00").run(deaf)
    assert ended.value.details == "XAPI on xcp00 is silent"
    assert "console.log" in ended.value.hint


@pytest.mark.parametrize("home", ["a file", "a name with späce"])
def test_an_odd_home_is_no_traceback(labkit: Labkit, home: str) -> None:
    path = labkit.folder / home
    if home == "a file":
        path.write_text("in the way")
        labkit.bad(3, "up", "6J", LABKIT_HOME=str(path))
        assert path.read_text() == "in the way"
    else:
        labkit.good("up", "6J", "--until", "golden", LABKIT_HOME=str(path))


def test_an_interface_that_is_not_there_is_named(labkit: Labkit) -> None:
    path = labkit.scenario(("networks:", "lan:\n  adapter: eth7\n\nnetworks:"))
    said = labkit.bad(3, "up", str(path))
    assert "no network interface `eth7`" in said
    assert "enp0s25" in said
    assert nothing_was_made(labkit)


def test_a_lan_the_computer_is_not_in_offers_the_portable_one(labkit: Labkit) -> None:
    path = labkit.scenario(("192.168.1.", "10.20.30."))
    said = labkit.bad(3, "up", str(path))
    assert "no address in the scenario's LAN 10.20.30.0/24" in said
    assert "--lan portable" in said
    assert nothing_was_made(labkit)
    labkit.good("up", str(path), "--lan", "portable", "--until", "hosts")


def test_a_path_of_the_user_s_wins_over_a_shipped_scenario(labkit: Labkit) -> None:
    folder = labkit.folder / "scenarios"
    folder.mkdir()
    labkit.scenario(("title: Homogeneous", "title: My own homogeneous")).rename(folder / "6J.yaml")
    listed = labkit.good("scenario", "list")
    assert "My own homogeneous" in listed
    assert Path("scenarios/6J.yaml").as_posix() in listed


def test_an_address_that_another_lab_has_is_refused_before_anything_is_made(
    labkit: Labkit,
) -> None:
    labkit.good("up", "6J", "--until", "hosts")
    path = labkit.scenario(("name: 6J", "name: other"))
    said = labkit.bad(3, "up", str(path))
    assert "xcp00's address 192.168.1.200 is that of xcp00 in 6J, which runs." in said
    assert "labkit down 6J" in said
    assert [name for name in labkit.machines() if name.startswith("other")] == []
