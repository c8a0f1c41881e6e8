"""May this host join that pool? Asked before the join, so that the answer is one of ours.

XAPI checks most of this itself while joining, and refuses with a code. Two questions are
labkit's own, since XAPI does not ask them and the lab suffers later: clocks that disagree,
and VMs that are suspended or paused.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from labkit.xapi.pool import HostFacts

_CLOCK_SKEW = 300.0
"""Seconds from which on XAPI itself raises HOST_CLOCK_SKEW_DETECTED."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something in the way of a join, and what to do about it."""

    what: str
    hint: str


def obstacles(name: str, joiner: HostFacts, master: HostFacts) -> tuple[Obstacle, ...]:
    """All that would make the join fail, or hurt afterwards."""
    return tuple(_obstacles(name, joiner, master))


def _obstacles(name: str, joiner: HostFacts, master: HostFacts) -> Iterator[Obstacle]:
    if joiner.uuid == master.uuid:
        yield Obstacle(
            f"{name} has the same host uuid as the master: it is a copy of it.",
            "Remove the lab with `labkit down` and bring it up again.",
        )
    if joiner.pool_hosts > 1:
        yield Obstacle(
            f"{name} is in a pool of {joiner.pool_hosts} hosts already.",
            "Take the lab back with `labkit reset --to hosts`.",
        )
    if joiner.cpu_vendor != master.cpu_vendor:
        yield Obstacle(
            f"{name} has a CPU of {joiner.cpu_vendor}, the master one of {master.cpu_vendor}.",
            "All hosts of a pool need CPUs of one vendor.",
        )
    if joiner.software != master.software:
        yield Obstacle(
            f"{name} runs {' '.join(joiner.software)}, the master {' '.join(master.software)}.",
            "Bring both to the same update level.",
        )
    if joiner.busy_vms:
        yield Obstacle(
            f"{name} has VMs that are not shut down: {', '.join(joiner.busy_vms)}.",
            "Shut them down, then run `labkit up` again.",
        )
    if joiner.shared_srs:
        yield Obstacle(
            f"{name} has shared storage of its own: {', '.join(joiner.shared_srs)}.",
            "Forget these storage repositories there; the pool's are shared with it.",
        )
    if joiner.address_type != master.address_type:
        yield Obstacle(
            f"{name} is managed over {joiner.address_type}, the master over {master.address_type}.",
            "Use the same on both.",
        )
    skew = abs(joiner.ahead - master.ahead) - joiner.ahead_error - master.ahead_error
    if skew > _CLOCK_SKEW:
        yield Obstacle(
            f"The clocks of {name} and the master are {skew:.0f} seconds apart.",
            "Give both the same time server (`installer.ntp` in the scenario).",
        )
