"""Does what is there agree with what was wanted? The last word of `up` and `reset`."""

from collections.abc import Iterator

from labkit.checks.finding import Finding
from labkit.lab import Lab
from labkit.reach import answer_of, pool_of, serves, uuid_of
from labkit.vbox.driver import Machine, Power


def verify(lab: Lab, stage: str) -> tuple[Finding, ...]:
    """What a lab that was brought to that stage has to show: machines, shape, hosts, pool."""
    found: list[Finding] = []
    for host in lab.scenario.hosts:
        machine = lab.machine(host)
        if machine is None:
            found.append(Finding("failure", f"{host} has no machine.", _again(lab)))
            continue
        found.extend(_shape(lab, host, machine))
        found.append(_answers(lab, host, machine))
    if stage == "pool" and not any(finding.level == "failure" for finding in found):
        found.extend(_pool(lab))
    return tuple(found)


def _shape(lab: Lab, host: str, machine: Machine) -> Iterator[Finding]:
    """CPUs and network adapters, in the order the guest sees them."""
    spec = lab.scenario.hosts[host]
    wanted: list[tuple[str, bool]] = [
        (lab.scenario.networks[nic.network].attachment, nic.promiscuous == "allow-all")
        for nic in spec.nics
    ]
    seen = [
        (adapter.attachment.value if adapter.attachment else "other", adapter.promiscuous)
        for adapter in machine.adapters
    ]
    if seen != wanted:
        yield Finding(
            "failure",
            f"{host}'s network adapters are {_spoken(seen)}, not {_spoken(wanted)}.",
            f"Put them right in VirtualBox, or make it afresh: `labkit down {lab.name}`, then "
            f"`labkit up {lab.name}`.",
        )
    if machine.cpus != spec.cpus:
        yield Finding(
            "failure",
            f"{host} has {machine.cpus} CPUs, not {spec.cpus}.",
            f"Shut it down and change it in VirtualBox, or make it afresh with "
            f"`labkit down {lab.name}`.",
        )


def _answers(lab: Lab, host: str, machine: Machine) -> Finding:
    if machine.power is not Power.RUNNING:
        return Finding("failure", f"{host}'s machine is {machine.power}.", _again(lab))
    if lab.scenario.hosts[host].kind == "nas":
        if serves(lab, host):
            return Finding("ok", f"{host} can be mounted from.")
        return Finding("failure", f"NFS on {host} does not answer.", _again(lab))
    answer = answer_of(lab, host)
    if answer in ("master", "member"):
        return Finding("ok", f"{host} answers as {answer}.")
    return Finding("failure", f"XAPI on {host} is {answer}.", _again(lab))


def _pool(lab: Lab) -> Iterator[Finding]:
    wanted, pool = lab.scenario.pool, pool_of(lab)
    assert wanted is not None, "a scenario without a pool has no stage `pool`"
    if pool is None:
        yield Finding("failure", f"{wanted.master} does not tell its pool.", _again(lab))
        return
    if pool.name != wanted.name:
        yield Finding("failure", f"The pool is called {pool.name}, not {wanted.name}.", _again(lab))
    if pool.master != uuid_of(lab, wanted.master):
        yield Finding(
            "failure",
            f"The pool's master is not {wanted.master}.",
            "Designate it as master, or go back with `labkit reset`.",
        )
    hosts = lab.scenario.of_kind("xen")
    for host in hosts:
        member = pool.member(uuid_of(lab, host))
        if member is None:
            yield Finding("failure", f"{host} is not in the pool.", _again(lab))
        elif not (member.enabled and member.live):
            yield Finding(
                "failure",
                f"{host} is in the pool, but enabled: {member.enabled}, live: {member.live}.",
                _again(lab),
            )
    strangers = len(pool.members) - len(hosts)
    if strangers > 0:
        yield Finding(
            "warning",
            f"The pool has {strangers} more hosts than the scenario.",
            "Eject them, or leave them be.",
        )


def _spoken(adapters: list[tuple[str, bool]]) -> str:
    return ", ".join(
        f"{attachment} ({'promiscuous' if promiscuous else 'not promiscuous'})"
        for attachment, promiscuous in adapters
    )


def _again(lab: Lab) -> str:
    return f"Run `labkit up {lab.name}` again."
