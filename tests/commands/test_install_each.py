"""`--install-each`: for a release on which clones do not become themselves."""

import pytest

from tests.commands.conftest import Labkit
from tests.commands.test_golden import listed


@pytest.fixture(scope="module")
def each_up(tmp_path_factory: pytest.TempPathFactory) -> Labkit:
    labkit = Labkit(tmp_path_factory.mktemp("each"))
    labkit.good("up", "6J", "--install-each")
    return labkit


def test_every_host_is_installed_from_the_iso_and_the_pool_is_the_same(each_up: Labkit) -> None:
    assert each_up.status()["state"] == "up"
    hosts = each_up.machines()
    assert sorted(hosts) == ["6J-xcp00", "6J-xcp01"]
    for name, machine in hosts.items():
        system = machine["disk"]["system"]
        assert machine["based_on"] is None
        assert system["hook"] is False
        assert system["hostname"] == name.removeprefix("6J-")
        assert system["inventory"]["INSTALLATION_UUID"] == machine["hardware_uuid"]
        assert system["management"]["mode"] == "static"
        assert system["management"]["address"] == machine["labels"]["address"]
        # The vendor's ISO is free, and no hash of the password lies about.
        assert machine["drives"] == [None, None]
    assert not list((each_up.home / "labs").rglob("medium"))


def test_up_again_goes_on_the_same_way_and_does_nothing(each_up: Labkit) -> None:
    for words in (("up", "6J"), ("up", "6J", "--install-each")):
        said = each_up.good(*words)
        assert "Nothing to do: 6J is up" in said
        assert "ok  Install xcp01: already done" in said
    assert listed(each_up) == []


def test_it_is_reset_like_any_other(each_up: Labkit) -> None:
    each_up.good("reset", "6J", "--to", "hosts")
    each_up.good("up", "6J")
    assert each_up.status()["state"] == "up"


def test_the_plan_shows_it(labkit: Labkit) -> None:
    said = labkit.good("up", "6J", "--install-each", "--dry-run")
    assert "to do  hosts   Install xcp00" in said
    assert "to do  hosts   Install xcp01" in said
    assert "once" not in said
    assert "Make xcp00" not in said


def test_a_lab_of_clones_is_not_installed_anew(labkit: Labkit) -> None:
    labkit.good("up", "6J", "--until", "hosts")
    said = labkit.bad(2, "up", "6J", "--install-each")
    assert "are clones of a golden machine" in said
    assert "labkit down 6J" in said


def test_a_killed_installation_of_a_host_is_gone_on_with(labkit: Labkit) -> None:
    with labkit.start("up", "6J", "--install-each", "--json", LABKIT_SIM_SPEED="100") as up:
        assert up.stdout is not None
        while "Preparing the disk" not in up.stdout.readline():
            pass
        up.kill()
    before = labkit.machines()["6J-xcp00"]["uuid"]
    labkit.good("up", "6J", "--until", "hosts")
    assert labkit.machines()["6J-xcp00"]["uuid"] == before
    assert labkit.status()["state"] == "hosts"
    labkit.good("down", "6J")
    assert labkit.machines() == {}
    assert not (labkit.home / "labs").exists()


def test_its_hosts_want_room_for_an_installation_each(labkit: Labkit) -> None:
    labkit.good("up", "6J", "--dry-run")
    labkit.disk_of(gib=15)
    said = labkit.bad(3, "up", "6J", "--install-each")
    assert "needs about 22.0 GiB of disk" in said
    labkit.good("up", "6J", "--dry-run")
