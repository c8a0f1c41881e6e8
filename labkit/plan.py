"""The recipe: from a scenario to the steps that bring it about, in order.

Made from the scenario alone. Whether a step is still needed is asked of the world at its turn.
"""

from typing import TYPE_CHECKING

from labkit.errors import ScenarioError
from labkit.runner import Step
from labkit.steps.checkpoint import RestoreCheckpoint, TakeCheckpoint
from labkit.steps.golden import InstallGolden, SealGolden
from labkit.steps.install_host import InstallHost
from labkit.steps.machine import AwaitHost, CloneHost, StartHost
from labkit.steps.nas import AwaitServer
from labkit.steps.pool import AwaitMember, JoinPool, NamePool

if TYPE_CHECKING:
    from labkit.scenario.models import Kind, Scenario

STAGES = ("golden", "hosts", "pool")
"""What a lab can be brought to, in order."""


def plan(scenario: "Scenario", *, install_each: bool = False) -> tuple[Step, ...]:
    """Everything that makes a lab of a scenario."""
    return (
        *(map(InstallHost, scenario.hosts) if install_each else _cloned(scenario)),
        *_started(scenario),
        TakeCheckpoint("hosts"),
        *_pool(scenario),
    )


def _cloned(scenario: "Scenario") -> tuple[Step, ...]:
    return (
        *(step for kind in scenario.kinds for step in _golden(scenario.generation_of(kind), kind)),
        *(CloneHost(host) for host in scenario.hosts),
    )


def _golden(generation: str, kind: "Kind") -> tuple[Step, ...]:
    return InstallGolden(generation, kind), SealGolden(generation, kind)


def _started(scenario: "Scenario") -> tuple[Step, ...]:
    """The storage server first: hosts plug their repositories in as they start."""
    hosts, servers = scenario.of_kind("xen"), scenario.of_kind("nas")
    return (
        *(StartHost(host) for host in (*servers, *hosts)),
        *(AwaitServer(server) for server in servers),
        *(AwaitHost(host) for host in hosts),
    )


def _pool(scenario: "Scenario") -> tuple[Step, ...]:
    pool = scenario.pool
    if pool is None:
        return ()
    joins = ((JoinPool(host, pool.master), AwaitMember(host)) for host in scenario.members)
    return (
        NamePool(pool.name, pool.master),
        *(step for join in joins for step in join),
        TakeCheckpoint("pool"),
    )


def way_back(scenario: "Scenario", stage: str) -> tuple[Step, ...]:
    """Everything that brings a lab back to the end of a stage."""
    return (
        RestoreCheckpoint(stage),
        *_started(scenario),
        *(AwaitMember(host) for host in (scenario.members if stage == "pool" else ())),
    )


def until(steps: tuple[Step, ...], stage: str) -> tuple[Step, ...]:
    """The steps up to the end of that stage. Raises `ScenarioError` for a stage nobody knows,
    or that this scenario does not have."""
    if stage not in STAGES:
        raise ScenarioError(
            f"There is no stage `{stage}`.",
            details=f"Stages, in order: {', '.join(STAGES)}.",
            hint=f"Say `--until {STAGES[-1]}`, or leave it out to go all the way.",
        )
    if not any(step.stage == stage for step in steps):
        raise ScenarioError(
            f"This scenario has no stage `{stage}`.",
            hint="Leave `--until` out to go all the way.",
        )
    reached = STAGES.index(stage)
    return tuple(step for step in steps if STAGES.index(step.stage) <= reached)
