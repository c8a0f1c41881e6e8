"""Machines go with all that is their own, and with nothing else."""

from pathlib import Path

import pytest

from labkit.errors import LabError
from labkit.vbox.driver import Power
from tests.contract.discs import write_iso, write_viso
from tests.contract.rigs import Rig


def test_removing_leaves_no_machine_medium_or_folder(rig: Rig) -> None:
    made = rig.create()
    for name in ("hosts", "pool"):
        rig.driver.take_snapshot("xcp00", name)
    rig.driver.remove("xcp00")
    assert rig.driver.machines() == ()
    assert (rig.witness.names(), rig.witness.media()) == (set(), set())
    assert not made.folder.exists()


def test_a_whole_lab_goes_and_the_vendors_iso_stays_byte_for_byte(rig: Rig) -> None:
    iso = write_iso(rig.folder / "isos" / "vendor.iso")
    before = iso.read_bytes()
    rig.create("golden")
    medium = write_viso(rig.folder / "golden" / "medium" / "boot.viso", "../../isos/vendor.iso")
    rig.driver.insert("golden", 0, medium)
    rig.driver.insert("golden", 1, iso)
    rig.driver.take_snapshot("golden", "installed")
    for name in ("xcp00", "xcp01"):
        rig.clone(name)
        (rig.folder / name).mkdir(exist_ok=True)
        identity = write_iso(rig.folder / name / "medium" / "identity.iso")
        rig.driver.insert(name, 0, identity)
        rig.driver.start(name)
        rig.driver.take_snapshot(name, "labkit-hosts")
    for name in ("xcp00", "xcp01", "golden"):
        rig.driver.remove(name)
    assert (rig.witness.names(), rig.witness.media()) == (set(), set())
    assert not list(rig.folder.rglob("machine"))
    assert iso.read_bytes() == before
    assert medium.exists()


@pytest.mark.parametrize("power", [Power.RUNNING, Power.PAUSED, Power.SAVED])
def test_a_machine_goes_in_whatever_state_it_is(rig: Rig, power: Power) -> None:
    from labkit.vbox.driver import Stop

    made = rig.create()
    rig.driver.start("xcp00")
    if power is Power.PAUSED:
        rig.driver.pause("xcp00")
    if power is Power.SAVED:
        rig.driver.stop("xcp00", Stop.SAVE)
    rig.driver.remove("xcp00")
    assert rig.witness.names() == set()
    assert not made.folder.exists()


def test_removing_what_is_not_there_does_nothing(rig: Rig) -> None:
    rig.create()
    rig.driver.remove("xcp01")
    rig.driver.remove("xcp00")
    rig.driver.remove("xcp00")
    assert rig.witness.names() == set()


def test_an_image_in_a_machines_own_folder_outlives_it(rig: Rig) -> None:
    made = rig.create()
    iso = write_iso(made.folder / "somebody put it here.iso")
    rig.driver.insert("xcp00", 0, iso)
    rig.driver.remove("xcp00")
    assert [file for file in made.folder.rglob("*") if file.is_file()] == [iso]


def test_what_lies_beside_a_machines_folder_stays(rig: Rig) -> None:
    made = rig.create()
    beside: Path = made.folder.parent / "notes.txt"
    beside.write_text("mine")
    rig.driver.remove("xcp00")
    assert beside.read_text() == "mine"


def test_a_machine_whose_files_somebody_deleted_can_be_removed(rig: Rig) -> None:
    made = rig.create()
    for file in made.folder.iterdir():
        file.unlink()
    rig.driver.remove("xcp00")
    assert rig.witness.names() == set()
    assert not made.folder.exists()


def test_what_a_killed_removal_left_is_cleared_but_no_dvd_image(rig: Rig) -> None:
    folder = rig.folder / "xcp00" / "machine"
    (folder / "Snapshots").mkdir(parents=True)
    (folder / "Snapshots" / "{1}.vdi").write_bytes(b"half a disk")
    (folder / "xcp00.vbox-prev").write_text("<xml/>")
    rig.driver.clear(folder)
    assert not folder.exists()
    mine = write_iso(folder / "mine.iso")
    rig.driver.clear(folder)
    assert mine.exists()


def test_a_folder_in_which_a_machine_lives_is_not_cleared(rig: Rig) -> None:
    made = rig.create()
    with pytest.raises(LabError, match="belongs to the machine"):
        rig.driver.clear(made.folder)
    assert rig.witness.names() == {"xcp00"}
    rig.driver.clear(rig.folder / "nothing here")
