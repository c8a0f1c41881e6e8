"""Load a scenario, or say everything that is wrong with it and on which line."""

from pathlib import Path

from pydantic import ValidationError

from labkit.errors import ScenarioError
from labkit.scenario.document import Document, read
from labkit.scenario.models import Scenario
from labkit.scenario.problem import Problem
from labkit.scenario.rules import broken
from labkit.scenario.wording import worded


def load(path: Path) -> Scenario:
    """The scenario in the file. Raises one `ScenarioError` that tells all its problems, each as
    `scenarios/6J.yaml:14: hosts.xcp01.memory: must be …`."""
    document = read(path)
    problems = list(document.problems)
    try:
        scenario = Scenario.model_validate(document.value, context={"folder": path.parent})
    except ValidationError as found:
        # The broken rules are asked for anew, since pydantic does not get as far as the rules
        # where a field is wrong by itself, and has no place for them where it does.
        problems += worded(found, document)
        problems += broken(document.value, path.parent)
    if not problems:
        return scenario
    told = _told(problems, document)
    raise ScenarioError(
        f"{path} has {'a problem' if len(told) == 1 else f'{len(told)} problems'}.",
        details="\n".join(told),
        hint=f"Correct the file, then run `labkit scenario validate {path}`.",
    )


def _told(problems: list[Problem], document: Document) -> list[str]:
    """The problems in the order of the file. What stands in one place and is shared through an
    alias is told once, not once for each host."""
    seen: dict[tuple[int, int, str], Problem] = {}
    for problem in problems:
        at = (document.line(problem), document.mark(problem.place).column, problem.text)
        seen.setdefault(at, problem)
    return [document.told(seen[at]) for at in sorted(seen)]
