"""A preseed file as Debian's installer reads it, by a parser of its own.

The installer takes what it knows and asks a person for the rest. With `priority=critical` it asks
only where it has no answer at all: those questions are listed here.
"""

import re
from collections.abc import Mapping

_LINE = re.compile(r"(\S+)[ \t]+(\S+)[ \t]+(\S+)(?:[ \t]+(.*))?")
_TYPES = {"string", "boolean", "select", "multiselect", "password", "note", "text"}


class Refused(Exception):
    """A line that `debconf-set-selections` would refuse."""


def read_preseed(text: str) -> dict[str, str]:
    """The answers by their questions. Raises `Refused`."""
    answers: dict[str, str] = {}
    # A backslash at its end joins a line with the next.
    for number, line in enumerate(text.replace("\\\n", "").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None or found[3] not in _TYPES:
            raise Refused(f"error: Cannot parse line {number}: {line}")
        answers[found[2]] = (found[4] or "").strip()
    return answers


def asks(answers: Mapping[str, str]) -> str | None:
    """The first question that it would have to ask; None: none."""
    for question, needed in _NEEDED.items():
        if not needed(answers.get(question)):
            return question
    if not answers.get("passwd/root-password-crypted") and not answers.get("passwd/root-password"):
        return "passwd/root-password"
    return None


def _any(answer: str | None) -> bool:
    return bool(answer)


def _true(answer: str | None) -> bool:
    return answer == "true"


def _false(answer: str | None) -> bool:
    return answer == "false"


_NEEDED = {
    # A user's name and password have no answers of their own.
    "passwd/make-user": _false,
    "partman-auto/method": _any,
    "partman-auto/choose_recipe": _any,
    "partman/choose_partition": lambda answer: answer == "finish",
    # Wiping a disk is nothing it does unasked; nor is doing without swap.
    "partman/confirm": _true,
    "partman/confirm_nooverwrite": _true,
    "partman-basicfilesystems/no_swap": _false,
    "mirror/http/hostname": _any,
    "grub-installer/bootdev": _any,
}
