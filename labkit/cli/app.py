"""`labkit` and its main verbs.

Nothing heavy is imported before a verb needs it: `labkit --version` is as quick as Typer is.
"""

import sys
from typing import Annotated, Literal

import typer

from labkit import __version__
from labkit.cli import golden as golden_verbs
from labkit.cli import media, scenario, sim
from labkit.cli.options import Fault, Json, On, ScenarioName, scenario_names
from labkit.cli.telling import telling
from labkit.errors import LabError

app = typer.Typer(
    name="labkit",
    help="Virtualization labs on VirtualBox: nested XCP-ng hosts, joined into a pool.",
    epilog="Try it without VirtualBox: labkit up 6J --on sim",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command(epilog="Examples:  labkit up 6J  |  labkit up 6J --on sim  |  labkit up 6J --dry-run")
def up(
    scenario: ScenarioName,
    on: On = "virtualbox",
    until: Annotated[
        str | None,
        typer.Option(metavar="STAGE", help="Stop at the end of a stage: golden, hosts or pool."),
    ] = None,
    lan: Annotated[
        Literal["portable", "scenario"] | None,
        typer.Option(
            help="portable: the bridged adapters go on a network between the hosts and this "
            "computer alone, with addresses of its own."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what is done already and what is to do.")
    ] = False,
    install_each: Annotated[
        bool,
        typer.Option(
            "--install-each", help="Install every host from the ISO instead of cloning them."
        ),
    ] = False,
    fault: Fault = None,
    as_json: Json = False,
) -> None:
    """Bring a lab up, from wherever it is. Run it again after whatever went wrong."""
    from labkit.commands.up import up as verb

    with telling(on, as_json) as console:
        verb(
            scenario,
            on,
            console,
            stage=until,
            lan=lan,
            dry_run=dry_run,
            install_each=install_each,
            faults=fault or (),
        )


@app.command(epilog="Examples:  labkit down 6J  |  labkit down 6J --golden")
def down(
    scenario: ScenarioName,
    on: On = "virtualbox",
    golden: Annotated[
        bool,
        typer.Option("--golden", help="Remove installed machines that no lab needs any more, too."),
    ] = False,
    fault: Fault = None,
    as_json: Json = False,
) -> None:
    """Remove a lab: its machines, their disks and folders. Never an ISO."""
    from labkit.commands.down import down as verb

    with telling(on, as_json) as console:
        verb(scenario, on, console, golden=golden, faults=fault or ())


@app.command(epilog="Examples:  labkit reset 6J  |  labkit reset 6J --to hosts")
def reset(
    scenario: ScenarioName,
    on: On = "virtualbox",
    to: Annotated[
        str | None,
        typer.Option(metavar="STAGE", help="hosts or pool; without it the last one reached."),
    ] = None,
    fault: Fault = None,
    as_json: Json = False,
) -> None:
    """Bring a whole lab back to how it was at the end of a stage."""
    from labkit.commands.reset import reset as verb

    with telling(on, as_json) as console:
        verb(scenario, on, console, stage=to, faults=fault or ())


@app.command(epilog="Examples:  labkit status  |  labkit status 6J --json")
def status(
    scenario: Annotated[
        str | None,
        typer.Argument(
            metavar="[SCENARIO]", help="One lab; without it, all.", autocompletion=scenario_names
        ),
    ] = None,
    on: On = "virtualbox",
    fault: Fault = None,
    as_json: Json = False,
) -> None:
    """Show what there is: machines, adapters, pool. Exit code 1 when something is broken."""
    from labkit.commands.status import status as verb

    with telling(on, as_json) as console:
        sound = verb(scenario, on, console, faults=fault or ())
    if not sound:
        raise typer.Exit(LabError.exit_code)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"labkit {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show labkit's version."),
    ] = False,
) -> None:
    pass


# After the main verbs, which a newcomer looks for first.
app.add_typer(scenario.app, name="scenario")
app.add_typer(golden_verbs.app, name="golden")
app.add_typer(media.app, name="media")
app.add_typer(sim.app, name="sim")


def main() -> None:
    """Run `labkit`."""
    app()
