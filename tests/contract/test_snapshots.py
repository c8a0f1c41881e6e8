"""Snapshots: kept, gone back to, forgotten."""

import pytest

from labkit.errors import LabError
from labkit.vbox.driver import Power, Stop
from tests.contract.discs import write_iso
from tests.contract.rigs import Rig


def test_snapshots_are_listed_oldest_first(rig: Rig) -> None:
    rig.create()
    for name in ("installed", "hosts", "a pool"):
        rig.driver.take_snapshot("xcp00", name)
    assert rig.found().snapshots == rig.see().snapshots == ("installed", "hosts", "a pool")


def test_a_second_snapshot_of_a_name_is_refused(rig: Rig) -> None:
    rig.create()
    rig.driver.take_snapshot("xcp00", "hosts")
    with pytest.raises(LabError, match="hosts"):
        rig.driver.take_snapshot("xcp00", "hosts")
    assert rig.see().snapshots == ("hosts",)


def test_a_machine_goes_back_to_how_it_was(rig: Rig) -> None:
    iso = write_iso(rig.folder / "vendor.iso")
    rig.create()
    rig.driver.take_snapshot("xcp00", "hosts")
    rig.driver.insert("xcp00", 0, iso)
    rig.driver.restore_snapshot("xcp00", "hosts")
    assert rig.see().media == ()
    assert (rig.seen_power(), rig.see().snapshots) == (Power.OFF, ("hosts",))


def test_a_machine_goes_back_again_and_again(rig: Rig) -> None:
    rig.create()
    for name in ("hosts", "pool"):
        rig.driver.take_snapshot("xcp00", name)
    for name in ("hosts", "pool", "hosts"):
        rig.driver.restore_snapshot("xcp00", name)
    assert rig.see().snapshots == ("hosts", "pool")


def test_going_back_to_a_snapshot_that_is_not_there_is_an_error(rig: Rig) -> None:
    rig.create()
    rig.driver.take_snapshot("xcp00", "hosts")
    with pytest.raises(LabError, match="pool") as error:
        rig.driver.restore_snapshot("xcp00", "pool")
    assert "hosts" in error.value.details


def test_a_running_machine_does_not_go_back(rig: Rig) -> None:
    rig.create()
    rig.driver.take_snapshot("xcp00", "hosts")
    rig.driver.start("xcp00")
    with pytest.raises(LabError):
        rig.driver.restore_snapshot("xcp00", "hosts")
    assert rig.seen_power() is Power.RUNNING


def test_a_saved_machine_goes_back(rig: Rig) -> None:
    rig.create()
    rig.driver.take_snapshot("xcp00", "hosts")
    rig.driver.start("xcp00")
    rig.driver.stop("xcp00", Stop.SAVE)
    rig.driver.restore_snapshot("xcp00", "hosts")
    assert rig.seen_power() is Power.OFF


def test_a_snapshot_is_forgotten_and_the_others_stay(rig: Rig) -> None:
    rig.create()
    for name in ("hosts", "pool"):
        rig.driver.take_snapshot("xcp00", name)
    rig.driver.delete_snapshot("xcp00", "hosts")
    assert rig.found().snapshots == rig.see().snapshots == ("pool",)
    rig.driver.restore_snapshot("xcp00", "pool")


def test_forgetting_a_snapshot_that_is_not_there_does_nothing(rig: Rig) -> None:
    rig.create()
    rig.driver.delete_snapshot("xcp00", "hosts")
    rig.driver.take_snapshot("xcp00", "hosts")
    rig.driver.delete_snapshot("xcp00", "pool")
    assert rig.see().snapshots == ("hosts",)


@pytest.mark.parametrize("power", [Power.RUNNING, Power.PAUSED])
def test_a_live_snapshot_keeps_the_memory_and_changes_nothing(rig: Rig, power: Power) -> None:
    rig.create()
    rig.driver.start("xcp00")
    if power is Power.PAUSED:
        rig.driver.pause("xcp00")
    rig.driver.take_snapshot("xcp00", "live")
    assert rig.found().power is rig.seen_power() is power
    rig.driver.stop("xcp00", Stop.CUT)
    rig.driver.restore_snapshot("xcp00", "live")
    assert rig.found().power is rig.seen_power() is Power.SAVED
    rig.driver.start("xcp00")
    assert rig.found().power is rig.seen_power() is Power.RUNNING


def test_a_snapshot_of_a_saved_machine_keeps_its_memory(rig: Rig) -> None:
    rig.create()
    rig.driver.start("xcp00")
    rig.driver.stop("xcp00", Stop.SAVE)
    rig.driver.take_snapshot("xcp00", "saved")
    rig.driver.stop("xcp00", Stop.CUT)
    assert rig.seen_power() is Power.OFF
    rig.driver.restore_snapshot("xcp00", "saved")
    assert rig.seen_power() is Power.SAVED
