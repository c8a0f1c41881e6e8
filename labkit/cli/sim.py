"""`labkit sim` and its verbs."""

from typing import Annotated

import typer

from labkit.cli.options import Fault, Json, scenario_names
from labkit.cli.telling import telling

app = typer.Typer(help="The pretend computer, for other programs.", no_args_is_help=True)


@app.command(
    "serve",
    epilog="Examples:  labkit sim serve 6J  |  labkit sim serve 6J --https --port 8080  |  "
    "labkit sim serve --json",
)
def sim_serve(
    scenario: Annotated[
        str | None,
        typer.Argument(
            metavar="[SCENARIO]",
            help="A lab to bring up first; without it, whatever is there.",
            autocompletion=scenario_names,
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="PORT", help="Where every host answers from now on; HTTPS takes the next one."
        ),
    ] = None,
    https: Annotated[
        bool,
        typer.Option(
            "--https",
            help="Also by HTTPS, with a certificate of the host's own (needs the extra `serve`).",
        ),
    ] = False,
    listen: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Also at this address of this computer, each host at ports of its own; without "
            "it on loopback only.",
        ),
    ] = None,
    fault: Fault = None,
    as_json: Json = False,
) -> None:
    """Let any XAPI client use the pretend hosts, until Ctrl-C."""
    from labkit.commands.serve import serve as verb

    with telling("sim", as_json) as console:
        verb(scenario, console, port=port, https=https, outside=listen, faults=fault or ())


faults_app = typer.Typer(help="What is to go wrong on the pretend computer (docs/faults.md).")
app.add_typer(faults_app, name="faults")


@faults_app.callback(invoke_without_command=True)
def _faults(context: typer.Context, as_json: Json = False) -> None:
    if context.invoked_subcommand is None:
        faults_list(as_json)


@faults_app.command("list", epilog="Example:  labkit sim faults list")
def faults_list(as_json: Json = False) -> None:
    """Show what is armed, and how often it still comes."""
    from labkit.commands.faults import show_list

    with telling("sim", as_json) as console:
        show_list(console)


@faults_app.command("clear", epilog="Example:  labkit sim faults clear")
def faults_clear(as_json: Json = False) -> None:
    """Let nothing go wrong any more."""
    from labkit.commands.faults import clear

    with telling("sim", as_json) as console:
        clear(console)
