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
    machine: str
    """VirtualBox's name for its machine."""
    power: str
    address: str
    """The host's management address."""
    xapi: str
    """The URL its XAPI answers at."""
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
    pool, enabled; `broken`: anything else, and `reasons` say what."""
    reasons: tuple[str, ...]
    machines: tuple[MachineStatus, ...]
    pool: PoolStatus | None


def look(lab: str, backend: Backend, password: str | None) -> LabStatus:
    """How the lab is. Without a password its pool is not asked."""
    machines = machines_of(backend, lab)
    if not machines:
        return LabStatus(lab, backend.name, "absent", (), (), None)
    reasons: list[str] = []
    pool = _pool(machines, backend, password, reasons)
    state = _state(machines, pool, reasons)
    return LabStatus(
        lab,
        backend.name,
        state,
        tuple(reasons),
        tuple(_machine(machine, backend) for machine in machines),
        _pool_status(pool) if pool is not None and state != "hosts" else None,
    )


def _pool(
    machines: tuple[Machine, ...], backend: Backend, password: str | None, reasons: list[str]
) -> Pool | None:
    """The pool as its master tells it; None where nobody can be asked."""
    wanted = machines[0].labels.get("master") or machines[0].labels.get("host")
    master = next((found for found in machines if found.labels.get("host") == wanted), None)
    if master is None or master.power is not Power.RUNNING:
        return None
    if password is None:
        reasons.append("The pool was not asked: set LABKIT_ROOT_PASSWORD.")
        return None
    try:
        with login(backend.reach(master.labels["address"]), password) as api:
            return read_pool(api)
    except (Unreachable, WrongPassword) as refusal:
        reasons.append(f"{wanted}: {refusal.what}")
    except XapiFailure as refusal:
        if refusal.code == "HOST_STILL_BOOTING":
            reasons.append(f"{wanted}: XAPI is still starting.")
        else:
            reasons.append(f"{wanted}: {refusal.what} {refusal.details}")
    return None


def _state(machines: tuple[Machine, ...], pool: Pool | None, reasons: list[str]) -> str:
    wanted = set(machines[0].labels.get("hosts", "").split(","))
    for host in sorted(wanted - {machine.labels.get("host") for machine in machines}):
        reasons.append(f"{host} has no machine.")
    powers = {machine.power for machine in machines}
    if powers <= {Power.OFF, Power.SAVED} and not reasons:
        return "off"
    reasons.extend(
        f"{machine.labels.get('host')}'s machine is {machine.power}."
        for machine in machines
        if machine.power is not Power.RUNNING
    )
    if pool is None or reasons:
        return "broken"
    joined = {member.uuid for member in pool.members}
    if joined == {pool.master} and len(machines) > 1:
        return "hosts"
    for machine in machines:
        member = pool.member(machine.hardware_uuid)
        if member is None:
            reasons.append(f"{machine.labels.get('host')} is not in the pool.")
        elif not (member.enabled and member.live):
            reasons.append(
                f"{member.name} is in the pool, but enabled: {member.enabled}, live: {member.live}."
            )
    return "broken" if reasons else "up"


def _machine(machine: Machine, backend: Backend) -> MachineStatus:
    address = machine.labels.get("address", "")
    return MachineStatus(
        name=machine.labels.get("host", machine.name),
        machine=machine.name,
        power=machine.power.value,
        address=address,
        xapi=backend.reach(address) if machine.power is Power.RUNNING else "",
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
