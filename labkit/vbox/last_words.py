"""What a machine's log ends with: the reason VirtualBox does not put in its errors."""

import re
from pathlib import Path
from typing import Any

_LINES = 6
_TELLING = re.compile(
    r"VERR_|VINF_EM_|error|fail|assert|guru meditation|fatal|refus|terminat"
    r"|Changing the VM state|Machine state changed",
    re.IGNORECASE,
)
"""The rest is statistics and settings, of which there are thousands of lines."""


def log_of(machine: Any) -> Path:
    """Its log; a new one is begun with every start."""
    return Path(machine.log_folder, "VBox.log")


def written(log: Path) -> int:
    """When it was written last: one that has not been since says nothing of this start."""
    try:
        return log.stat().st_mtime_ns
    except OSError:
        return 0


def last_words(log: Path) -> str:
    """Its last telling lines; empty when it has none."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join([line for line in lines if _TELLING.search(line)][-_LINES:])
