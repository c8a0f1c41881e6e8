"""A scenario made portable has its bridged networks where VirtualBox allows host-only ones."""

from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import pytest

from labkit.errors import ScenarioError
from labkit.scenario.catalogue import shipped
from labkit.scenario.load import load
from labkit.scenario.models import Scenario, ServerSpec, StorageSpec
from labkit.scenario.portable import portable
from labkit.scenario.rules import broken

HERE = Path(__file__).parent


def _scenario(networks: dict[str, Any], **hosts: tuple[str, str]) -> Scenario:
    return Scenario.model_validate(
        {
            "name": "lab",
            "installer": {"generation": "xcp-ng-8.3"},
            "networks": networks,
            "hosts": {
                name: {"address": address, "nics": [{"network": network}]}
                for name, (network, address) in hosts.items()
            },
        }
    )


def test_6j_keeps_the_last_part_of_its_addresses() -> None:
    course = load(shipped() / "6J.yaml")
    moved = portable(course)
    assert {name: str(host.address) for name, host in moved.hosts.items()} == {
        "xcp00": "192.168.56.200",
        "xcp01": "192.168.56.201",
    }
    assert {name: one.attachment for name, one in moved.networks.items()} == {
        "management": "host-only",
        "guests": "host-only",
        "storage": "internal",
    }
    assert moved.management.cidr == IPv4Network("192.168.56.0/24")
    assert broken(moved) == []


def test_all_else_stays_as_it_was_and_the_scenario_itself_too() -> None:
    course = load(shipped() / "6J.yaml")
    before = course.model_copy(deep=True)
    moved = portable(course)
    assert course == before
    assert moved.pool == course.pool
    assert [host.nics for host in moved.hosts.values()] == [h.nics for h in course.hosts.values()]


def test_the_computer_is_no_router() -> None:
    moved = portable(load(shipped() / "6J.yaml"))
    assert moved.management.gateway is None
    assert moved.management.dns == ()


def test_nobody_answers_dhcp_there_so_the_address_is_set() -> None:
    moved = portable(load(HERE / "good" / "management-elsewhere.yaml"))
    hosts = moved.hosts.values()
    assert [(host.management, host.management_mode, str(host.address)) for host in hosts] == [
        (2, "static", "192.168.56.10"),
        (1, "static", "192.168.56.11"),
        (0, "static", "192.168.56.12"),
    ]
    assert moved.hosts["two"].management_nic.mac == "08:00:27:00:00:11"
    assert broken(moved) == []
    assert portable(moved) == moved


def test_made_portable_twice_is_once() -> None:
    once = portable(load(shipped() / "6J.yaml"))
    assert portable(once) == once


def test_two_networks_of_one_lan_stay_one() -> None:
    lan = {"attachment": "bridged", "cidr": "10.0.0.0/24"}
    moved = portable(
        _scenario({"a": lan, "b": lan}, one=("a", "10.0.0.10"), two=("b", "10.0.0.11"))
    )
    assert {network.cidr for network in moved.networks.values()} == {IPv4Network("192.168.56.0/24")}
    assert broken(moved) == []


def test_different_networks_stay_apart_and_clear_of_what_is_there() -> None:
    networks = {
        "a": {"attachment": "bridged", "cidr": "10.0.0.0/24"},
        "b": {"attachment": "bridged", "cidr": "10.0.1.0/24"},
        "there": {"attachment": "host-only", "cidr": "192.168.56.0/24"},
    }
    scenario = _scenario(
        networks, one=("a", "10.0.0.10"), two=("b", "10.0.1.10"), three=("there", "192.168.56.1")
    )
    moved = portable(scenario)
    addresses = [host.address for host in moved.hosts.values()]
    assert addresses == [
        IPv4Address("192.168.57.10"),
        IPv4Address("192.168.58.10"),
        IPv4Address("192.168.56.1"),
    ]
    assert broken(moved) == []


def test_hosts_that_cannot_keep_their_last_part_are_all_told() -> None:
    wide = {"lan": {"attachment": "bridged", "cidr": "10.0.0.0/16"}}
    scenario = _scenario(
        wide,
        computer=("lan", "10.0.7.1"),
        net=("lan", "10.0.7.0"),
        all=("lan", "10.0.7.255"),
        one=("lan", "10.0.1.9"),
        two=("lan", "10.0.2.9"),
    )
    with pytest.raises(ScenarioError) as refusal:
        portable(scenario)
    assert refusal.value.what == "lab cannot be made portable."
    assert refusal.value.details.splitlines()[:-1] == [
        "computer (10.0.7.1) would be 192.168.56.1, which is this computer's own.",
        "net (10.0.7.0) would be 192.168.56.0, which no computer can have.",
        "all (10.0.7.255) would be 192.168.56.255, which no computer can have.",
        "two (10.0.2.9) would be 192.168.56.9, like one.",
    ]


def test_more_networks_than_virtualbox_allows_are_told() -> None:
    networks = {
        f"n{nth}": {"attachment": "bridged", "cidr": f"10.0.{nth}.0/24"} for nth in range(9)
    }
    with pytest.raises(ScenarioError, match="too many networks"):
        portable(_scenario(networks, one=("n0", "10.0.0.2")))


def test_a_storage_server_in_the_room_cannot_be_moved() -> None:
    networks = {"lan": {"attachment": "bridged", "cidr": "192.168.1.0/24"}}
    scenario = _scenario(networks, one=("lan", "192.168.1.10"))
    server = ServerSpec(external=IPv4Address("192.168.1.5"))
    scenario = scenario.model_copy(update={"storage": StorageSpec(server=server)})
    with pytest.raises(ScenarioError, match="cannot be made portable") as refusal:
        portable(scenario)
    assert "192.168.1.5" in refusal.value.details
    assert "`nas`" in refusal.value.hint
