"""`labkit status`: show what there is.

Nothing is locked: it answers while `up` is at work.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict

from labkit.backend import open_backend
from labkit.checks.status import LabStatus, look
from labkit.commands.open_lab import given_password, lab_called, open_home, written_password
from labkit.console import Console, Level


def status(name: str | None, on: str, console: Console, *, faults: Sequence[str] = ()) -> bool:
    """Show one lab, or all there are. True when none of them is broken."""
    home = open_home()
    backend = open_backend(on, home.path, faults)
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
    found = [look(lab, backend, given_password(backend) or written_password(lab)) for lab in labs]
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
            f"{'; storage server' if machine.kind == 'nas' else ''}"
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
