"""`labkit sim faults`: what is to go wrong on the pretend computer."""

import json
from dataclasses import asdict

from labkit.backend import armed_faults, clear_faults
from labkit.commands.open_lab import open_home
from labkit.console import Console


def show_list(console: Console) -> None:
    """What is armed, and how often it still comes."""
    armed = armed_faults(open_home().path)
    if console.json:
        console.document(json.dumps([asdict(fault) for fault in armed]))
    elif not armed:
        console.say("Nothing is to go wrong.")
    else:
        for fault in armed:
            by = f", by {fault.by}" if fault.by else ""
            console.say(f"{fault.fault}  ({fault.left}{by})")


def clear(console: Console) -> None:
    """Let nothing go wrong any more."""
    gone = clear_faults(open_home().path)
    said = f"{gone} faults are forgotten." if gone != 1 else "1 fault is forgotten."
    console.result(said if gone else "Nothing to do: no fault is armed.", changed=gone > 0)
