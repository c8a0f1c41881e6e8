"""Any command may be killed at any moment and run again."""

import json
import signal
from typing import Any

import pytest

from tests.commands.conftest import Labkit

STEPS = (
    "Install xcp-ng-8.3 once",
    "Keep the installed xcp-ng-8.3 to clone hosts from",
    "Make xcp00",
    "Make xcp01",
    "Start xcp01",
    "Wait for XAPI on xcp00",
    "Take the checkpoint `hosts`",
    "Name the pool pool-6J",
    "Join xcp01 to the pool of xcp00",
    "Wait until xcp01 is enabled",
    "Take the checkpoint `pool`",
)


def stopped_in(
    labkit: Labkit, step: str, how: signal.Signals, speed: str = "600"
) -> tuple[int, list[dict[str, Any]]]:
    """End `labkit up 6J` as soon as it speaks of a step; how it ended and what it told."""
    told = []
    with labkit.start("up", "6J", "--json", LABKIT_SIM_SPEED=speed) as up:
        assert up.stdout is not None
        for line in up.stdout:
            event = json.loads(line)
            told.append(event)
            # On a busy computer a wait may be over before it began: "already done".
            if event.get("step") == step and event["happened"] in ("started", "already done"):
                up.send_signal(how)
        code = up.wait(timeout=60)
    assert step in [event.get("step") for event in told]
    return code, told


@pytest.mark.parametrize("step", STEPS)
def test_a_lab_that_was_killed_in_any_step_comes_up_the_next_time(
    labkit: Labkit, step: str
) -> None:
    code, _ = stopped_in(labkit, step, signal.SIGKILL)
    assert code == -signal.SIGKILL, "it was over before the signal came"
    labkit.good("up", "6J")
    assert labkit.status()["state"] == "up"
    assert sorted(machine["labels"]["role"] for machine in labkit.machines().values()) == [
        "golden",
        "host",
        "host",
    ]


@pytest.mark.parametrize(
    ("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "kill"]
)
def test_an_interrupted_installation_is_taken_back(
    labkit: Labkit, how: signal.Signals, code: int
) -> None:
    # Slow enough for the signal to arrive while the installer is at work.
    ended, told = stopped_in(labkit, STEPS[0], how, speed="60")
    assert ended == code
    assert [(event["step"], event["happened"]) for event in told if "step" in event][-1] == (
        STEPS[0],
        "undone",
    )
    assert labkit.machines() == {}
    assert not (labkit.home / "golden").exists()


def test_a_killed_up_can_be_taken_down(labkit: Labkit) -> None:
    stopped_in(labkit, "Start xcp01", signal.SIGKILL)
    labkit.good("down", "6J", "--golden")
    assert labkit.machines() == {}


def test_two_at_once_are_told_apart(labkit: Labkit) -> None:
    # Both see one computer: whoever is fast makes its time fast for the other, too.
    labkit.env["LABKIT_SIM_SPEED"] = "60"
    with labkit.start("up", "6J", "--json") as first:
        assert first.stdout is not None
        first.stdout.readline()
        said = labkit.bad(1, "up", "6J")
        assert "Somebody else is working on 6J" in said
        assert "The lock is held by: labkit up 6J (process " in said
        assert str(first.pid) in said
        # Reading is not working on it.
        assert labkit.status()["lab"] == "6J"
        first.kill()
