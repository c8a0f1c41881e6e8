"""`labkit media` and its verbs."""

from pathlib import Path
from typing import Annotated

import typer

from labkit.cli.options import Json, On, ScenarioName
from labkit.cli.telling import telling

app = typer.Typer(help="What installers boot from.", no_args_is_help=True)


@app.command(
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


@app.command("render", epilog="Examples:  labkit media render 6J xcp00  |  … --out look-at-this")
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


@app.command("build", epilog="Example:  labkit media build 6J --flat xcp-ng-unattended.iso")
def media_build(
    scenario: ScenarioName,
    flat: Annotated[Path, typer.Option("--flat", metavar="OUT.iso", help="The ISO to write.")],
    on: On = "virtualbox",
    force: Annotated[bool, typer.Option("--force", help="Write over a file that exists.")] = False,
    as_json: Json = False,
) -> None:
    """Write a plain ISO that installs unattended, for another hypervisor or a CD. It wipes the
    first disk of whatever boots it."""
    from labkit.commands.media import build

    with telling(on, as_json) as console:
        build(scenario, on, flat, force, console)
