"""`labkit status`: what there is, read from VirtualBox and XAPI, and `broken` where they disagree.

Goes by the labels on the machines: no scenario is read, and nothing is locked, so it answers
while `up` is at work.
"""

import json
from dataclasses import asdict, dataclass

from labkit.backend import Backend, open_backend
from labkit.commands.down import lab_called
from labkit.commands.open_lab import given_password, open_home
from labkit.console import Console, Level
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


def status(name: str | None, on: str, console: Console) -> bool:
    """Show one lab, or all there are. True when none of them is broken."""
    home = open_home()
    backend = open_backend(on, home.path)
    if name is not None:
        labs = [lab_called(name, backend, home)]
    else:
        labs = sorted(
            {
                machine.labels["lab"]
                for machine in backend.driver.machines()
                if "lab" in machine.labels
            }
        )
    found = [_look(lab, on, backend) for lab in labs]
    if console.json:
        for one in found:
            console.document(json.dumps(asdict(one)))
    elif not found:
        console.say(
            f"There is no lab on {on}. `labkit scenario list` shows what `labkit up` can make."
        )
    else:
        for one in found:
            _show(one, console)
    return all(one.state != "broken" for one in found)


def _look(lab: str, on: str, backend: Backend) -> LabStatus:
    machines = machines_of(backend, lab)
    if not machines:
        return LabStatus(lab, on, "absent", (), (), None)
    reasons: list[str] = []
    pool = _pool(machines, backend, reasons)
    state = _state(machines, pool, reasons)
    return LabStatus(
        lab,
        on,
        state,
        tuple(reasons),
        tuple(_machine(machine, backend) for machine in machines),
        _pool_status(pool) if pool is not None and state != "hosts" else None,
    )


def _pool(machines: tuple[Machine, ...], backend: Backend, reasons: list[str]) -> Pool | None:
    """The pool as its master tells it; None where nobody can be asked."""
    wanted = machines[0].labels.get("master") or machines[0].labels.get("host")
    master = next((found for found in machines if found.labels.get("host") == wanted), None)
    if master is None or master.power is not Power.RUNNING:
        return None
    password = given_password(backend)
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


def _show(one: LabStatus, console: Console) -> None:
    levels: dict[str, Level] = {"up": "good", "hosts": "good", "broken": "bad"}
    level = levels.get(one.state, "plain")
    console.say(f"{one.lab} on {one.on}: {one.state}", level)
    for machine in one.machines:
        nics = ", ".join(
            f"{nic.attachment}{'' if nic.promiscuous else ' (not promiscuous)'}"
            for nic in machine.nics
        )
        where = machine.xapi or machine.address
        console.say(
            f"  {machine.name:<10} {machine.power:<8} {where:<26} "
            f"{machine.cpus} CPUs, {machine.memory_mib} MiB; {nics}"
        )
    if one.pool is not None:
        members = ", ".join(
            member.name
            + (" (master)" if member.name == one.pool.master else "")
            + ("" if member.enabled else " (not enabled)")
            for member in one.pool.members
        )
        console.say(f"  pool {one.pool.name}: {members}")
    for reason in one.reasons:
        console.say(f"  {reason}", "bad")
    if one.state in ("absent", "off"):
        console.say(f"  Run `labkit up {one.lab}` to bring it up.")
