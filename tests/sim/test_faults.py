"""Faults with words to the pretended VirtualBox."""

import inspect
from pathlib import Path

import pytest

from labkit.errors import LabError
from labkit.scenario.faults.fault import DRIVER_WORDS
from labkit.sim.computer import Computer
from labkit.vbox.driver import Driver, Power
from tests.sim.pretend import power, spec


@pytest.mark.parametrize("word", DRIVER_WORDS)
def test_every_word_is_refused_on_request(computer: Computer, word: str) -> None:
    computer.arm([f'VBoxSVC: {word}: fail "E_FAIL (0x80004005)"'])
    said = [None] * (len(inspect.signature(getattr(Driver, word)).parameters) - 1)
    with pytest.raises(LabError) as refused:
        getattr(computer.driver, word)(*said)
    assert refused.value.details == "E_FAIL (0x80004005)"
    assert computer.armed() == [(f'VBoxSVC: {word}: fail "E_FAIL (0x80004005)"', "spent", "")]


def test_after_taking_effect_the_machine_is_there_all_the_same(
    computer: Computer, tmp_path: Path
) -> None:
    computer.arm(["VBoxSVC: create: locked session after taking effect"])
    with pytest.raises(LabError, match="`xcp00` is in use by another program"):
        computer.driver.create(spec(tmp_path))
    assert power(computer) is Power.OFF


def test_only_the_machine_that_was_named_is_locked(computer: Computer, tmp_path: Path) -> None:
    computer.arm(["VBoxSVC: take_snapshot of xcp01: always locked session"])
    for name in ("xcp00", "xcp01"):
        computer.driver.create(spec(tmp_path, name, labels={"host": name}))
    computer.driver.take_snapshot("xcp00", "s")
    with pytest.raises(LabError, match="`xcp01` is in use"):
        computer.driver.take_snapshot("xcp01", "s")


def test_a_word_hangs_on_the_world_s_clock(tmp_path: Path) -> None:
    from labkit.sim.computer import open_computer

    quick = open_computer(tmp_path / "sim", speed=1000)
    quick.arm(["VBoxSVC: machines: hang for 1min"])
    began = quick.clock.now()
    assert quick.driver.machines() == ()
    assert quick.clock.now() - began >= 60
    quick.close()


def test_a_fault_waits_for_its_moment(computer: Computer, tmp_path: Path) -> None:
    computer.arm(["VBoxSVC: machines: fail after create of xcp01"])
    for name in ("xcp00", "xcp01"):
        computer.driver.machines()
        computer.driver.create(spec(tmp_path, name))
    with pytest.raises(LabError):
        computer.driver.machines()


def test_what_is_armed_is_not_armed_twice_and_outlives_a_command(tmp_path: Path) -> None:
    from labkit.sim.computer import open_computer

    first = open_computer(tmp_path / "sim", speed=1e-6)
    first.arm(["VM.start: fail twice with X_Y"])
    first.close()
    again = open_computer(tmp_path / "sim", speed=1e-6)
    again.arm(["VM.start:  twice  fail with X_Y", "xcp00: unreachable"])
    assert again.armed() == [
        ("VM.start: fail twice with X_Y", "2 of 2 to come", ""),
        ("xcp00: unreachable", "1 of 1 to come", ""),
    ]
    assert again.disarm() == 2
    again.close()
