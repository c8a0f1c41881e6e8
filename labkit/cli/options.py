"""Options and arguments that several verbs have."""

from typing import Annotated, Literal

import typer

On = Annotated[
    Literal["virtualbox", "sim"],
    typer.Option(
        "--on", envvar="LABKIT_ON", help="VirtualBox, or the pretend computer that needs none."
    ),
]
Fault = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        metavar="TEXT",
        help="Let something go wrong on the pretend computer, such as `PBD.plug on xcp01: fail "
        "twice with SR_BACKEND_FAILURE_73` (docs/faults.md). May be given again.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="For programs: JSON on standard output.")]


def scenario_names(incomplete: str) -> list[str]:
    """Scenarios' names, for shell completion."""
    from labkit.commands.open_lab import open_home
    from labkit.scenario.catalogue import catalogue

    names = (entry.name for entry in catalogue(open_home().path))
    return [name for name in names if name.startswith(incomplete)]


ScenarioName = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        help="A scenario's name, such as 6J, or its file.",
        autocompletion=scenario_names,
    ),
]
