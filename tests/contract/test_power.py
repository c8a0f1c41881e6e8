"""Machines on, off and in between."""

import pytest

from labkit.errors import LabError
from labkit.vbox.driver import AdapterSpec, Attachment, Power, Stop
from tests.contract.discs import write_iso, write_viso
from tests.contract.rigs import Rig

HELLO = "hello from the guest"


@pytest.fixture
def running(rig: Rig) -> Rig:
    """A machine that runs, and whose guest has said so where guests are run."""
    iso = write_iso(rig.folder / "hello.iso", f"{HELLO}\n")
    rig.create()
    rig.driver.insert("xcp00", 0, iso)
    rig.driver.start("xcp00")
    return rig


def expect(rig: Rig, power: Power) -> None:
    assert rig.found().power is power
    assert rig.seen_power() == power


def said(rig: Rig) -> str:
    return (rig.folder / "xcp00" / "console.log").read_text()


def test_a_machine_starts_and_starting_it_again_does_nothing(running: Rig) -> None:
    expect(running, Power.RUNNING)
    running.driver.start("xcp00")
    expect(running, Power.RUNNING)


def test_what_a_guest_writes_on_its_serial_port_is_in_the_file(running: Rig) -> None:
    if not running.guests:
        # Only installers and systems are run there, and no system is on this medium.
        assert said(running) == ""
        return
    running.wait_for(lambda: HELLO in said(running))
    running.driver.reset("xcp00")
    running.wait_for(lambda: said(running).count(HELLO) == 2)


def test_a_paused_machine_goes_on_by_start(running: Rig) -> None:
    for _ in range(2):
        running.driver.pause("xcp00")
        expect(running, Power.PAUSED)
    running.driver.start("xcp00")
    expect(running, Power.RUNNING)


def test_a_machine_that_is_off_cannot_be_paused_reset_or_seen(rig: Rig) -> None:
    rig.create()
    for act in (rig.driver.pause, rig.driver.reset, rig.driver.screenshot):
        with pytest.raises(LabError, match="xcp00"):
            act("xcp00")
    expect(rig, Power.OFF)


def test_a_machine_runs_on_after_a_reset(running: Rig) -> None:
    running.driver.reset("xcp00")
    expect(running, Power.RUNNING)


@pytest.mark.parametrize("paused", [False, True])
def test_cutting_the_power_switches_off(running: Rig, paused: bool) -> None:
    if paused:
        running.driver.pause("xcp00")
    running.driver.stop("xcp00", Stop.CUT)
    expect(running, Power.OFF)
    running.driver.stop("xcp00", Stop.CUT)
    running.driver.start("xcp00")
    expect(running, Power.RUNNING)


@pytest.mark.parametrize("paused", [False, True])
def test_a_saved_machine_goes_on_by_start(running: Rig, paused: bool) -> None:
    if paused:
        running.driver.pause("xcp00")
    running.driver.stop("xcp00", Stop.SAVE)
    expect(running, Power.SAVED)
    running.driver.stop("xcp00", Stop.SAVE)
    running.driver.start("xcp00")
    expect(running, Power.RUNNING)


def test_cutting_the_power_discards_a_saved_state(running: Rig) -> None:
    running.driver.stop("xcp00", Stop.SAVE)
    running.driver.stop("xcp00", Stop.CUT)
    expect(running, Power.OFF)


def test_a_guest_may_ignore_the_power_button(running: Rig) -> None:
    running.driver.stop("xcp00", Stop.BUTTON)
    expect(running, Power.RUNNING)


def test_stopping_a_machine_that_is_off_does_nothing(rig: Rig) -> None:
    rig.create()
    for how in Stop:
        rig.driver.stop("xcp00", how)
        expect(rig, Power.OFF)


def test_a_screenshot_is_a_png(running: Rig) -> None:
    picture = running.driver.screenshot("xcp00")
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert picture.endswith(b"IEND\xaeB`\x82")
    running.driver.reset("xcp00")
    assert running.driver.screenshot("xcp00").startswith(b"\x89PNG")


def test_the_console_begins_anew_with_every_start(running: Rig) -> None:
    for _ in range(2):
        running.driver.stop("xcp00", Stop.CUT)
        running.driver.start("xcp00")
    if running.guests:
        running.wait_for(lambda: HELLO in said(running))
    assert said(running).count(HELLO) == int(running.guests)


def test_an_interface_that_is_not_there_is_the_reason_not_to_start(rig: Rig) -> None:
    rig.create(adapters=(AdapterSpec(Attachment.BRIDGED, "nope0", promiscuous=True),))
    with pytest.raises(LabError, match="xcp00") as error:
        rig.driver.start("xcp00")
    assert "nope0" in error.value.details
    expect(rig, Power.OFF)


def test_a_medium_that_cannot_be_read_is_the_reason_not_to_start(rig: Rig) -> None:
    viso = write_viso(rig.folder / "boot.viso", "vanished.iso")
    rig.create()
    rig.driver.insert("xcp00", 0, viso)
    with pytest.raises(LabError, match="xcp00") as error:
        rig.driver.start("xcp00")
    assert "vanished.iso" in error.value.details
    expect(rig, Power.OFF)
    # It is put right, and starts.
    write_iso(rig.folder / "vanished.iso")
    rig.driver.start("xcp00")
    expect(rig, Power.RUNNING)
