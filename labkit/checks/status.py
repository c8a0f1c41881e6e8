"""What a lab looks like now, from the labels on its machines, VirtualBox and XAPI.

No scenario is read: a lab can be looked at when its scenario has changed or is gone. Where the
views disagree the lab is `broken`, with the reasons.
"""

from dataclasses import dataclass

from labkit.backend import Backend
from labkit.lab import machines_of
from labkit.vbox.driver import Machine, Power
from labkit.xapi.pool import Pool, read_pool
from labkit.xapi.session import Unreachable, WrongPassword, XapiFailure, login


@dataclass(frozen=True, slots=True)
class NicStatus:
    attachment: str
    network: str
    promiscuous: bool
    mac: str


@dataclass(frozen=True, slots=True)
class MachineStatus:
    name: str
    """The host's name."""
    kind: str
    """`xen`: a host of the pool; `nas`: the storage server."""
    machine: str
    """VirtualBox's name for its machine."""
    power: str
    address: str
    """The host's management address."""
    xapi: str
    """The URL its XAPI answers at; empty for a storage server."""
    cpus: int
    memory_mib: int
    nics: tuple[NicStatus, ...]
    checkpoints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MemberStatus:
    name: str
    enabled: bool
    live: bool


@dataclass(frozen=True, slots=True)
class PoolStatus:
    name: str
    master: str
    members: tuple[MemberStatus, ...]


@dataclass(frozen=True, slots=True)
class LabStatus:
    lab: str
    on: str
    state: str
    """`absent`; `off`: no machine runs; `hosts`: all run, not in one pool; `up`: all run, in one
    pool, enabled; `starting`: all run, XAPI does not yet; `running`: all run, the pool could not be
    asked; `broken`: anything else. `reasons` say more."""
    reasons: tuple[str, ...]
    machines: tuple[MachineStatus, ...]
    pool: PoolStatus | None


def look(lab: str, backend: Backend, password: str | None) -> LabStatus:
    """How the lab is. Without a password its pool is not asked."""
    machines = machines_of(backend, lab)
    if not machines:
        return LabStatus(lab, backend.name, "absent", (), (), None)
    pool: Pool | None = None
    state, reasons = _power(machines)
    if state == "running":
        try:
            hosts = tuple(found for found in machines if _kind(found) == "xen")
            pool = _pool(hosts, backend, password)
            state, reasons = _membership(hosts, pool)
        except _NotAsked as why:
            state, reasons = why.state, [str(why)]
    return LabStatus(
        lab,
        backend.name,
        state,
        tuple(reasons),
        tuple(_machine(machine, backend) for machine in machines),
        _pool_status(pool) if pool is not None and state != "hosts" else None,
    )


class _NotAsked(Exception):
    """The pool could not be asked, and how that makes the lab look."""

    def __init__(self, state: str, why: str) -> None:
        super().__init__(why)
        self.state = state


def _pool(machines: tuple[Machine, ...], backend: Backend, password: str | None) -> Pool:
    """The pool as its master tells it."""
    wanted = machines[0].labels.get("master") or machines[0].labels.get("host", "")
    master = next(found for found in machines if found.labels.get("host") == wanted)
    if password is None:
        raise _NotAsked("running", "The pool was not asked: set LABKIT_ROOT_PASSWORD.")
    try:
        with login(backend.reach(master.labels["address"]), password) as api:
            return read_pool(api)
    except WrongPassword as refusal:
        raise _NotAsked("running", f"{wanted}: {refusal.what}") from refusal
    except Unreachable as refusal:
        raise _NotAsked("broken", f"{wanted}: {refusal.what}") from refusal
    except XapiFailure as refusal:
        if refusal.code == "HOST_STILL_BOOTING":
            raise _NotAsked("starting", f"{wanted}: XAPI is still starting.") from refusal
        said = f"{wanted}: {refusal.what} {refusal.details}"
        raise _NotAsked("broken", said) from refusal


def _power(machines: tuple[Machine, ...]) -> tuple[str, list[str]]:
    """Whether all machines there should be run, or none."""
    wanted = set(machines[0].labels.get("hosts", "").split(","))
    missing = sorted(wanted - {machine.labels.get("host", "") for machine in machines})
    reasons = [f"{host} has no machine." for host in missing]
    if not missing and {machine.power for machine in machines} <= {Power.OFF, Power.SAVED}:
        return "off", []
    reasons += [
        f"{machine.labels.get('host')}'s machine is {machine.power}."
        for machine in machines
        if machine.power is not Power.RUNNING
    ]
    return ("broken" if reasons else "running"), reasons


def _membership(machines: tuple[Machine, ...], pool: Pool) -> tuple[str, list[str]]:
    """Whether the machines' hosts are one pool, or none."""
    if {member.uuid for member in pool.members} == {pool.master} and len(machines) > 1:
        return "hosts", []
    reasons = []
    for machine in machines:
        member = pool.member(machine.hardware_uuid)
        if member is None:
            reasons.append(f"{machine.labels.get('host')} is not in the pool.")
        elif not (member.enabled and member.live):
            reasons.append(
                f"{member.name} is in the pool, but enabled: {member.enabled}, live: {member.live}."
            )
    return ("broken" if reasons else "up"), reasons


def _kind(machine: Machine) -> str:
    return machine.labels.get("kind", "xen")


def _machine(machine: Machine, backend: Backend) -> MachineStatus:
    address = machine.labels.get("address", "")
    answers = machine.power is Power.RUNNING and _kind(machine) == "xen"
    return MachineStatus(
        name=machine.labels.get("host", machine.name),
        kind=_kind(machine),
        machine=machine.name,
        power=machine.power.value,
        address=address,
        xapi=backend.reach(address) if answers else "",
        cpus=machine.cpus,
        memory_mib=machine.memory_mib,
        nics=tuple(
            NicStatus(
                attachment=adapter.attachment.value if adapter.attachment else "other",
                network=adapter.network,
                promiscuous=adapter.promiscuous,
                mac=adapter.mac,
            )
            for adapter in machine.adapters
        ),
        checkpoints=tuple(
            name.removeprefix("labkit-") for name in machine.snapshots if name.startswith("labkit-")
        ),
    )


def _pool_status(pool: Pool) -> PoolStatus:
    names = {member.uuid: member.name for member in pool.members}
    return PoolStatus(
        name=pool.name,
        master=names[pool.master],
        members=tuple(
            MemberStatus(member.name, member.enabled, member.live) for member in pool.members
        ),
    )
