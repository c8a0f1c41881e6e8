"""`--fault`: what goes wrong on request is told, and the next run goes on from there."""

import json

import pytest

from tests.commands.conftest import Labkit

TELLING = {
    "a machine that somebody else has locked": (
        "VBoxSVC: clone: locked session, once",
        "in use by another program",
    ),
    "a join that took effect and was not heard of": (
        "pool.join: drop the connection half-way",
        "does not answer",
    ),
    "a host that cannot be reached once it has joined": (
        "xcp01: unreachable for 10min after join",
        "does not answer",
    ),
    "a snapshot that was taken and refused": (
        'VBoxSVC: take_snapshot: fail "VERR_DISK_FULL" after taking effect',
        "VERR_DISK_FULL",
    ),
    "a join that XAPI refuses": (
        "pool.join: fail once with JOINING_HOST_CONNECTION_FAILED",
        "JOINING_HOST_CONNECTION_FAILED",
    ),
    "a join that XAPI refuses although it took effect": (
        "pool.join: fail after taking effect with INTERNAL_ERROR",
        "INTERNAL_ERROR",
    ),
    "a golden machine that does not start": ("VBoxSVC: start: fail", "VERR_GENERAL_FAILURE"),
}


@pytest.mark.parametrize("what", TELLING)
def test_up_tells_what_went_wrong_and_comes_up_the_next_time(labkit: Labkit, what: str) -> None:
    fault, told = TELLING[what]
    said = labkit.bad(1, "up", "6J", "--fault", fault)
    assert told in said
    assert "→" in said
    assert "6J is up" in labkit.good("up", "6J")


PASSING = (
    "PBD.plug on xcp01: fail twice with SR_BACKEND_FAILURE_73",
    "xcp01: unreachable for 40s",
    "VBoxSVC: start: hang for 20s",
    "pool.join: hang for 20s",
    "session.login_with_password: drop the connection",
    "host.get_all_records: fail from the 2nd time, twice, with HOST_STILL_BOOTING",
)


def test_what_passes_is_waited_for(labkit: Labkit) -> None:
    said = labkit.good("up", "6J", *(part for fault in PASSING for part in ("--fault", fault)))
    assert "6J is up" in said
    left = {each["left"] for each in json.loads(labkit.good("sim", "faults", "--json"))}
    assert left == {"spent"}, "each of them came"


def test_faults_are_listed_counted_and_cleared(labkit: Labkit) -> None:
    fault = "VBoxSVC: clone: locked session, twice"
    labkit.bad(1, "up", "6J", "--fault", fault)
    # The same again, while it is armed: it is not doubled.
    labkit.bad(1, "up", "6J", "--fault", "VBoxSVC:  clone:  locked session twice")
    assert "(spent)" in labkit.good("sim", "faults")
    labkit.good("status", "--fault", "VM.start: hang")
    [found] = json.loads(labkit.good("sim", "faults", "--json"))
    assert found == {"fault": "VM.start: hang", "left": "1 of 1 to come", "by": ""}
    assert "1 fault is forgotten" in labkit.good("sim", "faults", "clear")
    assert "Nothing is to go wrong" in labkit.good("sim", "faults", "list")


def test_a_scenario_brings_its_faults_and_they_come_once(labkit: Labkit) -> None:
    mine = labkit.scenario(("name: 6J", 'faults: ["VBoxSVC: clone: locked session"]\nname: 6J'))
    assert "in use by another program" in labkit.bad(1, "up", str(mine))
    labkit.good("up", str(mine))
    assert "(spent, by 6J)" in labkit.good("sim", "faults")
    labkit.good("down", str(mine))
    assert "Nothing is to go wrong" in labkit.good("sim", "faults")


def test_the_environment_brings_faults_one_a_line(labkit: Labkit) -> None:
    labkit.env["LABKIT_SIM_FAULTS"] = "VBoxSVC: clone: locked session\n\nVM.start: hang\n"
    assert "in use by another program" in labkit.bad(1, "up", "6J")
    labkit.good("up", "6J")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--fault", "VM.strat: hang"), "did you mean `VM.start`?"),
        (("--fault", "VMM.*: hang"), "There is no `VMM.*`"),
        (("--fault", "xcp01: unreachable after joni"), "did you mean `join`?"),
        (("--fault", "nonsense"), "`:` is missing at the end"),
        (("--on", "virtualbox", "--fault", "VM.start: hang"), "say `--on sim`"),
    ],
)
def test_a_fault_that_cannot_be_is_an_error_of_the_command_line(
    labkit: Labkit, arguments: tuple[str, ...], told: str
) -> None:
    assert told in labkit.bad(2, "up", "6J", *arguments)
    assert labkit.machines() == {}
