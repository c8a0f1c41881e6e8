"""Which of the computer's interfaces a lab's bridged adapters are put on, and whether that
can work.

Asked before anything is created: an adapter bridged to the wrong interface shows only an hour
later, as a host that never answers.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from labkit.errors import ComputerError
from labkit.lab import Lab
from labkit.vbox.driver import AdapterSpec, Attachment, HostInterface


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason why the lab may not be reachable over this interface."""

    what: str
    hint: str


def bridged(lab: Lab) -> bool:
    """Whether the lab has bridged adapters at all."""
    return any(network.attachment == "bridged" for network in lab.scenario.networks.values())


def bridge(lab: Lab) -> HostInterface:
    """The interface for the lab's bridged adapters. Raises `ComputerError` when there is none."""
    interfaces = lab.backend.driver.interfaces()
    listed = ", ".join(f"`{found.name}`" for found in interfaces) or "none"
    wanted = lab.scenario.lan.adapter
    if wanted is not None:
        named = next((found for found in interfaces if found.name == wanted), None)
        if named is None:
            raise ComputerError(
                f"This computer has no network interface `{wanted}`.",
                details=f"VirtualBox lists: {listed}.",
                hint="Correct `lan.adapter` in the scenario, or leave it out.",
            )
        return named
    best = max(interfaces, key=_fitness, default=None)
    if best is None or not best.up:
        raise ComputerError(
            "This computer has no network interface that is up for the lab to be bridged to.",
            details=f"VirtualBox lists: {listed}.",
            hint=_portable(lab),
        )
    return best


def doubts(lab: Lab, chosen: HostInterface) -> tuple[Doubt, ...]:
    """Why the lab may not be reachable over that interface."""
    found = []
    if chosen.wireless:
        found.append(
            Doubt(
                f"`{chosen.name}` is wireless, and an access point does not carry the addresses "
                "of nested guests.",
                f"Plug in a cable, or: {_portable(lab)}",
            )
        )
    lan = lab.scenario.management.cidr
    addresses = [
        IPv4Address(interface.address)
        for interface in lab.backend.driver.interfaces()
        if interface.address and interface.up
    ]
    if lan is not None and not any(address in lan for address in addresses):
        has = ", ".join(map(str, addresses)) or "none"
        found.append(
            Doubt(
                f"This computer has no address in the scenario's LAN {lan} (it has: {has}), so it "
                "could not reach the hosts.",
                f"Change the addresses in the scenario to your LAN's, or: {_portable(lab)}",
            )
        )
    return tuple(found)


def adapters(lab: Lab, host: str) -> tuple[AdapterSpec, ...]:
    """The host's network adapters in VirtualBox's terms."""
    specs = []
    for nic in lab.scenario.hosts[host].nics:
        attachment = Attachment(lab.scenario.networks[nic.network].attachment)
        specs.append(
            AdapterSpec(
                attachment=attachment,
                network=_plug(lab, nic.network, attachment),
                promiscuous=nic.promiscuous == "allow-all",
                mac=(nic.mac or "").replace(":", "").upper(),
            )
        )
    return tuple(specs)


def _plug(lab: Lab, network: str, attachment: Attachment) -> str:
    if attachment is Attachment.BRIDGED:
        return bridge(lab).name
    if attachment is Attachment.HOST_ONLY:
        # Networks without addresses of their own share the wire of the one that has them.
        cidr = lab.scenario.networks[network].cidr or lab.scenario.management.cidr
        assert cidr is not None, "rules.py wants a cidr for the management network"
        return lab.backend.driver.host_only(str(computer_address(cidr)), str(cidr.netmask))
    # Two labs on one computer each have a network of that name.
    return f"labkit-{lab.name}-{network}"


def computer_address(cidr: IPv4Network) -> IPv4Address:
    """The computer's own address on a host-only network: the first one."""
    return cidr.network_address + 1


def _fitness(interface: HostInterface) -> tuple[bool, bool, bool, bool]:
    return interface.up, interface.default_route, not interface.wireless, bool(interface.address)


def _portable(lab: Lab) -> str:
    return (
        f"run `labkit up {lab.name} --lan portable` to put the hosts on a network between them "
        "and this computer alone."
    )
