"""The text of a serial port, which holds what terminals hold: escape sequences and carriage
returns, and it may stop in the middle of either."""

import re

_ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*(?:[@-~]|\Z)"  # colours, cursor
    r"|\][^\x07\x1b]*(?:\x07|\x1b\\|\Z)"  # titles
    r"|[ -/]*(?:[0-Z\\^-~]|\Z))"  # the rest
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_lines(text: str) -> list[str]:
    """The lines without what only moves a cursor or colours a screen. The last one may not be
    whole; it is empty where the text ends with the end of a line."""
    plain = _CONTROL.sub("", _ESCAPE.sub("", text).replace("\r", "\n"))
    return [line.rstrip() for line in plain.split("\n")]
