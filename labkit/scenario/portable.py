"""A scenario for a computer that is not in the room's LAN: its bridged networks on host-only ones.

Hosts keep the last part of their address, so that 192.168.1.200 is found at 192.168.56.200. Since
6.1.28 VirtualBox allows host-only networks on Linux and macOS only in 192.168.56.0/21, so that is
where they go on every computer. The computer itself is .1 there; it is no router, so the
network has neither gateway nor name servers, and nobody answers DHCP: what asked for its
address has it set.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from labkit.errors import ScenarioError

if TYPE_CHECKING:
    from labkit.scenario.models import HostSpec, NetworkSpec, Scenario

_ALLOWED = IPv4Network("192.168.56.0/21")
_REASON = "The whole lab has to fit into VirtualBox's host-only networks, 192.168.56.0/21."
_HINT = "Give the hosts addresses that differ in the last number, 2 to 254, or do without portable."


def portable(scenario: "Scenario") -> "Scenario":
    """The scenario with host-only networks in place of its bridged ones.

    Raises `ScenarioError` when its hosts cannot keep the last part of their address.
    """
    moved = _moved(scenario.networks)
    external = scenario.storage.server.external
    if moved and external is not None:
        raise ScenarioError(
            f"{scenario.name} cannot be made portable.",
            details=f"Its storage server, {external}, is not on a network of this computer alone.",
            hint="Let the lab have its own, a host of kind `nas`, or do without portable.",
        )
    hosts = {name: _host(host, scenario, moved) for name, host in scenario.hosts.items()}
    problems = list(_collisions(scenario, hosts, moved.values()))
    if problems:
        raise ScenarioError(
            f"{scenario.name} cannot be made portable.",
            details="\n".join([*problems, _REASON]),
            hint=_HINT,
        )
    networks = {name: _network(wanted, moved) for name, wanted in scenario.networks.items()}
    return scenario.model_copy(
        # The adapter of the room's LAN has no part in it.
        update={"networks": networks, "hosts": hosts, "lan": type(scenario.lan)()}
    )


def _moved(networks: "dict[str, NetworkSpec]") -> dict[IPv4Network, IPv4Network]:
    """From each bridged network's addresses to those it gets. Two networks with the same
    addresses are one LAN and stay one."""
    bridged = [n.cidr for n in networks.values() if n.cidr and n.attachment == "bridged"]
    taken = [n.cidr for n in networks.values() if n.cidr and n.attachment != "bridged"]
    free = (
        network
        for network in _ALLOWED.subnets(new_prefix=24)
        if not any(network.overlaps(other) for other in taken)
    )
    moved: dict[IPv4Network, IPv4Network] = {}
    for cidr in dict.fromkeys(bridged):
        network = next(free, None)
        if network is None:
            raise ScenarioError("There are too many networks.", details=_REASON, hint=_HINT)
        moved[cidr] = network
    return moved


def _network(wanted: "NetworkSpec", moved: dict[IPv4Network, IPv4Network]) -> "NetworkSpec":
    if wanted.attachment != "bridged":
        return wanted
    cidr = moved[wanted.cidr] if wanted.cidr else None
    return wanted.model_copy(
        update={"attachment": "host-only", "cidr": cidr, "gateway": None, "dns": ()}
    )


def _host(
    host: "HostSpec", scenario: "Scenario", moved: dict[IPv4Network, IPv4Network]
) -> "HostSpec":
    network = scenario.networks[host.management_nic.network]
    if network.attachment != "bridged" or network.cidr is None:
        return host
    last = int(host.address) & 0xFF
    nics = tuple(
        nic.model_copy(update={"management": "static"}) if nic.management else nic
        for nic in host.nics
    )
    return host.model_copy(
        update={"address": moved[network.cidr].network_address + last, "nics": nics}
    )


def _collisions(
    scenario: "Scenario", hosts: "dict[str, HostSpec]", moved: Iterable[IPv4Network]
) -> Iterator[str]:
    first = {
        address: whose
        for network in moved
        for address, whose in (
            (network.network_address, "which no computer can have"),
            (network.network_address + 1, "which is this computer's own"),
            (network.broadcast_address, "which no computer can have"),
        )
    }
    for name, host in hosts.items():
        if host.address in first:
            old = scenario.hosts[name].address
            yield f"{name} ({old}) would be {host.address}, {first[host.address]}."
        first.setdefault(host.address, f"like {name}")
