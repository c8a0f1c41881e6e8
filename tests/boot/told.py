"""What stands in the place of the installer (`init`) said on the first serial port."""

import base64
import io
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import md5

_OURS = "installer: "


@dataclass(frozen=True)
class Told:
    """What an installer would have got."""

    command_line: str
    files: dict[str, bytes]
    """What is in memory for it, by name."""


def told(lines: Iterable[str]) -> Told | None:
    """The first telling that is whole; None: there is none.

    It is said more than once, since the hypervisor's own lines come in between, anywhere.
    """
    said: list[str] = []
    for line in lines:
        if not line.startswith(_OURS):
            continue
        word, _, rest = line.removeprefix(_OURS).partition(" ")
        if word == "cmdline":
            said = []
        if word != "end":
            said.append(f"{word} {rest}\n")
        elif md5("".join(said).encode(), usedforsecurity=False).hexdigest() == rest:
            return _understood(said)
    return None


def _understood(said: list[str]) -> Told:
    command_line, packed = "", ""
    for line in said:
        word, _, rest = line.rstrip("\n").partition(" ")
        if word == "cmdline":
            command_line = rest
        else:
            packed += rest
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(packed, validate=True))) as files:
        return Told(
            command_line,
            {
                member.name.removeprefix("./"): content.read()
                for member in files
                if (content := files.extractfile(member)) is not None
            },
        )
