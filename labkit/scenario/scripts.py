"""A person's own scripts for the installer: files beside the scenario, read when it is.

What is in them belongs to the scenario as much as what is in the YAML: a changed script makes
another installation.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Stage = Literal["installation-start", "filesystem-populated", "installation-complete"]
"""When the installer runs a script. It does not check the word: a misspelt stage never comes."""

RESERVED = frozenset({"answerfile.xml", "postinstall.sh"})
"""labkit's own files in the folder of the medium that scripts go to."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9]+)?")
_LONGEST_NAME = 31
_LARGEST = 1024 * 1024
_LOOKED_AT = 40
"""Bytes: the installer looks for the interpreter no further."""


@dataclass(frozen=True, slots=True)
class ScriptFile:
    """A script's name on the medium, and its text."""

    name: str
    text: str = field(repr=False)


def read_script(path: Path) -> ScriptFile:
    """Read a script. Raises `ValueError` with a sentence on what is wrong with it."""
    if not _NAME.fullmatch(path.name) or len(path.name) > _LONGEST_NAME:
        raise ValueError(
            "must be named in letters, digits, dashes and at most one dot, "
            f"{_LONGEST_NAME} characters at most: the name goes on the medium"
        )
    if path.name.lower() in RESERVED:
        raise ValueError(f"`{path.name}` is the name of a file of labkit's on the medium")
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise ValueError(f"there is no file {path}") from None
    except OSError as refusal:
        raise ValueError(f"{path} cannot be read: {refusal.strerror}") from None
    if len(content) > _LARGEST:
        raise ValueError("must not be larger than 1 MiB")
    try:
        return ScriptFile(path.name, content.decode())
    except UnicodeDecodeError:
        raise ValueError("must be text in UTF-8") from None


def script_refused(text: str, interpreters: Iterable[str]) -> str:
    """Why an installer that takes those interpreters does not run a script; empty: it does."""
    first = text.partition("\n")[0]
    if first.endswith("\r"):
        return "has the line ends of Windows, with which no interpreter is found"
    if not first.startswith("#!"):
        return "must begin with `#!` and an interpreter, such as `#!/bin/sh`"
    command = first.removeprefix("#!").strip()
    known = tuple(interpreters)
    if not any(command == each or command.startswith(f"{each} ") for each in known):
        shown = ", ".join(f"`{each}`" for each in known)
        return f"begins with `{first[:60]}`, but the installer takes only {shown}"
    if len(first.encode()) > _LOOKED_AT:
        return f"has a first line of more than {_LOOKED_AT} bytes: the installer reads no further"
    return ""
