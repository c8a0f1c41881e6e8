"""Faults as people write them: what is meant by them, and what is said where nothing can be."""

import inspect

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.errors import ScenarioError
from labkit.scenario.faults.fault import (
    DRIVER_WORDS,
    DriverWord,
    Drop,
    Fail,
    Fault,
    Hang,
    Messages,
    Moment,
    Refuse,
    Unreachable,
    When,
)
from labkit.scenario.faults.reading import read
from labkit.vbox.driver import Driver

ON_XCP01 = Messages("*.*", "xcp01")

MEANT = {
    "PBD.plug on xcp01: fail twice with SR_BACKEND_FAILURE_73": Fault(
        Messages("PBD.plug", "xcp01"), Fail("SR_BACKEND_FAILURE_73"), When(2)
    ),
    "xcp01: unreachable for 40s after join": Fault(
        ON_XCP01, Unreachable(40.0), When(1, moment=Moment("join"))
    ),
    "VBoxSVC: start: locked session, once": Fault(DriverWord("start"), Refuse(None), When(1)),
    "VM.start: fail with X_Y": Fault(Messages("VM.start"), Fail("X_Y"), When(1)),
    "VM.*: always fail after taking effect with X_Y": Fault(
        Messages("VM.*"), Fail("X_Y", after=True), When(None)
    ),
    'VM.start: fail with X_Y "a" "b, c", 3 times': Fault(
        Messages("VM.start"), Fail("X_Y", ("a", "b, c")), When(3)
    ),
    'VM.start: fail with X_Y("a", "b") once': Fault(
        Messages("VM.start"), Fail("X_Y", ("a", "b")), When(1)
    ),
    "VM.start: hang for 20 s": Fault(Messages("VM.start"), Hang(20.0), When(1)),
    "VM.start: hang for 2 minutes after taking effect": Fault(
        Messages("VM.start"), Hang(120.0, after=True), When(1)
    ),
    "pool.join: drop the connection": Fault(Messages("pool.join"), Drop(), When(1)),
    "pool.join: drop connection half-way": Fault(
        Messages("pool.join"), Drop(half_way=True, after=True), When(1)
    ),
    "xcp01: unreachable": Fault(ON_XCP01, Unreachable(None), When(1)),
    "xcp01: drop the connection with a chance of 1 in 5": Fault(
        ON_XCP01, Drop(), When(None, odds=5)
    ),
    "VM.start: fail with X_Y from the 2nd time on": Fault(
        Messages("VM.start"), Fail("X_Y"), When(None, first=2)
    ),
    "VM.start: fail once with X_Y from the 3rd time after VM.create on xcp00": Fault(
        Messages("VM.start"), Fail("X_Y"), When(1, first=3, moment=Moment("VM.create", "xcp00"))
    ),
    'vboxsvc: clone of 6J-xcp01: fail "no room" after taking effect': Fault(
        DriverWord("clone", "6J-xcp01"), Refuse("no room", after=True), When(1)
    ),
    "VBoxSVC: take_snapshot: hang for 1h": Fault(
        DriverWord("take_snapshot"), Hang(3600.0), When(1)
    ),
}

WRONG = {
    "": "a message, a host or `VBoxSVC` is missing at the end",
    "VM.start": "`:` is missing at the end",
    "VM.start:": "what goes wrong is missing",
    "VM.start: fail": "at `fail`, character 11: with what?",
    "VM.start: fial with X_Y": "at `fial`, character 11: did you mean `fail`?",
    "VM.start: fail twise with X_Y": "at `twise`, character 16: did you mean `twice`?",
    "VM.start: fail with x": "must be one of XAPI's codes",
    "VM.start: unreachable": "known here: `fail`, `hang`, `drop`",
    "VM.start: fail with X_Y for 3s": "takes no time",
    "VM.start: hang for 3 parsecs": "at `3`, character 20: must be a time",
    "VM.start: hang half-way": "only `drop the connection` can be half-way",
    "VM.start: hang 0 times": "must be a whole number from 1",
    "VM.start: hang 3 tines": "did you mean `times`?",
    "VBoxSVC: strat: hang": "at `strat`, character 10: did you mean `start`?",
    "VBoxSVC: start: fail with X_Y": "VirtualBox has no codes",
    'VBoxSVC: start: fail "x': "there is no closing quote",
    "VM.start on: hang": "must be a host",
    "VM.start: hang once from the second time": "must be as in `from the 2nd time`",
    "xcp01: drop the conection": "did you mean `connection`?",
    "x" * 501: "longer than 500 characters",
}


@pytest.mark.parametrize("text", MEANT)
def test_a_fault_means_what_it_says(text: str) -> None:
    assert read(text) == MEANT[text]
    assert read(text).text == text


@pytest.mark.parametrize("text", WRONG)
def test_what_cannot_be_meant_is_told_with_its_place(text: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        read(text)
    assert WRONG[text] in refused.value.details
    assert "docs/faults.md" in refused.value.hint


TYPED = """VM.start VM.* * xcp01 VBoxSVC : , ( ) " "x" fail hang drop the connection half-way with
after before taking effect for 40s 2 min once twice 3 times always from 2nd time a chance of 1 in 5
on unreachable locked session start clone X_Y join ² ١"""
WORDS = st.sampled_from(TYPED.split())


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=14).map(" ".join)))
def test_whatever_is_typed_is_a_fault_or_told_why_not(text: str) -> None:
    try:
        fault = read(text)
    except ScenarioError as refused:
        assert refused.details
    else:
        assert read(fault.text) == fault


def test_every_word_to_virtualbox_can_go_wrong() -> None:
    words = [name for name, _ in inspect.getmembers(Driver, inspect.isfunction)]
    assert sorted(DRIVER_WORDS) == sorted(word for word in words if not word.startswith("_"))
