"""Errors and interruptions become words and exit codes. The one place that prints them."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import typer

from labkit.errors import ComputerError, LabError

if TYPE_CHECKING:
    from labkit.console import Console


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
