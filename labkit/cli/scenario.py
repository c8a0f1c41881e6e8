"""`labkit scenario` and its verbs."""

from typing import Annotated

import typer

from labkit.cli.options import Json, scenario_names
from labkit.cli.telling import telling

app = typer.Typer(help="What labs there could be.", no_args_is_help=True)


@app.command("list", epilog="Example:  labkit scenario list --json")
def scenario_list(as_json: Json = False) -> None:
    """List the scenarios there are."""
    from labkit.commands.scenario import show_list

    with telling("", as_json) as console:
        show_list(console)


@app.command(
    "validate",
    epilog="Examples:  labkit scenario validate 6J  |  labkit scenario validate ./my.yaml",
)
def scenario_validate(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO...",
            help="Names or files of scenarios.",
            autocompletion=scenario_names,
        ),
    ],
    as_json: Json = False,
) -> None:
    """Check scenarios and show every problem with its place."""
    from labkit.commands.scenario import validate

    with telling("", as_json) as console:
        validate(names, console)


@app.command("schema", epilog="Example:  labkit scenario schema > scenario.schema.json")
def scenario_schema() -> None:
    """Print the JSON Schema of scenarios, for editors."""
    from labkit.commands.scenario import schema

    with telling("", as_json=False) as console:
        schema(console)
