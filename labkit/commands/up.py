"""`labkit up`: bring a lab to a stage, from wherever it is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labkit.checks.computer import computer
from labkit.checks.finding import Finding, failures
from labkit.checks.lab import verify
from labkit.commands.open_lab import open_lab, same_as_made
from labkit.console import Console
from labkit.errors import ComputerError, LabError
from labkit.golden.wanted import other_iso
from labkit.lab import Lab
from labkit.plan import STAGES, plan, until
from labkit.reach import pool_of
from labkit.runner import Step, carry_out

if TYPE_CHECKING:
    from labkit.backend import Backend
    from labkit.scenario.models import Kind

_OTHER_ISO = (
    "labkit installs from the one there is now, and leaves the other machine to the labs that use "
    "it. To go on with that one, put its ISO back; `labkit golden prune` removes what no lab uses."
)


def up(
    name: str,
    on: str,
    console: Console,
    *,
    stage: str | None,
    lan: str | None,
    dry_run: bool,
    install_each: bool = False,
    backend: "Backend | None" = None,
    faults: Sequence[str] = (),
) -> None:
    """Bring the lab to `stage`, or all the way; with `dry_run` only say what that would take."""
    lab = open_lab(
        name,
        on,
        console.tell,
        lan=lan,
        install_each=install_each,
        backend=backend,
        faults=faults,
    )
    steps = plan(lab.scenario, install_each=lab.install_each)
    stage = stage or max((step.stage for step in steps), key=STAGES.index)
    steps = until(steps, stage)
    console.begin(lab.name, on)
    same_as_made(lab)
    _fit(computer(lab), console)
    for kind in () if lab.install_each else lab.scenario.kinds:
        if told := other_iso(lab, kind):
            console.warn(told, _OTHER_ISO)
    if dry_run:
        for step in steps:
            console.planned(step.title, step.stage, *_done(step, lab))
        return
    lab.backend.arm(lab.scenario.faults, lab.name)
    if lab.scenario.faults and on != "sim":
        console.warn("The scenario's `faults` are for `--on sim` only.", "Nothing to do.")
    with lab.home.held(lab.name, f"labkit up {name}"):
        # Before the first step: being asked half-way through would stop everything.
        lab.root_password()
        ran = carry_out(steps, lab)
        findings = verify(lab, stage) if stage != "golden" else ()
    settle(lab, findings, console, "up")
    console.result(_result(lab, stage, ran), changed=ran > 0)


def settle(lab: Lab, findings: tuple[Finding, ...], console: Console, doing: str) -> None:
    """Tell what verification found. Raises `LabError` when the lab is not as it should be."""
    for finding in findings:
        if finding.level == "warning":
            console.warn(finding.what, finding.hint)
    broken = failures(findings)
    if broken:
        raise LabError(
            f"{lab.name} was brought up, but it is not as it should be."
            if doing == "up"
            else f"{lab.name} was reset, but it is not as it should be.",
            details="\n".join(finding.what for finding in broken),
            hint="\n".join(dict.fromkeys(finding.hint for finding in broken)),
        )


def _fit(findings: tuple[Finding, ...], console: Console) -> None:
    for finding in findings:
        if finding.level == "warning":
            console.warn(finding.what, finding.hint)
    broken = failures(findings)
    if broken:
        raise ComputerError(
            "This computer cannot bring the lab up as it is; nothing was created.",
            details="\n".join(finding.what for finding in broken),
            hint="\n".join(dict.fromkeys(finding.hint for finding in broken)),
        )


def _done(step: Step, lab: Lab) -> tuple[bool | None, str]:
    """None where it cannot be told, for want of an ISO or an answer, and why."""
    try:
        return step.done(lab), ""
    except LabError as unknown:
        return None, unknown.what


def _named(lab: Lab, kind: "Kind") -> str:
    names = lab.scenario.of_kind(kind)
    return ", ".join(f"{name} ({lab.scenario.hosts[name].address})" for name in names)


def _result(lab: Lab, stage: str, ran: int) -> str:
    again = "" if ran else "Nothing to do: "
    if stage == "golden":
        installed = " and ".join(map(lab.scenario.generation_of, lab.scenario.kinds))
        verb = "are" if lab.scenario.nas else "is"
        return f"{again}{installed} {verb} installed and ready to clone."
    hosts = _named(lab, "xen")
    if lab.scenario.nas:
        hosts += f"; storage server {_named(lab, 'nas')}"
    if stage == "hosts":
        return f"{again}{lab.name} has its hosts up: {hosts}."
    pool = pool_of(lab)
    assert pool is not None, "verification has just seen it"
    return f"{again}{lab.name} is up: pool {pool.name} with {hosts}."
