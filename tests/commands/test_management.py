"""Hosts that are managed over another adapter than the first, or ask for their address."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from labkit.commands.open_lab import open_lab
from labkit.errors import LabError
from labkit.steps.machine import AwaitHost
from tests.commands.conftest import Labkit

FIRST = (
    "      - {network: management, promiscuous: allow-all}\n"
    "      - {network: guests, promiscuous: allow-all}\n"
    "      - {network: storage, promiscuous: allow-all}\n"
)
THIRD = (
    "      - {network: storage, promiscuous: allow-all}\n"
    "      - {network: guests, promiscuous: allow-all}\n"
    "      - {network: management, promiscuous: allow-all, management: static}\n"
)
BY_DHCP = (
    "nics:\n"
    "      - {network: storage}\n"
    "      - {network: guests}\n"
    "      - {network: management, mac: 08:00:27:00:0A:02, management: dhcp}\n"
)


def variation(labkit: Labkit) -> Path:
    """6J managed over the third adapters: the master's address is set, its member's asked for."""
    return labkit.scenario((FIRST, THIRD), ("nics: *three-adapters\n", BY_DHCP))


def devices(labkit: Labkit) -> dict[str, tuple[str, str]]:
    """Each host's management interface and how it came by its address, as its pool has them."""
    [pool] = (
        machine["disk"]["system"]["database"]
        for machine in labkit.machines().values()
        if (machine["disk"]["system"] or {}).get("database")
    )
    names = {ref: host["hostname"] for ref, host in pool["host"].items()}
    return {
        names[pif["host"]]: (pif["device"], pif["ip_configuration_mode"])
        for pif in pool["PIF"].values()
        if pif.get("management")
    }


@pytest.mark.parametrize("words", [(), ("--install-each",)], ids=["cloned", "installed each"])
def test_they_come_up_to_a_pool(labkit: Labkit, words: tuple[str, ...]) -> None:
    path = variation(labkit)
    labkit.good("up", str(path), *words)
    status = labkit.status()
    assert status["state"] == "up"
    addresses = {machine["name"]: machine["address"] for machine in status["machines"]}
    assert addresses == {"xcp00": "192.168.1.200", "xcp01": "192.168.1.201"}
    assert status["machines"][1]["nics"][2]["mac"] == "080027000A02"
    assert devices(labkit) == {"xcp00": ("eth2", "Static"), "xcp01": ("eth2", "DHCP")}
    said = labkit.good("status", "6J")
    assert re.search(r"xcp00 +running  http://127\.0\.1\.200:", said)
    assert re.search(r"xcp01 +running  http://127\.0\.1\.201:", said)
    assert "Nothing to do: 6J is up" in labkit.good("up", str(path), *words)


def test_it_is_gone_back_to_and_found_where_it_was(labkit: Labkit) -> None:
    path = variation(labkit)
    labkit.good("up", str(path), "--until", "hosts")
    labkit.good("up", str(path))
    labkit.good("reset", str(path), "--to", "hosts")
    labkit.good("up", str(path))
    assert labkit.status()["state"] == "up"


def test_the_portable_lan_has_no_dhcp_server(labkit: Labkit) -> None:
    labkit.good("up", str(variation(labkit)), "--lan", "portable")
    addresses = [machine["address"] for machine in labkit.status()["machines"]]
    assert addresses == ["192.168.56.200", "192.168.56.201"]
    assert devices(labkit) == {"xcp00": ("eth2", "Static"), "xcp01": ("eth2", "Static")}


def test_a_host_that_got_another_address_is_missed_and_the_reservation_named(
    labkit: Labkit, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = variation(labkit)
    labkit.good("up", str(path), "--until", "hosts")
    monkeypatch.setenv("LABKIT_HOME", str(labkit.home))
    monkeypatch.setenv("LABKIT_SIM_SPEED", "20000")
    lab = open_lab(str(path), "sim", lambda event: None)
    # Nobody listens on port 1.
    deaf = replace(lab, backend=replace(lab.backend, reach=lambda address: "http://127.0.0.1:1"))
    reservation = "the room's DHCP server keeps 192.168.1.201 for 08:00:27:00:0A:02"
    for host, named in (("xcp00", False), ("xcp01", True)):
        with pytest.raises(LabError, match="within 20 minutes") as ended:
            AwaitHost(host).run(deaf)
        assert (reservation in ended.value.hint) is named


def test_dhcp_without_a_mac_is_refused_in_so_many_words(labkit: Labkit) -> None:
    path = labkit.scenario(
        (FIRST, THIRD),
        ("nics: *three-adapters\n", BY_DHCP.replace("mac: 08:00:27:00:0A:02, ", "")),
    )
    said = labkit.bad(2, "up", str(path))
    assert (
        "hosts.xcp01.nics[2].mac: is needed: "
        "the room's DHCP server keeps hosts.xcp01.address for it"
    ) in said
    assert labkit.machines() == {}


def test_render_shows_the_adapter_and_what_is_not_known_yet(labkit: Labkit) -> None:
    path = variation(labkit)
    said = labkit.good("media", "render", str(path), "xcp00", "--out", "one")
    assert "zeros stand for the UUIDs and MAC addresses it will get" in said
    lines = (labkit.folder / "one/identity/identity").read_text().splitlines()
    zeros = "00:00:00:00:00:00"
    assert {f"MACS='{zeros},{zeros},{zeros}'", "INTERFACE='eth2'", "PROTO='static'"} <= set(lines)
    labkit.good("media", "render", str(path), "xcp01", "--out", "two")
    lines = (labkit.folder / "two/identity/identity").read_text().splitlines()
    wanted = {f"MACS='{zeros},{zeros},08:00:27:00:0a:02'", "INTERFACE='eth2'", "PROTO='dhcp'"}
    assert wanted <= set(lines)
    # The golden machine's answers are everybody's.
    answers = (labkit.folder / "two/boot/answerfile.xml").read_text()
    assert '<admin-interface name="eth0" proto="dhcp"/>' in answers
