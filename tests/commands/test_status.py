"""`labkit status`: what there is, and `broken` where the views disagree."""

import json

from labkit.sim.computer import open_computer
from labkit.vbox.driver import Stop
from tests.commands.conftest import Labkit


def test_a_lab_whose_machines_are_off_is_off(labkit: Labkit) -> None:
    labkit.good("up", "6J", "--until", "hosts")
    switch_off(labkit, "6J-xcp00", "6J-xcp01")
    status = labkit.status()
    assert (status["state"], status["reasons"], status["pool"]) == ("off", [], None)
    assert "Run `labkit up 6J` to bring it up." in labkit.good("status", "6J")


def test_a_lab_of_which_one_machine_is_off_is_broken_and_says_why(labkit: Labkit) -> None:
    labkit.good("up", "6J")
    switch_off(labkit, "6J-xcp01")
    ended = labkit("status", "6J")
    assert ended.returncode == 1
    assert "xcp01's machine is off." in ended.stdout
    labkit.good("up", "6J")
    assert labkit.status()["state"] == "up"


def test_a_lab_without_one_of_its_machines_is_broken(labkit: Labkit) -> None:
    labkit.good("up", "6J", "--until", "hosts")
    computer = open_computer(labkit.home / "sim")
    computer.driver.remove("6J-xcp01")
    computer.close()
    status = labkit.status()
    assert (status["state"], status["reasons"]) == ("broken", ["xcp01 has no machine."])


def test_with_a_wrong_password_the_pool_is_not_known_and_the_lab_not_broken(
    labkit: Labkit,
) -> None:
    labkit.good("up", "6J", "--until", "hosts", LABKIT_ROOT_PASSWORD="right")
    ended = labkit("status", "6J", "--json", LABKIT_ROOT_PASSWORD="wrong")
    assert ended.returncode == 0
    status = json.loads(ended.stdout)
    assert status["state"] == "running"
    assert "does not accept the root password" in status["reasons"][0]


def test_without_a_name_every_lab_is_shown(labkit: Labkit) -> None:
    labkit.good("up", "6J", "--until", "hosts")
    other = labkit.scenario(("name: 6J", "name: other"), ("1.200", "1.210"), ("1.201", "1.211"))
    labkit.good("up", str(other), "--until", "hosts")
    lines = labkit.good("status", "--json").splitlines()
    assert [json.loads(line)["lab"] for line in lines] == ["6J", "other"]


def test_without_a_lab_it_says_how_to_find_one(labkit: Labkit) -> None:
    assert "There is no lab on sim. `labkit scenario list`" in labkit.good("status")


def switch_off(labkit: Labkit, *machines: str) -> None:
    computer = open_computer(labkit.home / "sim")
    for machine in machines:
        computer.driver.stop(machine, Stop.CUT)
    computer.close()
