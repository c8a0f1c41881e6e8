"""DVD images go in and out of drives, and are never more than read."""

from pathlib import Path

import pytest

from labkit.errors import LabError
from tests.contract.discs import write_iso, write_viso
from tests.contract.rigs import Rig


def test_an_iso_and_a_viso_are_inserted_and_taken_out(rig: Rig) -> None:
    iso = write_iso(rig.folder / "vendor.iso")
    viso = write_viso(rig.folder / "boot.viso", "vendor.iso")
    rig.create()
    rig.driver.insert("xcp00", 0, viso)
    rig.driver.insert("xcp00", 1, iso)
    assert rig.found().media == (viso, iso)
    assert rig.see().media == (str(viso), str(iso))
    rig.driver.insert("xcp00", 0, None)
    assert rig.found().media == (iso,)
    assert rig.see().media == (str(iso),)


def test_one_image_takes_the_place_of_another(rig: Rig) -> None:
    images = [write_iso(rig.folder / name) for name in ("a.iso", "b.iso")]
    rig.create()
    for image in images:
        rig.driver.insert("xcp00", 0, image)
    assert rig.see().media == (str(images[1]),)


def test_inserting_what_is_there_and_emptying_what_is_empty_does_nothing(rig: Rig) -> None:
    iso = write_iso(rig.folder / "vendor.iso")
    rig.create()
    rig.driver.insert("xcp00", 0, None)
    for _ in range(2):
        rig.driver.insert("xcp00", 0, iso)
    assert rig.found().media == (iso,)


def test_an_image_can_be_in_two_machines(rig: Rig) -> None:
    iso = write_iso(rig.folder / "vendor.iso")
    for name in ("xcp00", "xcp01"):
        rig.create(name)
        rig.driver.insert(name, 0, iso)
    rig.driver.insert("xcp00", 0, None)
    rig.driver.remove("xcp00")
    assert rig.see("xcp01").media == (str(iso),)


def test_a_path_with_spaces_and_accents_is_a_path(rig: Rig) -> None:
    iso = write_iso(rig.folder / "mis imágenes" / "niño's.iso")
    rig.create()
    rig.driver.insert("xcp00", 0, iso)
    assert rig.found().media == (iso,)


@pytest.mark.parametrize("name", ["missing.iso", "marker.viso"])
def test_what_is_no_image_is_refused(rig: Rig, name: str) -> None:
    rig.create()
    (rig.folder / "marker.viso").write_text("no marker\n")
    with pytest.raises(LabError, match=name):
        rig.driver.insert("xcp00", 0, rig.folder / name)
    assert rig.see().media == ()


def test_images_are_changed_while_the_machine_runs(rig: Rig) -> None:
    images = [write_iso(rig.folder / name) for name in ("a.iso", "b.iso")]
    rig.create()
    rig.driver.insert("xcp00", 0, images[0])
    rig.driver.start("xcp00")
    rig.driver.insert("xcp00", 1, images[1])
    assert rig.see().media == tuple(map(str, images))
    rig.driver.insert("xcp00", 0, None)
    assert rig.see().media == (str(images[1]),)


def test_images_are_only_ever_read(rig: Rig) -> None:
    iso = write_iso(rig.folder / "vendor.iso")
    iso.chmod(0o444)
    before = iso.read_bytes()
    rig.create()
    rig.driver.insert("xcp00", 0, iso)
    rig.driver.start("xcp00")
    rig.driver.remove("xcp00")
    assert iso.read_bytes() == before


def test_a_drive_that_is_not_there_is_refused(rig: Rig, tmp_path: Path) -> None:
    rig.create()
    with pytest.raises(LabError, match="2"):
        rig.driver.insert("xcp00", 2, write_iso(rig.folder / "vendor.iso"))
