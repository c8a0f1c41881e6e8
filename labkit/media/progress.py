"""How far an installation is, read from what the installer writes on the serial port.

Pure: a text in, facts out, the whole text each time. It may stop anywhere, in the middle of a
line too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from labkit.media.serial import read_lines

_STAMP = re.compile(r"^[A-Z]+\s+\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\]\s?")
_PACKAGE = re.compile(r"YUM:\s+(Installing|Updating|Verifying)\s*: .*?\s(\d+)/(\d+)\s*$")
_SCRIPT = re.compile(r"Script returned [1-9]\d*\s*$")

_STARTED = "Starting actual installation"
_PHASE = "DISPATCH: NEW PHASE: "
_FINISHED = "The installation completed successfully"
_FAILED = "INSTALL FAILED."

_PHASES = {
    "Preparing for installation...": ("Preparing the disk", 0.02),
    "Reading package information...": ("Reading the packages", 0.05),
    "Completing installation...": ("Completing the installation", 0.90),
}
_PACKAGES = {
    # What is done, from which fraction, to which.
    "Installing": ("Installing packages", 0.06, 0.80),
    "Updating": ("Installing packages", 0.06, 0.80),
    "Verifying": ("Verifying packages", 0.80, 0.90),
}
_LONGEST_FAILURE = 60
"""Lines. After the traceback the installer writes down all it knows."""


@dataclass(frozen=True, slots=True)
class InstallLog:
    """What an installer's log says so far."""

    phase: str = ""
    """What it is doing, in a person's words; empty: nothing was said yet."""
    fraction: float | None = None
    """How far it is, from 0 to 1; never goes back while a log grows."""
    finished: bool = False
    """The installer said that all went well."""
    failed: bool = False
    failure: str = ""
    """Its own words about that."""
    last_line: str = ""


def read_log(text: str) -> InstallLog:
    """Read the text of a serial file as it is now."""
    *lines, partial = (_STAMP.sub("", line) for line in read_lines(text))
    spoken = [line for line in lines if line]
    if not spoken and not partial:
        return InstallLog()
    phase, fraction = _progress(spoken)
    # The sentence may be the last thing that is written before the power goes.
    failure = _failure(spoken)
    return summed_up(spoken, partial, (phase, fraction), failure, _FINISHED)


def summed_up(
    spoken: Sequence[str],
    partial: str,
    progress: tuple[str, float | None],
    failure: str,
    last_words: str,
) -> InstallLog:
    """What whole lines, and one that may not be, come to; `last_words` say that all went well."""
    finished = not failure and any(last_words in line for line in (*spoken, partial))
    return InstallLog(
        phase="Installed" if finished else progress[0],
        fraction=1.0 if finished else progress[1],
        finished=finished,
        failed=bool(failure),
        failure=failure,
        last_line=(spoken[-1] if spoken else partial)[:200],
    )


def _progress(lines: list[str]) -> tuple[str, float | None]:
    """Only of whole lines: of `12/612` the first half, `12/61`, says something else."""
    phase, fraction = "Starting the installer", None
    for line in lines:
        step: tuple[str, float] | None = None
        if _STARTED in line:
            step = "Starting the installation", 0.0
        elif _PHASE in line:
            name = line.partition(_PHASE)[2].strip()
            step = _PHASES.get(name, (name, 0.0))
        elif match := _PACKAGE.search(line):
            what, begin, end = _PACKAGES[match[1]]
            number, total = int(match[2]), max(int(match[3]), 1)
            share = min(number / total, 1.0)
            step = f"{what}: {number} of {total}", begin + share * (end - begin)
        if step is not None:
            phase, fraction = step[0], max(step[1], fraction or 0.0)
    return phase, fraction


def _failure(lines: list[str]) -> str:
    for number, line in enumerate(lines):
        if _FAILED in line:
            return "\n".join(lines[number + 1 : number + 1 + _LONGEST_FAILURE]) or line
    for number, line in enumerate(lines):
        # To the installer a script that fails is no failure. The host would boot without ours.
        if _SCRIPT.search(line):
            return "\n".join(lines[max(0, number - 10) : number + 1])
    return ""
