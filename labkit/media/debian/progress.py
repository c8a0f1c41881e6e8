"""How far Debian's installer is, read from what its text front end writes on the serial port.

Pure, as `labkit.media.progress` is. A title says what it does, and numbers after it how far that
is. A question stops it for good: nobody is there to answer, so a question is a failure.
"""

import re

from labkit.media.progress import InstallLog, summed_up
from labkit.media.serial import read_lines

FINISHED = "labkit: the storage server is installed"
"""Said by labkit's own last command, when all went well."""
FAILED = "labkit: the storage server could not be made of what was installed"

_PHASES = {
    # What is done, from which fraction, to which.
    "labkit: the installer has its answers": ("Starting the installation", 0.01, 0.01),
    "Loading additional components": ("Loading the installer", 0.02, 0.05),
    "Detecting network hardware": ("Looking for the network", 0.05, 0.06),
    "Configuring the network": ("Looking for the network", 0.06, 0.07),
    "Checking the Debian archive mirror": ("Looking for the mirror", 0.07, 0.07),
    "Detecting disks": ("Preparing the disk", 0.07, 0.08),
    "Starting up the partitioner": ("Preparing the disk", 0.08, 0.09),
    "Partitions formatting": ("Preparing the disk", 0.09, 0.10),
    "Installing the base system": ("Installing the smallest system", 0.10, 0.55),
    "Configuring apt": ("Looking for more packages", 0.55, 0.60),
    "Select and install software": ("Installing the storage server", 0.60, 0.88),
    "Installing GRUB boot loader": ("Installing the boot loader", 0.88, 0.93),
    "Finishing the installation": ("Completing the installation", 0.93, 0.99),
}
_PERCENT = re.compile(r"\.\.\. ?(\d{1,3})%")
_ASKS = re.compile(r"^(Prompt: |\[Press enter to continue\])")
_KERNEL_DIED = re.compile(r"Kernel panic - not syncing")
_HEADING = re.compile(r"^-{3,}$")
"""Below the title of what is asked, or of an error."""
_BEFORE = 8
"""Lines before what failed without a heading, that tell why."""


def read_log(text: str) -> InstallLog:
    """Read the text of a serial file as it is now."""
    *lines, partial = read_lines(text)
    spoken = [line for line in lines if line.strip()]
    if not spoken and not partial:
        return InstallLog()
    said = [*spoken, partial]
    return summed_up(spoken, partial, _progress(said), _failure(said), FINISHED)


def _progress(lines: list[str]) -> tuple[str, float | None]:
    phase, fraction = "Starting the installer", None
    begin = end = 0.0
    for line in lines:
        found = next((step for title, step in _PHASES.items() if line.startswith(title)), None)
        if found is not None:
            phase, begin, end = found
            fraction = max(begin, fraction or 0.0)
        for percent in _PERCENT.findall(line):
            share = min(int(percent), 100) / 100
            fraction = max(begin + share * (end - begin), fraction or 0.0)
    return phase, fraction


def _failure(lines: list[str]) -> str:
    """What was asked, with its title; or labkit's own last command's words about what it missed."""
    title = 0
    for number, line in enumerate(lines):
        if _HEADING.match(line):
            title = max(number - 1, 0)
        if _ASKS.search(line):
            return "\n".join(lines[title : number + 1])
        if FAILED in line or _KERNEL_DIED.search(line):
            return "\n".join(lines[max(0, number - _BEFORE) : number + 1])
    return ""
