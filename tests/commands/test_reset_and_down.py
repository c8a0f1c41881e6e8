"""`labkit reset` and `labkit down`: back to where it was, or gone."""

from labkit.sim.computer import open_computer
from tests.commands.conftest import Labkit


def test_reset_brings_the_whole_lab_back(lab_up: Labkit) -> None:
    said = lab_up.good("reset", "6J", "--to", "hosts")
    assert "6J is back at `hosts`" in said
    assert lab_up.status()["state"] == "hosts"
    assert "6J is back at `pool`" in lab_up.good("reset", "6J", "--to", "pool")
    assert lab_up.status()["state"] == "up"


def test_without_a_stage_reset_goes_to_the_last_one(lab_up: Labkit) -> None:
    assert "back at `pool`" in lab_up.good("reset", "6J")
    assert lab_up.status()["state"] == "up"


def test_without_room_for_memory_a_checkpoint_is_of_machines_shut_down(labkit: Labkit) -> None:
    labkit.good("up", "6J", "--until", "golden")
    labkit.disk_of(gib=9)
    said = labkit.good("up", "6J")
    assert "no room for the machines' memory" in said
    assert labkit.status()["state"] == "up"
    hosts = [machine for machine in labkit.machines().values() if machine["snapshots"]]
    checkpoints = [
        snapshot
        for machine in hosts
        for snapshot in machine["snapshots"]
        if snapshot["name"] in ("labkit-hosts", "labkit-pool")
    ]
    assert len(checkpoints) == 4
    assert all(snapshot["memory"] is None for snapshot in checkpoints)
    labkit.good("reset", "6J")
    assert labkit.status()["state"] == "up"


def test_a_checkpoint_with_memory_where_there_is_room(lab_up: Labkit) -> None:
    for machine in lab_up.machines().values():
        kept = {snapshot["name"]: snapshot["memory"] for snapshot in machine["snapshots"]}
        if machine["labels"]["role"] == "host":
            assert kept["labkit-pool"] is not None


def test_a_lost_checkpoint_of_an_earlier_stage_is_not_taken_of_a_later_one(
    labkit: Labkit,
) -> None:
    labkit.good("up", "6J")
    computer = open_computer(labkit.home / "sim")
    computer.driver.delete_snapshot("6J-xcp01", "labkit-hosts")
    computer.close()
    labkit.good("up", "6J")
    said = labkit.bad(1, "reset", "6J", "--to", "hosts")
    assert "Without it: xcp01." in said
    assert labkit.status()["state"] == "up"


def test_after_a_reset_to_hosts_up_joins_again(labkit: Labkit) -> None:
    labkit.good("up", "6J")
    labkit.good("reset", "6J", "--to", "hosts")
    labkit.good("up", "6J")
    assert labkit.status()["state"] == "up"


def test_down_leaves_nothing_of_the_lab(labkit: Labkit) -> None:
    labkit.good("up", "6J")
    said = labkit.good("down", "6J")
    assert "6J is gone" in said
    assert [machine["labels"]["role"] for machine in labkit.machines().values()] == ["golden"]
    assert not (labkit.home / "labs").exists()
    assert labkit.status()["state"] == "absent"


def test_down_with_golden_leaves_nothing_but_isos(labkit: Labkit) -> None:
    labkit.good("up", "6J")
    labkit.good("down", "6J", "--golden")
    assert labkit.machines() == {}
    assert not (labkit.home / "golden").exists()
    assert list((labkit.home / "sim").rglob("*.iso"))


def test_down_twice_says_there_is_nothing(labkit: Labkit) -> None:
    assert "Nothing to do" in labkit.good("down", "6J")


def test_down_leaves_what_a_person_put_beside_it(labkit: Labkit) -> None:
    labkit.good("up", "6J", "--until", "hosts")
    mine = labkit.home / "labs" / "6J" / "xcp00" / "notes.txt"
    mine.write_text("mine")
    labkit.good("down", "6J")
    assert mine.read_text() == "mine"


def test_down_needs_no_scenario(labkit: Labkit) -> None:
    other = labkit.scenario(("name: 6J", "name: mine"))
    labkit.good("up", str(other), "--until", "hosts")
    other.unlink()
    assert "mine is gone" in labkit.good("down", "mine")


def test_reset_of_a_lab_that_is_not_up_says_what_to_do(labkit: Labkit) -> None:
    said = labkit.bad(1, "reset", "6J")
    assert "6J is not up on sim" in said
    assert "→ Run `labkit up 6J` first." in said


def test_reset_to_a_checkpoint_that_was_never_taken_fails_loudly(labkit: Labkit) -> None:
    labkit.good("up", "6J", "--until", "hosts")
    said = labkit.bad(1, "reset", "6J", "--to", "pool")
    assert "6J has no complete checkpoint `pool`" in said
    assert "Without it: xcp00, xcp01." in said
    assert labkit.status()["state"] == "hosts"


def test_down_clears_what_a_killed_down_left(labkit: Labkit) -> None:
    labkit.good("up", "6J", "--until", "golden")
    folder = labkit.home / "labs" / "6J" / "xcp00" / "machine"
    folder.mkdir(parents=True)
    (folder / "6J-xcp00.vdi").write_bytes(b"a disk nobody knows any more")
    labkit.good("down", "6J")
    assert not (labkit.home / "labs").exists()
