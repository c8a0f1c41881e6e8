"""A question that was asked, and what was found."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. `hint` says what to do now; empty where all is well."""

    level: Literal["ok", "warning", "failure"]
    what: str
    hint: str = ""


def failures(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that are in the way."""
    return tuple(finding for finding in findings if finding.level == "failure")
