"""`labkit scenario`: what labs there could be."""

import json
from pathlib import Path

from labkit.commands.open_lab import open_home
from labkit.console import Console
from labkit.errors import ScenarioError


def show_list(console: Console) -> None:
    """Every scenario there is, and where it comes from."""
    from labkit.scenario.catalogue import catalogue

    entries = catalogue(open_home().path)
    if console.json:
        console.document(
            json.dumps(
                [
                    {"name": entry.name, "title": entry.title, "path": str(entry.path)}
                    | ({"problem": entry.problem} if entry.problem else {})
                    for entry in entries
                ]
            )
        )
        return
    for entry in entries:
        console.say(f"{entry.name:<8} {entry.title or entry.problem}  ({_near(entry.path)})")


def validate(names: list[str], console: Console) -> None:
    """Check scenarios, all of them, before saying which are wrong."""
    from labkit.scenario.catalogue import find
    from labkit.scenario.load import load

    home = open_home()
    problems: list[str] = []
    hint = ""
    for name in names:
        try:
            scenario = load(find(name, home.path))
        except ScenarioError as wrong:
            problems.append("\n".join(filter(None, (wrong.what, wrong.details))))
            hint = wrong.hint
        else:
            console.say(f"{name}: {len(scenario.hosts)} hosts, no problems.", "good")
    if problems:
        raise ScenarioError(
            f"{len(problems)} of {len(names)} scenarios cannot be used.",
            details="\n".join(problems),
            hint=hint,
        )


def schema(console: Console) -> None:
    """The JSON Schema of scenarios, for editors."""
    from labkit.scenario.schema import json_schema

    console.document(json.dumps(json_schema(), indent=2))


def _near(path: Path) -> str:
    """The path as a person here would write it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
