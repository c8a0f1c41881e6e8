"""`labkit up 6J`: the main job, end to end."""

import json
from pathlib import Path

from tests.commands.conftest import Labkit


def test_up_forms_the_course_s_pool(lab_up: Labkit) -> None:
    status = lab_up.status()
    assert (status["lab"], status["on"], status["state"]) == ("6J", "sim", "up")
    assert [machine["name"] for machine in status["machines"]] == ["xcp00", "xcp01"]
    for machine in status["machines"]:
        assert machine["power"] == "running"
        assert [nic["attachment"] for nic in machine["nics"]] == ["bridged", "bridged", "internal"]
        assert all(nic["promiscuous"] for nic in machine["nics"])
    assert status["pool"]["name"] == "pool-6J"
    assert status["pool"]["master"] == "xcp00"
    assert {member["name"]: member["enabled"] for member in status["pool"]["members"]} == {
        "xcp00": True,
        "xcp01": True,
    }


def test_up_twice_does_nothing_and_says_so(lab_up: Labkit) -> None:
    before = lab_up.status()
    said = lab_up.good("up", "6J")
    assert "Nothing to do: 6J is up" in said
    assert "started" not in said
    assert "..." not in said
    assert lab_up.status() == before


def test_a_dry_run_of_a_lab_that_is_up_has_nothing_to_do(lab_up: Labkit) -> None:
    said = lab_up.good("up", "6J", "--dry-run")
    assert "to do" not in said
    assert "already done  pool    Join xcp01 to the pool of xcp00" in said


def test_a_dry_run_shows_the_plan_and_makes_nothing(labkit: Labkit) -> None:
    said = labkit.good("up", "6J", "--dry-run")
    lines = [line.split(maxsplit=2) for line in said.splitlines()]
    assert [stage for *_, stage in ([a, b, c.split()[0]] for a, b, c in lines)] == (
        ["golden"] * 2 + ["hosts"] * 7 + ["pool"] * 4
    )
    assert "already" not in said
    assert labkit.machines() == {}
    assert labkit.status()["state"] == "absent"


def test_until_hosts_stops_before_the_pool_and_up_goes_on(labkit: Labkit) -> None:
    said = labkit.good("up", "6J", "--until", "hosts")
    assert "6J has its hosts up" in said
    status = labkit.status()
    assert status["state"] == "hosts"
    assert status["pool"] is None
    said = labkit.good("up", "6J")
    assert "ok  Install xcp-ng-8.3 once: already done" in said
    assert labkit.status()["state"] == "up"


def test_until_golden_leaves_a_machine_that_was_never_booted(labkit: Labkit) -> None:
    labkit.good("up", "6J", "--until", "golden")
    [(name, golden)] = labkit.machines().items()
    assert name.startswith("golden-xcp-ng-8.3-")
    assert golden["disk"]["system"]["booted"] is False
    assert [snapshot["name"] for snapshot in golden["snapshots"]] == ["installed"]


def test_a_second_lab_is_cloned_from_the_same_golden_machine(labkit: Labkit) -> None:
    labkit.good("up", "6J", "--until", "golden")
    other = labkit.scenario(("name: 6J", "name: other"), ("1.200", "1.210"), ("1.201", "1.211"))
    said = labkit.good("up", str(other))
    assert "Install xcp-ng-8.3 once: already done" in said
    assert labkit.status("other")["state"] == "up"


def test_events_are_json_lines(labkit: Labkit) -> None:
    lines = labkit.good("up", "6J", "--until", "golden", "--json").splitlines()
    events = [json.loads(line) for line in lines]
    assert {"lab": "6J", "on": "sim"}.items() <= events[0].items()
    assert events[0]["happened"] == "started"
    fractions = [event["fraction"] for event in events if "fraction" in event]
    assert fractions
    assert fractions == sorted(fractions)
    assert events[-1]["changed"] is True


def test_each_host_is_its_own(lab_up: Labkit) -> None:
    hosts = [
        machine for machine in lab_up.machines().values() if machine["labels"].get("role") == "host"
    ]
    uuids = {machine["disk"]["system"]["inventory"]["INSTALLATION_UUID"] for machine in hosts}
    assert uuids == {machine["hardware_uuid"] for machine in hosts}
    assert len(uuids) == 2
    assert {machine["disk"]["system"]["hostname"] for machine in hosts} == {"xcp00", "xcp01"}


def test_the_password_reaches_no_file_and_no_line(labkit: Labkit, tmp_path: Path) -> None:
    secret = "correct horse battery"
    ended = labkit("up", "6J", "--json", LABKIT_ROOT_PASSWORD=secret)
    assert ended.returncode == 0
    assert secret not in ended.stdout + ended.stderr
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".viso" for path in written)
    assert not [path for path in written if secret.encode() in path.read_bytes()]


def test_the_portable_lan_puts_bridged_adapters_on_a_host_only_network(labkit: Labkit) -> None:
    labkit.good("up", "6J", "--lan", "portable")
    for machine in labkit.status()["machines"]:
        attachments = [nic["attachment"] for nic in machine["nics"]]
        assert attachments == ["host-only", "host-only", "internal"]
        assert machine["address"].startswith("192.168.56.")
    assert "Nothing to do" in labkit.good("up", "6J")
