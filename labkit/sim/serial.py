"""What a machine shows: the file behind its serial port, and its screen."""

import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

from labkit.sim.world import SimMachine

_COLUMNS, _ROWS = 80, 25
_CELL_WIDTH, _CELL_HEIGHT = 9, 16


def attach(machine: SimMachine) -> None:
    """Begin the serial file anew, as VirtualBox does whenever a machine is switched on."""
    assert machine.memory is not None
    machine.memory.serial_bytes = 0
    if machine.serial_file is not None:
        Path(machine.serial_file).write_bytes(b"")


def say(machine: SimMachine, lines: Iterable[str]) -> None:
    """Let the machine write lines on its serial port."""
    memory = machine.memory
    if memory is None or machine.serial_file is None:
        return
    text = "".join(f"{line}\r\n" for line in lines).encode()
    path = Path(machine.serial_file)
    try:
        with path.open("r+b" if path.exists() else "w+b") as file:
            # A program killed before its turn was kept has written this already: write it
            # there again rather than twice.
            file.seek(min(memory.serial_bytes, file.seek(0, 2)))
            file.truncate()
            file.write(text)
    except OSError:
        # The folder is gone or the disk is full. VirtualBox drops what it cannot write, and
        # the machine goes on.
        return
    memory.serial_bytes += len(text)


def show(machine: SimMachine, lines: Iterable[str]) -> None:
    """Put lines on the machine's screen, below what is there."""
    if machine.memory is not None:
        machine.memory.screen = [*machine.memory.screen, *lines][-_ROWS:]


def png(lines: list[str]) -> bytes:
    """A PNG of a text screen: a block for every character, and the text itself as a comment."""
    rows = [line.ljust(_COLUMNS)[:_COLUMNS] for line in lines[-_ROWS:]]
    rows += [" " * _COLUMNS] * (_ROWS - len(rows))
    picture = bytearray()
    for row in rows:
        glyphs = b"".join(
            bytes(9) if cell == " " else b"\x00" + b"\xc0" * 7 + b"\x00" for cell in row
        )
        blank = bytes(1 + len(glyphs))
        picture += (b"\x00" + glyphs) * (_CELL_HEIGHT - 4) + blank * 4
    header = struct.pack(">IIBBBBB", _COLUMNS * _CELL_WIDTH, _ROWS * _CELL_HEIGHT, 8, 0, 0, 0, 0)
    comment = b"Description\x00" + "\n".join(lines).encode("latin-1", "replace")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in (
            (b"IHDR", header),
            (b"tEXt", comment),
            (b"IDAT", zlib.compress(bytes(picture))),
            (b"IEND", b""),
        )
    )
