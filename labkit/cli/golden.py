"""`labkit golden` and its verbs."""

from pathlib import Path
from typing import Annotated

import typer

from labkit.cli.options import Json, On, ScenarioName
from labkit.cli.telling import telling

app = typer.Typer(help="Installed machines that hosts are cloned from.", no_args_is_help=True)


@app.command("list", epilog="Example:  labkit golden list --json")
def golden_list(on: On = "virtualbox", as_json: Json = False) -> None:
    """List the golden machines there are, and the labs that use them."""
    from labkit.commands.golden import show_list

    with telling(on, as_json) as console:
        show_list(on, console)


@app.command("build", epilog="Example:  labkit golden build 6J")
def golden_build(scenario: ScenarioName, on: On = "virtualbox", as_json: Json = False) -> None:
    """Install what a scenario's hosts are cloned from: `labkit up --until golden`."""
    from labkit.commands.up import up as verb

    with telling(on, as_json) as console:
        verb(scenario, on, console, stage="golden", lan=None, dry_run=False)


@app.command("export", epilog="Example:  labkit golden export xcp-ng-8.3 golden.tar")
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


@app.command("import", epilog="Example:  labkit golden import golden.tar")
def golden_import(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `export` wrote.")],
    on: On = "virtualbox",
    as_json: Json = False,
) -> None:
    """Make a golden machine of such a file: no ISO and no installation needed."""
    from labkit.commands.golden import bring_in as verb

    with telling(on, as_json) as console:
        verb(file, on, console)


@app.command("prune", epilog="Example:  labkit golden prune")
def golden_prune(on: On = "virtualbox", as_json: Json = False) -> None:
    """Remove the golden machines that no lab uses. Asks nothing."""
    from labkit.commands.golden import prune as verb

    with telling(on, as_json) as console:
        verb(on, console)
