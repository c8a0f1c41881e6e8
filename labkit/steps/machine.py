"""A host's machine: cloned from the golden one, made itself by its identity, started, awaited."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from labkit.golden.wanted import golden_of
from labkit.lab import GOLDEN_SNAPSHOT, Lab
from labkit.lan import adapters
from labkit.media.identity import Identity, write_identity
from labkit.reach import answer_of, await_xapi, machine_of, runs
from labkit.sha512crypt import hash_password
from labkit.vbox.driver import Machine, MachineSpec, Power, Stop

_IDENTITY = uuid.UUID("0c7a9c3e-6d2f-5c39-8b7e-4a1d35b1f0aa")
"""Namespace of the uuids labkit derives from a host's own."""


@dataclass(frozen=True, slots=True)
class CloneHost:
    """Make a host's machine: a linked clone of the golden one, and the medium that tells it,
    at its first boot, who it is."""

    host: str
    stage: str = "hosts"

    @property
    def title(self) -> str:
        return f"Make {self.host}"

    def done(self, lab: Lab) -> bool:
        machine = lab.machine(self.host)
        return machine is not None and bool(machine.media)

    def run(self, lab: Lab) -> None:
        machine = lab.machine(self.host) or self._clone(lab)
        place = lab.host(self.host)
        root_hash = hash_password(lab.root_password())
        identity = identity_of(lab, self.host, machine.hardware_uuid, macs_of(machine), root_hash)
        medium = write_identity(place.medium_folder, identity)
        lab.backend.driver.insert(machine.name, 0, medium)

    def undo(self, lab: Lab) -> None:
        remove_host(lab, self.host)

    def _clone(self, lab: Lab) -> Machine:
        golden = golden_of(lab).name
        wanted = wanted_machine(lab, self.host)
        lab.host(self.host).folder.mkdir(parents=True, exist_ok=True)
        return lab.backend.driver.clone(
            golden, GOLDEN_SNAPSHOT, replace(wanted, labels={**wanted.labels, "golden": golden})
        )


@dataclass(frozen=True, slots=True)
class StartHost:
    """Switch a host's machine on."""

    host: str
    stage: str = "hosts"

    @property
    def title(self) -> str:
        return f"Start {self.host}"

    def done(self, lab: Lab) -> bool:
        return runs(lab, self.host)

    def run(self, lab: Lab) -> None:
        lab.backend.driver.start(machine_of(lab, self.host).name)

    def undo(self, lab: Lab) -> None:
        machine = lab.machine(self.host)
        if machine is not None and machine.power is not Power.OFF:
            lab.backend.driver.stop(machine.name, Stop.CUT)


@dataclass(frozen=True, slots=True)
class AwaitHost:
    """Wait until a host's XAPI answers. The hosts were started together before: they boot side
    by side while the first one is waited for."""

    host: str
    stage: str = "hosts"

    @property
    def title(self) -> str:
        return f"Wait for XAPI on {self.host}"

    def done(self, lab: Lab) -> bool:
        return runs(lab, self.host) and answer_of(lab, self.host) in ("member", "master")

    def run(self, lab: Lab) -> None:
        await_xapi(lab, self.host)

    def undo(self, lab: Lab) -> None:
        """Waiting leaves nothing behind."""


def remove_host(lab: Lab, host: str) -> None:
    """Take back a host's machine, be it all, half or nothing."""
    place = lab.host(host)
    if lab.machine(host) is not None:
        lab.backend.driver.remove(place.machine)
    place.clear()


def wanted_machine(lab: Lab, host: str) -> MachineSpec:
    """A host's machine as the scenario wants it, without a disk."""
    spec, place, pool = lab.scenario.hosts[host], lab.host(host), lab.scenario.pool
    return MachineSpec(
        name=place.machine,
        folder=place.machine_folder,
        group=lab.group,
        cpus=spec.cpus,
        memory_mib=spec.memory,
        adapters=adapters(lab, host),
        serial_file=place.serial_file,
        # What `status` and `down` know of the lab, without its scenario.
        labels={
            "lab": lab.name,
            "role": "host",
            "host": host,
            "hosts": ",".join(lab.scenario.hosts),
            "address": str(spec.address),
            "pool": pool.name if pool else "",
            "master": pool.master if pool else "",
            "scenario": lab.scenario_digest,
            "lan": lab.lan,
        },
    )


def macs_of(machine: Machine) -> tuple[str, ...]:
    """The MAC addresses of a machine's adapters, as Linux writes them."""
    macs = (adapter.mac.lower() for adapter in machine.adapters)
    return tuple(":".join(mac[at : at + 2] for at in range(0, 12, 2)) for mac in macs)


def identity_of(
    lab: Lab, host: str, hardware_uuid: str, macs: Iterable[str], root_password_hash: str
) -> Identity:
    """What a host's medium tells it, on a machine of that UUID and those adapters."""
    spec = lab.scenario.hosts[host]
    network = lab.scenario.networks[spec.management_nic.network]
    assert network.cidr is not None, "rules.py wants a cidr for the management adapter's network"
    own = uuid.UUID(hardware_uuid)
    return Identity(
        # The uuid the host will have in XAPI is the machine's own, so both sides know it.
        host_uuid=hardware_uuid,
        control_domain_uuid=str(uuid.uuid5(_IDENTITY, f"{own}/dom0")),
        machine_id=uuid.uuid5(_IDENTITY, f"{own}/machine-id").hex,
        hostname=host,
        address=str(spec.address),
        netmask=str(network.cidr.netmask),
        gateway=str(network.gateway or ""),
        dns=tuple(map(str, network.dns)),
        root_password_hash=root_password_hash,
        macs=tuple(macs),
        adapter=spec.management,
        mode=spec.management_mode,
    )
