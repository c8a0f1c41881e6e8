"""Installations that stall or fail, and golden machines as a thing of their own."""

import json
import os
import shutil
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labkit.sim.store import Store
from labkit.sim.world import SimMachine
from tests.commands.conftest import Labkit

PNG = b"\x89PNG"


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


def test_two_labs_that_want_one_installation_do_not_take_back_each_others(labkit: Labkit) -> None:
    other = labkit.scenario(("name: 6J", "name: other"), ("1.200", "1.210"), ("1.201", "1.211"))
    until = ("--until", "golden")
    # Both see one computer: whoever is fast makes its time fast for the other, too.
    labkit.env["LABKIT_SIM_SPEED"] = "100"
    with labkit.start("up", "6J", *until, "--json") as first:
        assert first.stdout is not None
        while "progress" not in first.stdout.readline():
            pass
        said = labkit.bad(1, "up", str(other), *until)
        assert "Somebody else is working on golden-xcp-ng-8.3-" in said
        assert first.wait(timeout=60) == 0
        first.stdout.read()
    assert [each["state"] for each in listed(labkit)] == ["ready"]


# Golden machines as things of their own.


def listed(labkit: Labkit) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(labkit.good("golden", "list", "--json"))
    return found


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Labkit:
    """A computer with a golden machine and an export of it; tests that share it leave it so."""
    labkit = Labkit(tmp_path_factory.mktemp("installed"))
    assert "is installed and ready to clone" in labkit.good("golden", "build", "6J")
    labkit.good("golden", "export", "xcp-ng-8.3", "golden.tar")
    return labkit


@pytest.fixture
def carried(installed: Labkit, labkit: Labkit) -> Labkit:
    """Another computer, without any ISO, and with the file."""
    labkit.env["LABKIT_ISOS"] = str(labkit.folder / "nothing here")
    shutil.copyfile(installed.folder / "golden.tar", labkit.folder / "golden.tar")
    hide_isos(labkit)
    return labkit


def hide_isos(labkit: Labkit) -> None:
    """The pretend computer brings its own ISOs along: put things that are none in their place."""
    labkit.good("up", "6J", "--dry-run")
    for iso in (labkit.home / "sim").rglob("*.iso"):
        iso.write_bytes(b"gone")


def test_list_tells_what_a_golden_machine_is_of_and_who_uses_it(labkit: Labkit) -> None:
    assert "There is no golden machine on sim" in labkit.good("golden", "list")
    assert listed(labkit) == []
    labkit.good("golden", "build", "6J")
    assert "used by no lab" in labkit.good("golden", "list")
    labkit.good("up", "6J", "--until", "hosts")
    [found] = listed(labkit)
    assert found["name"] == f"golden-xcp-ng-8.3-{found['digest']}"
    assert found["generation"] == "xcp-ng-8.3"
    assert found["labs"] == ["6J"]
    assert found["state"] == "ready"
    assert found["bytes"] > 0
    assert found["made"].startswith("20")
    assert "XCP-ng 8.3.0" in found["iso"]
    said = labkit.good("golden", "list")
    assert f"{found['name']}: ready" in said
    assert "used by 6J" in said


def test_build_twice_does_nothing_and_says_so(installed: Labkit) -> None:
    assert "Nothing to do" in installed.good("golden", "build", "6J")


def test_prune_removes_what_no_lab_uses_and_says_what(labkit: Labkit) -> None:
    assert "Nothing to do" in labkit.good("golden", "prune")
    labkit.good("up", "6J", "--until", "hosts")
    assert "Nothing to do" in labkit.good("golden", "prune")
    [found] = listed(labkit)
    labkit.good("down", "6J")
    assert f"Removed: {found['name']}." in labkit.good("golden", "prune")
    assert labkit.machines() == {}
    assert not (labkit.home / "golden").exists()
    assert list((labkit.home / "sim").rglob("*.iso"))


def test_prune_leaves_what_is_being_installed(labkit: Labkit) -> None:
    with labkit.start("golden", "build", "6J", "--json", LABKIT_SIM_SPEED="200") as build:
        assert build.stdout is not None
        while "progress" not in build.stdout.readline():
            pass
        assert [each["state"] for each in listed(labkit)] == ["being installed"]
        assert "Somebody else is working on golden-" in labkit.bad(1, "golden", "prune")
        build.stdout.read()
    assert build.returncode == 0
    assert [each["state"] for each in listed(labkit)] == ["ready"]


def test_an_imported_golden_machine_is_cloned_without_an_iso(
    installed: Labkit, carried: Labkit
) -> None:
    said = carried.good("golden", "import", "golden.tar")
    assert "is ready to clone: `labkit up` needs no ISO for it" in said
    said = carried.good("up", "6J")
    assert "Install xcp-ng-8.3 once: already done" in said
    assert carried.status()["state"] == "up"
    [here], [there] = listed(carried), listed(installed)
    same = ("name", "digest", "generation", "iso", "made", "state")
    assert {key: here[key] for key in same} == {key: there[key] for key in same}
    assert "Nothing to do" in carried.good("golden", "import", "golden.tar")
    assert "Nothing to do" in carried.good("up", "6J")
    # And on from there, to the next computer.
    carried.good("golden", "export", here["digest"], "again.tar")


def test_without_iso_and_golden_machine_the_iso_is_what_is_missing(carried: Labkit) -> None:
    assert "There is no ISO of XCP-ng 8.3" in carried.bad(3, "up", "6J")


def test_another_scenario_s_answers_need_an_iso_all_the_same(carried: Labkit) -> None:
    carried.good("golden", "import", "golden.tar")
    path = carried.scenario(("generation: xcp-ng-8.3", "generation: xcp-ng-8.3\n  keymap: fr"))
    assert "There is no ISO of XCP-ng 8.3" in carried.bad(3, "up", str(path))


def test_an_export_says_what_is_in_it(installed: Labkit) -> None:
    with tarfile.open(installed.folder / "golden.tar") as tar:
        assert tar.getnames() == ["manifest.json", "disk.vdi"]
        source = tar.extractfile("manifest.json")
        assert source is not None
        manifest = json.loads(source.read())
    assert manifest["kind"] == "labkit golden machine"
    assert manifest["format"] == 1
    assert manifest["virtualbox"] == "7.2.22"
    assert manifest["digest"] == listed(installed)[0]["digest"]


def changed(labkit: Labkit, change: Callable[[bytearray], None]) -> None:
    file = labkit.folder / "golden.tar"
    text = bytearray(file.read_bytes())
    change(text)
    file.write_bytes(bytes(text))


def replaced(old: bytes, new: bytes) -> Callable[[bytearray], None]:
    def change(text: bytearray) -> None:
        at = text.index(old)
        text[at : at + len(old)] = new.ljust(len(old))

    return change


def cut(text: bytearray) -> None:
    del text[5200:]


def emptied(text: bytearray) -> None:
    text.clear()


@pytest.mark.parametrize(
    ("change", "what", "details"),
    [
        (replaced(b'"hostname": "l', b'"hostname": "m'), "is damaged", "should have SHA-256"),
        (cut, "is damaged", "ends too early"),
        (replaced(b'"format": 1', b'"format": 9'), "A newer labkit wrote", "of format 9"),
        (replaced(b'"labkit golden machine"', b'"something else"'), "is not a golden", "else"),
        (replaced(b'"kind"', b'"king"'), "is not a golden machine", "says something else"),
        (replaced(b'"iso"', b'"isa"'), "is damaged", "lacks something"),
        (replaced(b'"generation": "xcp', b'"generation": "../'), "which golden", "../"),
        (replaced(b'"backend": "sim"', b'"backend": "box"'), "another backend", "--on box"),
        (emptied, "is not a golden machine", ""),
    ],
)
def test_a_file_that_is_not_right_makes_nothing(
    carried: Labkit, change: Callable[[bytearray], None], what: str, details: str
) -> None:
    changed(carried, change)
    said = carried.bad(3, "golden", "import", "golden.tar")
    assert what in said
    assert details in said
    assert "golden.tar" in said
    assert "→" in said
    assert carried.machines() == {}
    assert not (carried.home / "golden").exists()


def test_a_file_that_is_something_else_is_named(carried: Labkit) -> None:
    (carried.folder / "notes.txt").write_text("mine " * 1000)
    for name in ("notes.txt", "missing.tar"):
        assert name in carried.bad(3, "golden", "import", name)
    assert (carried.folder / "notes.txt").read_text() == "mine " * 1000


def test_an_export_never_writes_over_a_file(installed: Labkit) -> None:
    before = (installed.folder / "golden.tar").read_bytes()
    said = installed.bad(2, "golden", "export", "xcp-ng-8.3", "golden.tar")
    assert "golden.tar is there already" in said
    assert (installed.folder / "golden.tar").read_bytes() == before
    assert "no folder" in installed.bad(2, "golden", "export", "xcp-ng-8.3", "no/where.tar")
    said = installed.bad(2, "golden", "export", "xcp-ng-9", "new.tar")
    assert "There is no golden machine `xcp-ng-9`" in said
    assert listed(installed)[0]["name"] in said


@pytest.mark.parametrize("full_disk", ["8k"], indirect=True)
def test_a_full_disk_leaves_no_half_export_and_says_how_much_it_takes(
    installed: Labkit, full_disk: Path
) -> None:
    said = installed.bad(3, "golden", "export", "xcp-ng-8.3", str(full_disk / "golden.tar"))
    assert "not enough room" in said
    assert "It needs 10 KiB; 8 KiB are free." in said
    assert list(full_disk.iterdir()) == []


def test_a_full_disk_makes_no_half_import(carried: Labkit) -> None:
    carried.disk_of(gib=0)
    said = carried.bad(3, "golden", "import", "golden.tar")
    assert "not enough room" in said
    assert carried.machines() == {}


def test_a_golden_machine_whose_disk_is_missing_or_edited_is_not_cloned(labkit: Labkit) -> None:
    labkit.good("golden", "build", "6J")
    [disk] = (labkit.home / "golden").rglob("golden-*.vdi")
    whole, when = disk.read_bytes(), disk.stat()
    disk.unlink()
    for text, word in ((None, "missing"), (whole + b" ", "not the one that was sealed")):
        if text is not None:
            disk.write_bytes(text)
        for command in (("up", "6J"), ("golden", "export", "xcp-ng-8.3", "golden.tar")):
            said = labkit.bad(1, *command)
            assert f"its disk is {word}" in said
            assert disk.name in said
            assert "labkit golden prune" in said
        assert word in labkit.good("golden", "list")
    assert not (labkit.folder / "golden.tar").exists()
    # Put back, it is as good as it was.
    disk.write_bytes(whole)
    os.utime(disk, (when.st_atime, when.st_mtime))
    labkit.good("up", "6J", "--until", "hosts")
    labkit.good("down", "6J")
    disk.unlink()
    labkit.good("golden", "prune")
    assert labkit.machines() == {}
    labkit.good("golden", "build", "6J")


def test_another_iso_is_installed_anew_and_said_to_be_another(labkit: Labkit) -> None:
    labkit.good("up", "6J")
    [before] = listed(labkit)
    isos = labkit.folder / "isos"
    isos.mkdir()
    [vendors] = (labkit.home / "sim").rglob("xcp-ng-8.3*.iso")
    (isos / "new.iso").write_bytes(vendors.read_bytes() + bytes(2048))
    # A lab that is there goes on with what it was made of.
    assert "another ISO" not in labkit.good("up", "6J")
    labkit.good("down", "6J")
    other = labkit.scenario(("name: 6J", "name: other"))
    said = labkit.good("up", str(other), "--until", "golden")
    assert f"{before['name']} was installed from another ISO" in said
    assert "new.iso" in said
    assert "put its ISO back" in said
    assert len(listed(labkit)) == 2
    said = labkit.bad(2, "golden", "export", "xcp-ng-8.3", "golden.tar")
    assert "There are 2 golden machines of xcp-ng-8.3" in said


def test_a_host_that_is_missing_is_cloned_from_what_the_others_are_clones_of(
    labkit: Labkit,
) -> None:
    labkit.good("up", "6J", "--until", "hosts")
    hide_isos(labkit)
    store = Store(labkit.home / "sim", speed=600)
    with store.turn() as world:
        gone = world.machines.pop("6J-xcp01")
    shutil.rmtree(gone.folder)
    labkit.good("up", "6J")
    assert labkit.status()["state"] == "up"
    assert {
        machine["based_on"] for machine in labkit.machines().values() if machine["based_on"]
    } == {listed(labkit)[0]["name"]}


def test_a_killed_import_is_done_again(carried: Labkit) -> None:
    with carried.start("golden", "import", "golden.tar", "--json") as bringing:
        assert bringing.stdout is not None
        bringing.stdout.readline()
        bringing.kill()
    carried.good("golden", "import", "golden.tar")
    assert [each["state"] for each in listed(carried)] == ["ready"]
    [name] = carried.machines()
    left = sorted(path.name for path in (carried.home / "golden" / name).iterdir())
    assert left == ["machine"]
