"""`labkit reset`: bring a whole lab back to a checkpoint."""

from collections.abc import Sequence

from labkit.checks.lab import verify
from labkit.commands.open_lab import open_lab, same_as_made
from labkit.commands.up import settle
from labkit.console import Console
from labkit.errors import LabError, ScenarioError
from labkit.lab import machines_of
from labkit.plan import STAGES, way_back
from labkit.runner import carry_out
from labkit.steps.checkpoint import missing


def reset(
    name: str, on: str, console: Console, *, stage: str | None, faults: Sequence[str] = ()
) -> None:
    """Bring the lab back to `stage`, or to the last stage it has a whole checkpoint of."""
    lab = open_lab(name, on, console.tell, faults=faults)
    console.begin(lab.name, on)
    if not machines_of(lab.backend, lab.name):
        raise LabError(
            f"{lab.name} is not up on {on}: there is nothing to reset.",
            hint=f"Run `labkit up {lab.name}` first.",
        )
    same_as_made(lab)
    kept = [known for known in STAGES if known != "golden" and not missing(lab, known)]
    if stage is not None and stage not in STAGES[1:]:
        raise ScenarioError(
            f"There is no checkpoint `{stage}`.",
            details=f"Checkpoints are taken at the end of: {', '.join(STAGES[1:])}.",
            hint="Say `--to hosts` or `--to pool`, or leave it out for the last one.",
        )
    # Without any, the step says which machines lack one.
    stage = stage or (kept[-1] if kept else STAGES[-1])
    with lab.home.held(lab.name, f"labkit reset {name}"):
        carry_out(way_back(lab.scenario, stage), lab)
        findings = verify(lab, stage)
    settle(lab, findings, console, "reset")
    console.result(f"{lab.name} is back at `{stage}`.", changed=True)
