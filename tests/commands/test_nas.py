"""A lab with a storage server of its own, and one that uses the room's."""

import json
from pathlib import Path

import pytest

from tests.commands.conftest import Labkit
from tests.commands.test_golden import listed

EXTERNAL = ("local: ext               #", "local: ext\n  server: {external: 192.168.1.5} #")


@pytest.fixture(scope="module")
def nas_up(tmp_path_factory: pytest.TempPathFactory) -> Labkit:
    """A computer where 6J-nas is up; tests that share it leave it so."""
    labkit = Labkit(tmp_path_factory.mktemp("nas"))
    said = labkit.good("up", "6J-nas")
    assert "storage server nas00 (192.168.1.210)" in said
    return labkit


def test_the_pool_comes_up_beside_its_storage_server(nas_up: Labkit) -> None:
    status = nas_up.status("6J-nas")
    assert status["state"] == "up"
    assert {each["name"]: each["kind"] for each in status["machines"]} == {
        "nas00": "nas",
        "xcp00": "xen",
        "xcp01": "xen",
    }
    assert [member["name"] for member in status["pool"]["members"]] == ["xcp00", "xcp01"]
    assert "storage server" in nas_up.good("status", "6J-nas")


def test_the_server_is_itself_and_exports_to_its_network(nas_up: Labkit) -> None:
    nas = nas_up.machines()["6J-nas-nas00"]
    system = nas["disk"]["system"]
    assert system["hostname"] == "nas00"
    assert system["management"]["address"] == "192.168.1.210"
    assert system["exports"]["shares"] == ["/export/vhd", "/export/iso"]
    assert system["exports"]["clients"] == ["192.168.1.0/24"]
    assert nas["adapters"][0]["mac"]
    console = nas_up.home / "labs" / "6J-nas" / "nas00" / "console.log"
    assert "labkit: this is now nas00, 192.168.1.210" in console.read_text()


def test_hosts_and_server_each_have_a_golden_machine(nas_up: Labkit) -> None:
    found = {each["generation"]: (each["state"], each["labs"]) for each in listed(nas_up)}
    assert found == {"debian-12": ("ready", ["6J-nas"]), "xcp-ng-8.3": ("ready", ["6J-nas"])}


def test_up_twice_does_nothing(nas_up: Labkit) -> None:
    assert "Nothing to do: 6J-nas is up" in nas_up.good("up", "6J-nas")


def test_reset_brings_the_server_back_with_its_hosts(nas_up: Labkit) -> None:
    said = nas_up.good("reset", "6J-nas", "--to", "hosts")
    assert "Wait for NFS on nas00" in said
    assert nas_up.status("6J-nas")["state"] == "hosts"
    nas_up.good("up", "6J-nas")
    assert nas_up.status("6J-nas")["state"] == "up"


def test_a_lab_whose_server_is_off_is_broken_and_up_mends_it(nas_up: Labkit) -> None:
    switch_off(nas_up, "6J-nas-nas00")
    ended = nas_up("status", "6J-nas")
    assert ended.returncode == 1
    assert "nas00's machine is off." in ended.stdout
    nas_up.good("up", "6J-nas")
    assert nas_up.status("6J-nas")["state"] == "up"


def test_the_server_is_shut_down_last_and_started_first(labkit: Labkit) -> None:
    labkit.good("up", "6J-nas", "--until", "golden")
    labkit.disk_of(gib=12)
    assert "no room for the machines' memory" in labkit.good("up", "6J-nas")
    for name, machine in labkit.machines().items():
        kept = {each["name"]: each["memory"] for each in machine["snapshots"]}
        if not name.startswith("golden-"):
            assert kept["labkit-pool"] is None
    labkit.good("reset", "6J-nas")
    assert labkit.status("6J-nas")["state"] == "up"


def test_down_with_golden_leaves_nothing_but_isos(labkit: Labkit) -> None:
    labkit.good("up", "6J-nas", "--until", "hosts")
    labkit.good("down", "6J-nas", "--golden")
    assert labkit.machines() == {}
    assert not (labkit.home / "golden").exists()
    assert not (labkit.home / "labs").exists()
    assert [iso.name for iso in (labkit.home / "sim").rglob("debian-*.iso")]


def test_a_golden_server_is_carried_to_another_computer(nas_up: Labkit, tmp_path: Path) -> None:
    nas_up.good("golden", "export", "debian-12", str(tmp_path / "nas.tar"))
    other = Labkit(tmp_path / "other")
    other.folder.mkdir()
    assert "needs no ISO" in other.good("golden", "import", str(tmp_path / "nas.tar"))
    said = other.good("up", "6J-nas", "--until", "hosts")
    assert "ok  Install debian-12 once: already done" in said


def test_every_machine_can_be_installed_by_itself(labkit: Labkit) -> None:
    labkit.good("up", "6J-nas", "--install-each")
    assert labkit.status("6J-nas")["state"] == "up"
    nas = labkit.machines()["6J-nas-nas00"]
    assert nas["based_on"] is None
    assert nas["disk"]["system"]["hostname"] == "nas00"
    assert listed(labkit) == []


def test_the_portable_lan_takes_the_server_along(labkit: Labkit) -> None:
    labkit.good("up", "6J-nas", "--lan", "portable", "--until", "hosts")
    nas = labkit.machines()["6J-nas-nas00"]["disk"]["system"]
    assert nas["management"]["address"] == "192.168.56.210"
    assert nas["exports"]["clients"] == ["192.168.56.0/24"]


def test_render_shows_what_the_server_is_installed_with(labkit: Labkit) -> None:
    told = json.loads(labkit.good("media", "render", "6J-nas", "nas00", "--json"))
    names = {Path(file).name for file in told["files"]}
    assert {"boot.viso", "preseed.cfg", "grub.cfg", "isolinux.cfg", "identity"} <= names


def test_a_server_without_its_iso_says_which_and_makes_nothing(labkit: Labkit) -> None:
    gone = labkit.scenario(
        ("  server:  ", "  server:\n    installer: {iso: gone.iso}  "), name="6J-nas"
    )
    said = labkit.bad(3, "up", str(gone))
    assert "There is no ISO" in said
    assert "gone.iso" in said
    assert [name for name in labkit.machines() if "debian" in name or "nas00" in name] == []


def test_a_server_from_the_iso_of_another_product_is_refused(labkit: Labkit) -> None:
    labkit.good("up", "6J", "--until", "golden")
    iso = next((labkit.home / "sim" / "isos").glob("xcp-ng-8.3*.iso"))
    wrong = labkit.scenario(
        ("  server:  ", f"  server:\n    installer: {{iso: '{iso}'}}  "), name="6J-nas"
    )
    said = labkit.bad(3, "up", str(wrong))
    assert "is not of the generation debian-12" in said
    assert "XCP-ng 8.3.0" in said


def test_a_server_that_exists_is_used_and_not_made(labkit: Labkit) -> None:
    external = labkit.scenario(EXTERNAL)
    labkit.good("up", str(external), "--until", "hosts")
    assert sorted(name for name in labkit.machines() if name.startswith("6J-")) == [
        "6J-xcp00",
        "6J-xcp01",
    ]


def test_a_server_that_does_not_answer_is_told_before_anything_is_made(nas_up: Labkit) -> None:
    switch_off(nas_up, "6J-nas-nas00")
    external = nas_up.scenario(
        (EXTERNAL[0], EXTERNAL[1].replace("1.5", "1.210")),
        ("192.168.1.200", "192.168.1.220"),
        ("192.168.1.201", "192.168.1.221"),
    )
    said = nas_up.bad(3, "up", str(external))
    assert "The storage server 192.168.1.210 does not answer on port 2049 (NFS)." in said
    assert "6J-xcp00" not in nas_up.machines()
    nas_up.good("up", "6J-nas")


def switch_off(labkit: Labkit, machine: str) -> None:
    """Pull the plug of a pretend machine."""
    world = labkit.home / "sim" / "world.json"
    head, body = world.read_text(encoding="utf-8").splitlines()
    found = json.loads(body)
    found["machines"][machine] |= {"power": "off", "memory": None}
    times = json.loads(head)
    world.write_text(f"{json.dumps(times)}\n{json.dumps(found)}", encoding="utf-8")
