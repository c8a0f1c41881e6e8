"""Disks as files: where they are, and images that become a machine's disk."""

import shutil
from pathlib import Path

import pytest

from labkit.errors import LabError
from labkit.vbox.driver import AdapterSpec, Attachment
from tests.contract.rigs import Rig


def copied(rig: Rig, name: str) -> Path:
    """A copy, byte for byte, of the golden machine's disk."""
    copy = rig.folder / f"{name}.vdi"
    shutil.copyfile(rig.driver.disk("golden"), copy)
    return copy


def test_a_machines_disk_is_a_file_in_its_folder(rig: Rig) -> None:
    made = rig.create()
    disk = rig.driver.disk("xcp00")
    assert disk.is_file()
    assert disk.parent == made.folder


def test_snapshots_and_clones_are_built_on_the_first_disk(rig: Rig) -> None:
    rig.create("golden")
    before = rig.driver.disk("golden")
    rig.driver.take_snapshot("golden", "installed")
    bytes_then = before.read_bytes()
    assert rig.driver.disk("golden") == before
    rig.clone()
    assert rig.driver.disk("xcp00") == before
    assert before.read_bytes() == bytes_then


def test_a_machine_without_a_disk_says_so(rig: Rig) -> None:
    rig.create(disk_mib=0)
    with pytest.raises(LabError, match="xcp00"):
        rig.driver.disk("xcp00")


def test_an_image_becomes_the_disk_of_a_machine(rig: Rig) -> None:
    rig.golden()
    image = copied(rig, "image")
    made = rig.create(disk_mib=0, disk_image=image)
    assert not image.exists()
    assert rig.driver.disk("xcp00").parent == made.folder
    assert rig.driver.disk("xcp00").is_file()
    rig.driver.start("xcp00")


def test_copies_of_one_image_are_the_disks_of_several_machines_to_be_cloned(rig: Rig) -> None:
    rig.golden()
    for name in ("other", "another"):
        rig.create(name, disk_mib=0, disk_image=copied(rig, name))
        rig.driver.take_snapshot(name, "installed")
        rig.driver.clone(name, "installed", rig.spec(f"clone-of-{name}"))
        rig.driver.start(f"clone-of-{name}")
    disks = {rig.driver.disk(name) for name in ("golden", "other", "another")}
    assert len(disks) == 3
    for name in ("other", "another"):
        rig.driver.remove(f"clone-of-{name}")
        rig.driver.remove(name)
    assert rig.witness.names() == {"golden"}


def test_what_is_no_disk_image_is_refused_and_leaves_nothing(rig: Rig) -> None:
    image = rig.folder / "image.vdi"
    image.write_bytes(b"no disk at all" * 1000)
    with pytest.raises(LabError):
        rig.create(disk_mib=0, disk_image=image)
    assert rig.witness.names() == set()
    assert not rig.spec().folder.exists()


def test_leftovers_go_before_an_image_comes(rig: Rig) -> None:
    rig.golden()
    folder = rig.spec().folder
    folder.mkdir(parents=True)
    (folder / "xcp00.vdi").write_text("half")
    rig.create(disk_mib=0, disk_image=copied(rig, "image"))
    assert rig.driver.disk("xcp00").read_bytes() != b"half"


def test_a_machine_whose_disk_is_gone_is_not_cloned_and_can_be_removed(rig: Rig) -> None:
    golden = rig.golden()
    rig.driver.disk("golden").unlink()
    with pytest.raises(LabError):
        rig.clone()
        rig.driver.start("xcp00")
    rig.driver.remove("xcp00")
    rig.driver.remove("golden")
    assert rig.witness.names() == set()
    assert not golden.folder.exists()


def test_a_label_is_written_on_a_machine_that_exists(rig: Rig) -> None:
    rig.create(adapters=(AdapterSpec(Attachment.NAT),))
    rig.driver.label("xcp00", "disk", "1 2")
    rig.driver.label("xcp00", "host", "other")
    assert rig.found().labels == {"lab": "contract", "host": "other", "disk": "1 2"}
    assert rig.see().labels == rig.found().labels
    rig.driver.start("xcp00")
    rig.driver.label("xcp00", "disk", "3")
    assert rig.see().labels["disk"] == "3"


def test_labels_outlive_snapshots(rig: Rig) -> None:
    rig.create()
    rig.driver.take_snapshot("xcp00", "before")
    rig.driver.label("xcp00", "installed", "yes")
    rig.driver.restore_snapshot("xcp00", "before")
    assert rig.see().labels["installed"] == "yes"


def test_a_label_or_disk_of_no_machine_is_an_error(rig: Rig) -> None:
    with pytest.raises(LabError, match="nobody"):
        rig.driver.label("nobody", "key", "text")
    with pytest.raises(LabError, match="nobody"):
        rig.driver.disk("nobody")
