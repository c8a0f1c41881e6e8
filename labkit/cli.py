"""The command line: options, and one short function for every verb. The one place that prints
errors.

Nothing heavy is imported before a verb needs it: `labkit --version` is as quick as Typer is.
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from labkit import __version__
from labkit.errors import ComputerError, LabError

if TYPE_CHECKING:
    from labkit.console import Console

app = typer.Typer(
    name="labkit",
    help="Virtualization labs on VirtualBox: nested XCP-ng hosts, joined into a pool.",
    epilog="Try it without VirtualBox: labkit up 6J --on sim",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
scenarios = typer.Typer(help="What labs there could be.", no_args_is_help=True)
app.add_typer(scenarios, name="scenario")
media = typer.Typer(help="What installers boot from.", no_args_is_help=True)
app.add_typer(media, name="media")
golden = typer.Typer(help="Installed machines that hosts are cloned from.", no_args_is_help=True)
app.add_typer(golden, name="golden")

On = Annotated[
    Literal["virtualbox", "sim"],
    typer.Option(
        "--on", envvar="LABKIT_ON", help="VirtualBox, or the pretend computer that needs none."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="For programs: JSON on standard output.")]


def _names(incomplete: str) -> list[str]:
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
        autocompletion=_names,
    ),
]


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
        )


@app.command(epilog="Examples:  labkit down 6J  |  labkit down 6J --golden")
def down(
    scenario: ScenarioName,
    on: On = "virtualbox",
    golden: Annotated[
        bool,
        typer.Option("--golden", help="Remove installed machines that no lab needs any more, too."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Remove a lab: its machines, their disks and folders. Never an ISO."""
    from labkit.commands.down import down as verb

    with telling(on, as_json) as console:
        verb(scenario, on, console, golden=golden)


@app.command(epilog="Examples:  labkit reset 6J  |  labkit reset 6J --to hosts")
def reset(
    scenario: ScenarioName,
    on: On = "virtualbox",
    to: Annotated[
        str | None,
        typer.Option(metavar="STAGE", help="hosts or pool; without it the last one reached."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring a whole lab back to how it was at the end of a stage."""
    from labkit.commands.reset import reset as verb

    with telling(on, as_json) as console:
        verb(scenario, on, console, stage=to)


@app.command(epilog="Examples:  labkit status  |  labkit status 6J --json")
def status(
    scenario: Annotated[
        str | None,
        typer.Argument(
            metavar="[SCENARIO]", help="One lab; without it, all.", autocompletion=_names
        ),
    ] = None,
    on: On = "virtualbox",
    as_json: Json = False,
) -> None:
    """Show what there is: machines, adapters, pool. Exit code 1 when something is broken."""
    from labkit.commands.status import status as verb

    with telling(on, as_json) as console:
        sound = verb(scenario, on, console)
    if not sound:
        raise typer.Exit(LabError.exit_code)


@scenarios.command("list", epilog="Example:  labkit scenario list --json")
def scenario_list(as_json: Json = False) -> None:
    """List the scenarios there are."""
    from labkit.commands.scenario import show_list

    with telling("", as_json) as console:
        show_list(console)


@scenarios.command(
    "validate",
    epilog="Examples:  labkit scenario validate 6J  |  labkit scenario validate ./my.yaml",
)
def scenario_validate(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO...", help="Names or files of scenarios.", autocompletion=_names
        ),
    ],
    as_json: Json = False,
) -> None:
    """Check scenarios and show every problem with its place."""
    from labkit.commands.scenario import validate

    with telling("", as_json) as console:
        validate(names, console)


@scenarios.command("schema", epilog="Example:  labkit scenario schema > scenario.schema.json")
def scenario_schema() -> None:
    """Print the JSON Schema of scenarios, for editors."""
    from labkit.commands.scenario import schema

    with telling("", as_json=False) as console:
        schema(console)


@golden.command("list", epilog="Example:  labkit golden list --json")
def golden_list(on: On = "virtualbox", as_json: Json = False) -> None:
    """List the golden machines there are, and the labs that use them."""
    from labkit.commands.golden import show_list

    with telling(on, as_json) as console:
        show_list(on, console)


@golden.command("build", epilog="Example:  labkit golden build 6J")
def golden_build(scenario: ScenarioName, on: On = "virtualbox", as_json: Json = False) -> None:
    """Install what a scenario's hosts are cloned from: `labkit up --until golden`."""
    from labkit.commands.up import up as verb

    with telling(on, as_json) as console:
        verb(scenario, on, console, stage="golden", lan=None, dry_run=False)


@golden.command("export", epilog="Example:  labkit golden export xcp-ng-8.3 golden.tar")
def golden_export(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Its name, digest, or generation if it is alone.")
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that is not there yet.")],
    on: On = "virtualbox",
    as_json: Json = False,
) -> None:
    """Write a golden machine into one file, for other computers to import."""
    from labkit.commands.golden import export as verb

    with telling(on, as_json) as console:
        verb(name, file, on, console)


@golden.command("import", epilog="Example:  labkit golden import golden.tar")
def golden_import(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `export` wrote.")],
    on: On = "virtualbox",
    as_json: Json = False,
) -> None:
    """Make a golden machine of such a file: no ISO and no installation needed."""
    from labkit.commands.golden import bring_in as verb

    with telling(on, as_json) as console:
        verb(file, on, console)


@golden.command("prune", epilog="Example:  labkit golden prune")
def golden_prune(on: On = "virtualbox", as_json: Json = False) -> None:
    """Remove the golden machines that no lab uses. Asks nothing."""
    from labkit.commands.golden import prune as verb

    with telling(on, as_json) as console:
        verb(on, console)


@media.command(
    "inspect",
    epilog="Examples:  labkit media inspect isos/xcp-ng-8.3.0.iso  |  … --json",
)
def media_inspect(
    iso: Annotated[Path, typer.Argument(metavar="ISO", help="A vendor's ISO.")],
    as_json: Json = False,
) -> None:
    """Show what labkit sees on an ISO: product, boot configuration, whether it can drive it."""
    from labkit.commands.media import inspect

    with telling("", as_json) as console:
        inspect(iso, console)


@media.command("render", epilog="Examples:  labkit media render 6J xcp00  |  … --out look-at-this")
def media_render(
    scenario: ScenarioName,
    host: Annotated[str, typer.Argument(metavar="HOST", help="One of the scenario's hosts.")],
    on: On = "virtualbox",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where to; without it a folder named for the host."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write all that would go on a host's media into a folder, to look at."""
    from labkit.commands.media import render

    with telling(on, as_json) as console:
        render(scenario, host, on, out, console)


@media.command("build", epilog="Example:  labkit media build 6J --flat xcp-ng-unattended.iso")
def media_build(
    scenario: ScenarioName,
    flat: Annotated[Path, typer.Option("--flat", metavar="OUT.iso", help="The ISO to write.")],
    on: On = "virtualbox",
    force: Annotated[bool, typer.Option("--force", help="Write over a file that exists.")] = False,
    as_json: Json = False,
) -> None:
    """Write a plain ISO that installs unattended, for another hypervisor or a stick. It wipes the
    first disk of whatever boots it."""
    from labkit.commands.media import build

    with telling(on, as_json) as console:
        build(scenario, on, flat, force, console)


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


@contextmanager
def telling(on: str, as_json: bool) -> "Iterator[Console]":
    """A console for one verb; errors and interruptions become words and exit codes."""
    from labkit.commands.open_lab import open_home
    from labkit.console import Console
    from labkit.report import History

    # A closed terminal or `kill` tidies up as Ctrl-C does.
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _leave)
    console = Console(as_json=as_json, history=History(open_home().history, on))
    try:
        yield console
    except LabError as error:
        console.close()
        console.error(error)
        raise typer.Exit(error.exit_code) from None
    except BrokenPipeError:
        # Whoever read our output has had enough, as `head` does.
        sys.stdout = None
        raise typer.Exit(LabError.exit_code) from None
    except OSError as refusal:
        console.close()
        console.error(
            ComputerError(
                "This computer refused something labkit needs.",
                details=str(refusal),
                hint="Mend that (a full disk? a folder of somebody else's?) and run it again.",
            )
        )
        raise typer.Exit(ComputerError.exit_code) from None
    except KeyboardInterrupt:
        console.close()
        console.error(
            LabError("Interrupted.", hint="Run the same command again to go on from here.")
        )
        raise typer.Exit(130) from None
    finally:
        console.close()


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main() -> None:
    """Run `labkit`."""
    app()
