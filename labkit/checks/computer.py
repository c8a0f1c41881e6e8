"""Can this computer bring the lab up? Asked before anything is created."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from labkit.checks.finding import Finding
from labkit.lab import Lab
from labkit.lan import bridge, bridged, doubts
from labkit.reach import NFS
from labkit.vbox.driver import Power

if TYPE_CHECKING:
    from labkit.scenario.models import Kind

_INSTALLED: "dict[Kind, int]" = {"xen": 8 * 1024**3, "nas": 2 * 1024**3}
"""Bytes an installed XCP-ng or Debian takes on its growing disk: an estimate from the partitions
the installer writes; nobody measured it."""
_PER_HOST: "dict[Kind, int]" = {"xen": 3 * 1024**3, "nas": 1024**3}
"""Bytes a host's own disk grows by until it is in a pool. An estimate, too."""


def computer(lab: Lab) -> tuple[Finding, ...]:
    """What speaks against this computer. Raises `ComputerError` when VirtualBox is missing."""
    version = lab.backend.driver.version()
    return (
        Finding("ok", f"VirtualBox {version} answers."),
        *_network(lab),
        *_addresses(lab),
        *_server(lab),
        *_room(lab),
    )


def _network(lab: Lab) -> Iterator[Finding]:
    if not bridged(lab):
        return
    chosen = bridge(lab)
    found = doubts(lab, chosen)
    for doubt in found:
        yield Finding("failure", doubt.what, doubt.hint)
    if not found:
        yield Finding("ok", f"Bridged adapters go on `{chosen.name}`.")


def _addresses(lab: Lab) -> Iterator[Finding]:
    """Two labs of one scenario's addresses would answer for each other."""
    wanted = {str(spec.address): host for host, spec in lab.scenario.hosts.items()}
    for machine in lab.backend.driver.machines():
        address, other = machine.labels.get("address", ""), machine.labels.get("lab", "")
        if address in wanted and other != lab.name and machine.power is Power.RUNNING:
            yield Finding(
                "failure",
                f"{wanted[address]}'s address {address} is that of {machine.labels.get('host')} "
                f"in {other}, which runs.",
                f"Take {other} down with `labkit down {other}`, or change the addresses.",
            )


def _server(lab: Lab) -> Iterator[Finding]:
    """A storage server that exists is nobody's to start."""
    external = lab.scenario.storage.server.external
    if external is None:
        return
    if lab.backend.listens(str(external), NFS):
        yield Finding("ok", f"The storage server {external} answers.")
    else:
        yield Finding(
            "failure",
            f"The storage server {external} does not answer on port {NFS} (NFS).",
            "Start it, correct `storage.server.external` in the scenario, or let the lab have its "
            "own, a host of kind `nas`.",
        )


def _room(lab: Lab) -> Iterator[Finding]:
    needed = sum(_needed(lab, kind) for kind in _INSTALLED)
    if not needed:
        return
    free = lab.backend.free(lab.home.path)
    if free < needed:
        yield Finding(
            "failure",
            f"The lab needs about {_gib(needed)} of disk; {_gib(free)} are free at "
            f"{lab.home.path}.",
            "Make room, or set LABKIT_HOME to a folder on a larger disk.",
        )
    else:
        yield Finding("ok", f"{_gib(free)} of disk are free, about {_gib(needed)} are needed.")


def _needed(lab: Lab, kind: "Kind") -> int:
    """Bytes for the hosts of a kind that are not made yet."""
    new = sum(lab.machine(host) is None for host in lab.scenario.of_kind(kind))
    installed = new if lab.install_each else int(new > 0 and not _has_golden(lab, kind))
    return new * _PER_HOST[kind] + installed * _INSTALLED[kind]


def _has_golden(lab: Lab, kind: "Kind") -> bool:
    return any(
        machine.labels.get("generation") == lab.scenario.generation_of(kind)
        for machine in lab.backend.driver.machines()
    )


def _gib(size: int) -> str:
    return f"{size / 1024**3:.1f} GiB"
