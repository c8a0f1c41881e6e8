"""The vendor's boot configuration, changed as little as an unattended installation needs.

What else stands on the vendor's lines is kept: it knows its hardware better than labkit. Only
the entry that boots by itself is changed; the others serve a person who looks for a fault.
"""

import re

from labkit.errors import ComputerError
from labkit.media.generations import Generation
from labkit.media.iso import BootFile

_DROPPED = {"PROMPT", "TIMEOUT", "TOTALTIMEOUT", "ONTIMEOUT", "UI"}


def isolinux_config(vendor: BootFile, generation: Generation) -> str:
    """isolinux.cfg: its default label at once, the installer unattended."""
    lines = [line for line in vendor.text.splitlines() if _word(line).upper() not in _DROPPED]
    default = next((_rest(line) for line in lines if _word(line).upper() == "DEFAULT"), "")
    inside = changed = False
    for number, line in enumerate(lines):
        word = _word(line).upper()
        if word == "DEFAULT":
            # A whole second, so that a person at the console can still hold Shift.
            lines[number] = f"{line}\nPROMPT 0\nTIMEOUT 10"
        elif word == "LABEL":
            inside = _rest(line) == default
        elif word == "APPEND" and inside:
            parts = re.split(r"(\s+---\s+)", line)
            for place, part in enumerate(parts):
                if _is_kernel(_word(part)):
                    parts[place] = _unattended(part, generation)
                    changed = True
            lines[number] = "".join(parts)
    return _checked(lines, vendor, changed)


def grub_config(vendor: BootFile, generation: Generation) -> str:
    """grub.cfg: its default entry at once, the installer unattended."""
    lines = [
        line
        for line in vendor.text.splitlines()
        if not re.match(r"\s*set\s+timeout(_style)?=", line)
    ]
    entries = [number for number, line in enumerate(lines) if _word(line) == "menuentry"]
    entry = _default_entry(lines, entries)
    changed = False
    if entry is not None:
        for number in range(entry + 1, len(lines)):
            if lines[number].strip() == "}":
                break
            if _word(lines[number]).startswith("module") and _is_kernel(
                _word(_rest(lines[number]))
            ):
                lines[number] = _unattended(lines[number], generation)
                changed = True
        lines.insert(entries[0], "set timeout=1\n")
    return _checked(lines, vendor, changed)


def _default_entry(lines: list[str], entries: list[int]) -> int | None:
    """The line of the entry that boots by itself: named by its number, its id or its title."""
    default = "0"
    for line in lines:
        if match := re.match(r"""\s*set\s+default=["']?([^"']*)["']?\s*$""", line):
            default = match[1]
    if default.isdigit():
        return entries[int(default)] if int(default) < len(entries) else None
    for number in entries:
        if default in re.split(r"""["'\s{]+""", lines[number]) or re.search(
            rf"""["']{re.escape(default)}["']""", lines[number]
        ):
            return number
    return None


def _unattended(part: str, generation: Generation) -> str:
    """The kernel and its parameters, with labkit's; the last console is the installer's."""
    start = part[: len(part) - len(part.lstrip())]
    kept = [word for word in part.split() if not word.startswith("console=")]
    consoles = [f"console={console}" for console in generation.consoles]
    return start + " ".join([*kept, *generation.parameters, *consoles])


def _checked(lines: list[str], vendor: BootFile, changed: bool) -> str:
    if not changed:
        raise ComputerError(
            f"labkit does not understand the ISO's {vendor.path}.",
            details="It boots no Linux kernel by itself, so nobody can tell the installer "
            "where its answers are.",
            hint="Use the vendor's own ISO; isos/README says which.",
        )
    return "\n".join(lines) + "\n"


def _is_kernel(path: str) -> bool:
    return path.rpartition("/")[2].startswith("vmlinuz")


def _word(line: str) -> str:
    return line.split(maxsplit=1)[0] if line.strip() else ""


def _rest(line: str) -> str:
    return line.strip().partition(" ")[2].strip() or line.strip().partition("\t")[2].strip()
