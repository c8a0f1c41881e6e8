"""Who a host is: what its identity medium, or its answers, tell it."""

import uuid
from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.lab import Lab
from labkit.media.debian.answers import NasAnswers
from labkit.media.debian.identity import NasIdentity
from labkit.media.debian.identity import write_identity as write_nas_identity
from labkit.media.identity import Identity, write_identity
from labkit.media.medium import AnyAnswers, answers_of
from labkit.vbox.driver import Machine

if TYPE_CHECKING:
    from labkit.scenario.models import NetworkSpec

_NAMESPACE = uuid.UUID("0c7a9c3e-6d2f-5c39-8b7e-4a1d35b1f0aa")
"""Of the uuids labkit derives from a host's own."""


def write_identity_of(
    lab: Lab,
    host: str,
    hardware_uuid: str,
    macs: tuple[str, ...],
    root_password_hash: str,
    folder: Path,
) -> Path:
    """Write a host's identity medium into a folder; gives the VISO's path."""
    if lab.scenario.hosts[host].kind == "nas":
        who = nas_identity_of(lab, host, hardware_uuid, macs, root_password_hash)
        return write_nas_identity(folder, who)
    identity = identity_of(lab, host, hardware_uuid, macs, root_password_hash)
    return write_identity(folder, identity)


def macs_of(machine: Machine) -> tuple[str, ...]:
    """The MAC addresses of a machine's adapters, as Linux writes them."""
    macs = (adapter.mac.lower() for adapter in machine.adapters)
    return tuple(":".join(mac[at : at + 2] for at in range(0, 12, 2)) for mac in macs)


def identity_of(
    lab: Lab, host: str, hardware_uuid: str, macs: Iterable[str], root_password_hash: str
) -> Identity:
    """What a host's medium tells it, on a machine of that UUID and those adapters."""
    spec = lab.scenario.hosts[host]
    network, cidr = _management(lab, host)
    own = uuid.UUID(hardware_uuid)
    return Identity(
        # The uuid the host will have in XAPI is the machine's own, so both sides know it.
        host_uuid=hardware_uuid,
        control_domain_uuid=str(uuid.uuid5(_NAMESPACE, f"{own}/dom0")),
        machine_id=_machine_id(own),
        hostname=host,
        address=str(spec.address),
        netmask=str(cidr.netmask),
        gateway=str(network.gateway or ""),
        dns=tuple(map(str, network.dns)),
        root_password_hash=root_password_hash,
        macs=tuple(macs),
        adapter=spec.management,
        mode=spec.management_mode,
    )


def nas_identity_of(
    lab: Lab, host: str, hardware_uuid: str, macs: tuple[str, ...], root_password_hash: str
) -> NasIdentity:
    """What a storage server's medium tells it. Whoever is on its network may mount from it: the
    lab's hosts are, and no other part of the lab."""
    spec = lab.scenario.hosts[host]
    network, cidr = _management(lab, host)
    return NasIdentity(
        machine_id=_machine_id(uuid.UUID(hardware_uuid)),
        hostname=host,
        address=str(spec.address),
        netmask=str(cidr.netmask),
        gateway=str(network.gateway or ""),
        dns=tuple(map(str, network.dns)),
        clients=(str(cidr),),
        root_password_hash=root_password_hash,
        interface=f"eth{spec.management}",
        mac=macs[spec.management],
    )


def own_answers_of(lab: Lab, host: str, machine: Machine, root_password_hash: str) -> AnyAnswers:
    """The answers of a host that is installed by itself: who it is, is among them."""
    kind, macs = lab.scenario.hosts[host].kind, macs_of(machine)
    answers = answers_of(lab.scenario, kind, root_password_hash)
    if isinstance(answers, NasAnswers):
        who = nas_identity_of(lab, host, machine.hardware_uuid, macs, root_password_hash)
        return replace(answers, hostname=who.hostname, identity=who)
    identity = identity_of(lab, host, machine.hardware_uuid, macs, root_password_hash)
    return replace(answers, hostname=identity.hostname, identity=identity)


def _management(lab: Lab, host: str) -> "tuple[NetworkSpec, IPv4Network]":
    network = lab.scenario.networks[lab.scenario.hosts[host].management_nic.network]
    assert network.cidr is not None, "rules.py wants a cidr for the management adapter's network"
    return network, network.cidr


def _machine_id(own: uuid.UUID) -> str:
    return uuid.uuid5(_NAMESPACE, f"{own}/machine-id").hex
