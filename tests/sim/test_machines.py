"""Machines of the pretend computer behave, and refuse, as VirtualBox's do."""

import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from labkit.errors import ComputerError, LabError
from labkit.sim.computer import Computer
from labkit.vbox.driver import AdapterSpec, Attachment, Machine, Power, Stop
from tests.sim.pretend import MARKER, power, screen, spec


def only(computer: Computer) -> Machine:
    (machine,) = computer.driver.machines()
    return machine


def disc(path: Path, size: int = 65536) -> Path:
    """A DVD image with nothing on it."""
    path.write_bytes(bytes(size))
    return path


def test_a_new_machine_is_as_it_was_wanted(computer: Computer, tmp_path: Path) -> None:
    made = computer.driver.create(spec(tmp_path))
    assert made == only(computer)
    assert (made.name, made.power, made.group) == ("xcp00", Power.OFF, "/labkit/test")
    assert (made.cpus, made.memory_mib, made.snapshots, made.media) == (2, 4096, (), ())
    assert made.labels == {"lab": "test", "host": "xcp00"}
    assert [a.attachment for a in made.adapters] == ["bridged", "internal", "nat"]
    assert [a.network for a in made.adapters] == ["enp0s25", "storage", ""]
    assert [a.promiscuous for a in made.adapters] == [True, False, False]
    assert all(re.fullmatch(r"080027[0-9A-F]{6}", a.mac) for a in made.adapters)
    assert len({a.mac for a in made.adapters}) == 3
    assert {f.suffix for f in made.folder.iterdir()} == {".vbox", ".vdi"}


def test_a_name_is_taken_once(computer: Computer, tmp_path: Path) -> None:
    computer.driver.create(spec(tmp_path))
    with pytest.raises(LabError, match="xcp00 in VirtualBox already"):
        computer.driver.create(spec(tmp_path, folder=tmp_path / "another"))
    assert not (tmp_path / "another").exists()


def test_a_folder_belongs_to_one_machine(computer: Computer, tmp_path: Path) -> None:
    made = computer.driver.create(spec(tmp_path))
    for folder in (made.folder, made.folder / "inside", made.folder.parent):
        with pytest.raises(LabError, match="belongs to xcp00"):
            computer.driver.create(spec(tmp_path, "xcp01", folder=folder))
    assert only(computer) == made


def test_leftovers_of_a_killed_creation_are_cleared_away(
    computer: Computer, tmp_path: Path
) -> None:
    folder = tmp_path / "machines" / "xcp00"
    (folder / "Snapshots").mkdir(parents=True)
    (folder / "Snapshots" / "old.vdi").touch()
    (folder / "half.vbox-tmp").touch()
    computer.driver.create(spec(tmp_path))
    assert {f.name for f in folder.iterdir()} == {"xcp00.vbox", "xcp00.vdi"}


def test_a_folder_that_cannot_be_made_makes_no_machine(computer: Computer, tmp_path: Path) -> None:
    (tmp_path / "machines").write_text("a file in the way")
    with pytest.raises(ComputerError, match="folder of xcp00"):
        computer.driver.create(spec(tmp_path))
    assert computer.driver.machines() == ()


def test_a_machine_whose_folder_is_gone_is_broken_and_can_be_removed(
    computer: Computer, tmp_path: Path
) -> None:
    made = computer.driver.create(spec(tmp_path))
    for file in made.folder.iterdir():
        file.unlink()
    assert power(computer) is Power.BROKEN
    with pytest.raises(LabError, match="did not start"):
        computer.driver.start("xcp00")
    computer.driver.remove("xcp00")
    assert computer.driver.machines() == ()


def test_removing_leaves_only_what_is_not_the_machines(computer: Computer, tmp_path: Path) -> None:
    made = computer.driver.create(spec(tmp_path))
    inside, outside = disc(made.folder / "vendor.iso"), disc(tmp_path / "other.iso")
    computer.driver.insert("xcp00", 0, inside)
    computer.driver.insert("xcp00", 1, outside)
    computer.driver.start("xcp00")
    computer.driver.remove("xcp00")
    computer.driver.remove("xcp00")
    assert computer.driver.machines() == ()
    assert list(made.folder.iterdir()) == [inside]
    assert outside.stat().st_size == 65536


def test_power_goes_round(computer: Computer, tmp_path: Path) -> None:
    driver = computer.driver
    driver.create(spec(tmp_path))
    turns: tuple[tuple[Callable[[], None], Power], ...] = (
        (lambda: driver.stop("xcp00", Stop.CUT), Power.OFF),
        (lambda: driver.start("xcp00"), Power.RUNNING),
        (lambda: driver.start("xcp00"), Power.RUNNING),
        (lambda: driver.reset("xcp00"), Power.RUNNING),
        (lambda: driver.pause("xcp00"), Power.PAUSED),
        (lambda: driver.pause("xcp00"), Power.PAUSED),
        (lambda: driver.start("xcp00"), Power.RUNNING),
        (lambda: driver.stop("xcp00", Stop.SAVE), Power.SAVED),
        (lambda: driver.stop("xcp00", Stop.SAVE), Power.SAVED),
        (lambda: driver.start("xcp00"), Power.RUNNING),
        (lambda: driver.pause("xcp00"), Power.PAUSED),
        (lambda: driver.stop("xcp00", Stop.SAVE), Power.SAVED),
        (lambda: driver.stop("xcp00", Stop.CUT), Power.OFF),
    )
    for act, after in turns:
        act()
        assert power(computer) is after


def test_what_does_not_fit_the_power_is_refused(computer: Computer, tmp_path: Path) -> None:
    driver = computer.driver
    driver.create(spec(tmp_path))
    for refused in (driver.pause, driver.reset, driver.screenshot):
        with pytest.raises(LabError, match="xcp00 cannot"):
            refused("xcp00")
    driver.take_snapshot("xcp00", "one")
    driver.start("xcp00")
    with pytest.raises(LabError, match="cannot go back to a snapshot now"):
        driver.restore_snapshot("xcp00", "one")


def test_a_name_nobody_knows_is_an_error(computer: Computer, tmp_path: Path) -> None:
    driver = computer.driver
    for refused in (
        lambda: driver.start("nobody"),
        lambda: driver.stop("nobody", Stop.CUT),
        lambda: driver.insert("nobody", 0, None),
        lambda: driver.take_snapshot("nobody", "one"),
        lambda: driver.restore_snapshot("nobody", "one"),
        lambda: driver.clone("nobody", "one", spec(tmp_path)),
    ):
        with pytest.raises(LabError, match="no machine nobody"):
            refused()


def test_the_power_button_is_not_heard_without_an_operating_system(
    computer: Computer, tmp_path: Path
) -> None:
    computer.driver.create(spec(tmp_path))
    computer.driver.start("xcp00")
    computer.driver.stop("xcp00", Stop.BUTTON)
    computer.clock.sleep(60)
    assert power(computer) is Power.RUNNING


def test_nothing_to_boot_stands_on_the_screen(computer: Computer, tmp_path: Path) -> None:
    computer.driver.create(spec(tmp_path))
    computer.driver.insert("xcp00", 0, disc(tmp_path / "empty.iso"))
    computer.driver.start("xcp00")
    computer.clock.sleep(10)
    assert "No bootable medium" in screen(computer)
    assert power(computer) is Power.RUNNING


def test_a_screenshot_is_a_picture(computer: Computer, tmp_path: Path) -> None:
    computer.driver.create(spec(tmp_path))
    computer.driver.start("xcp00")
    picture = computer.driver.screenshot("xcp00")
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    start = picture.index(b"IDAT") + 4
    pixels = zlib.decompress(picture[start:-12])
    assert len(pixels) == (width + 1) * height
    assert any(pixels)


def test_drives_take_images_and_nothing_else(computer: Computer, tmp_path: Path) -> None:
    driver = computer.driver
    driver.create(spec(tmp_path))
    good, tiny = disc(tmp_path / "good.iso"), disc(tmp_path / "tiny.iso", 2048)
    odd, other = disc(tmp_path / "odd.iso", 65537), disc(tmp_path / "other.txt")
    (tmp_path / "no.viso").write_text("--volume-id=X\n")
    (tmp_path / "bad.viso").write_text(MARKER + "missing=missing\n")
    for wrong in (tmp_path / "missing.iso", tiny, odd, other, tmp_path / "no.viso"):
        with pytest.raises(LabError, match="does not take"):
            driver.insert("xcp00", 0, wrong)
    assert only(computer).media == ()
    with pytest.raises(LabError, match="no DVD drive 2"):
        driver.insert("xcp00", 2, good)
    driver.insert("xcp00", 1, tmp_path / "bad.viso")
    driver.insert("xcp00", 0, good)
    assert only(computer).media == (good, tmp_path / "bad.viso")
    driver.insert("xcp00", 0, None)
    driver.insert("xcp00", 0, None)
    assert only(computer).media == (tmp_path / "bad.viso",)


def test_what_is_wrong_with_an_image_shows_at_the_start(computer: Computer, tmp_path: Path) -> None:
    computer.driver.create(spec(tmp_path))
    medium = disc(tmp_path / "good.iso")
    computer.driver.insert("xcp00", 0, medium)
    medium.unlink()
    with pytest.raises(LabError, match="did not start") as refused:
        computer.driver.start("xcp00")
    assert "VERR_FILE_NOT_FOUND" in refused.value.details
    assert power(computer) is Power.OFF


def test_a_network_that_does_not_exist_shows_at_the_start(
    computer: Computer, tmp_path: Path
) -> None:
    for attachment in (Attachment.BRIDGED, Attachment.HOST_ONLY):
        adapters = (AdapterSpec(attachment, "nowhere"),)
        computer.driver.create(spec(tmp_path, adapters=adapters))
        with pytest.raises(LabError) as refused:
            computer.driver.start("xcp00")
        assert "nowhere" in refused.value.details
        computer.driver.remove("xcp00")


def test_host_only_interfaces_are_made_once(computer: Computer, tmp_path: Path) -> None:
    first = computer.driver.host_only("192.168.56.1", "255.255.255.0")
    assert computer.driver.host_only("192.168.56.1", "255.255.255.0") == first
    assert computer.driver.host_only("192.168.57.1", "255.255.255.0") != first
    with pytest.raises(LabError, match=r"192\.168\.1\.1"):
        computer.driver.host_only("192.168.1.1", "255.255.255.0")
    adapters = (AdapterSpec(Attachment.HOST_ONLY, first),)
    computer.driver.create(spec(tmp_path, adapters=adapters))
    computer.driver.start("xcp00")
    assert only(computer).adapters[0].network == first


def test_snapshots_bring_back_what_was(computer: Computer, tmp_path: Path) -> None:
    driver = computer.driver
    driver.create(spec(tmp_path))
    medium = disc(tmp_path / "good.iso")
    driver.take_snapshot("xcp00", "empty")
    driver.insert("xcp00", 0, medium)
    driver.start("xcp00")
    computer.clock.sleep(10)
    driver.take_snapshot("xcp00", "running")
    assert power(computer) is Power.RUNNING
    driver.pause("xcp00")
    driver.take_snapshot("xcp00", "paused")
    assert power(computer) is Power.PAUSED
    driver.stop("xcp00", Stop.CUT)
    assert only(computer).snapshots == ("empty", "running", "paused")
    driver.restore_snapshot("xcp00", "running")
    assert power(computer) is Power.SAVED
    assert only(computer).media == (medium,)
    driver.start("xcp00")
    assert "No bootable medium" in screen(computer)
    driver.stop("xcp00", Stop.SAVE)
    driver.restore_snapshot("xcp00", "empty")
    assert power(computer) is Power.OFF
    assert only(computer).media == ()
    driver.delete_snapshot("xcp00", "running")
    driver.delete_snapshot("xcp00", "running")
    assert only(computer).snapshots == ("empty", "paused")


def test_a_snapshot_is_named_once_and_has_to_be_there(computer: Computer, tmp_path: Path) -> None:
    computer.driver.create(spec(tmp_path))
    computer.driver.take_snapshot("xcp00", "one")
    with pytest.raises(LabError, match="has a snapshot `one` already"):
        computer.driver.take_snapshot("xcp00", "one")
    with pytest.raises(LabError, match="no snapshot `two`") as refused:
        computer.driver.restore_snapshot("xcp00", "two")
    assert "one" in refused.value.details


def test_a_clone_is_another_machine_that_needs_its_source(
    computer: Computer, tmp_path: Path
) -> None:
    driver = computer.driver
    source = driver.create(spec(tmp_path, "golden"))
    driver.insert("golden", 0, disc(tmp_path / "good.iso"))
    driver.take_snapshot("golden", "installed")
    clone = driver.clone("golden", "installed", spec(tmp_path, disk_mib=0))
    assert clone.hardware_uuid != source.hardware_uuid
    assert not {a.mac for a in clone.adapters} & {a.mac for a in source.adapters}
    assert (clone.media, clone.snapshots, clone.power) == ((), (), Power.OFF)
    with pytest.raises(LabError, match="no snapshot `other`"):
        driver.clone("golden", "other", spec(tmp_path, "xcp01"))
    with pytest.raises(LabError, match="golden cannot be removed") as refused:
        driver.remove("golden")
    assert "xcp00" in refused.value.details
    with pytest.raises(LabError, match="cannot be removed"):
        driver.delete_snapshot("golden", "installed")
    driver.remove("xcp00")
    driver.remove("golden")
    assert driver.machines() == ()


def test_memory_takes_room_on_the_disk(computer: Computer, tmp_path: Path) -> None:
    driver = computer.driver
    driver.create(spec(tmp_path))
    driver.start("xcp00")
    free = computer.free(tmp_path)
    driver.take_snapshot("xcp00", "one")
    assert free - computer.free(tmp_path) == 4096 * 1024 * 1024
    while computer.free(tmp_path) >= 4096 * 1024 * 1024:
        driver.take_snapshot("xcp00", f"at {computer.free(tmp_path)}")
    with pytest.raises(LabError, match="does not fit on the disk"):
        driver.take_snapshot("xcp00", "one too many")
    with pytest.raises(LabError, match="does not fit on the disk"):
        driver.stop("xcp00", Stop.SAVE)
    assert power(computer) is Power.RUNNING


def test_the_computer_has_a_wired_interface_that_is_up(computer: Computer) -> None:
    wired, wireless = computer.driver.interfaces()
    assert (wired.name, wired.address, wired.up) == ("enp0s25", "192.168.1.50", True)
    assert wired.default_route
    assert (wireless.up, wireless.wireless) == (False, True)
    assert computer.driver.version() == "7.2.22"
