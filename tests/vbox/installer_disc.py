"""A vendor's ISO that really boots: its boot program says what an installer says, and goes off.

The stand-in ISO of the pretend computer has no code in it. Here the 2048 bytes a BIOS loads are
replaced by a program that writes a text on the first serial port and switches the machine off,
so that VirtualBox itself can take labkit's boot medium all the way.
"""

from pathlib import Path
from typing import Any

from labkit.sim.vendor_iso import write_vendor_iso

_LOADED_AT = 0x7C00
_CODE_AT = 64
"""Bytes 8 to 63 are the boot info table, which whoever writes the ISO fills in."""
_CODE = bytes.fromhex(
    "fa"  # cli
    "31c0"  # xor ax, ax
    "8ed8"  # mov ds, ax
    "fc"  # cld
    "be0000"  # mov si, text            (filled in below)
    "ac"  # next: lodsb
    "84c0"  # test al, al
    "7412"  # jz said
    "88c3"  # mov bl, al
    "bafd03"  # mov dx, 0x3fd
    "ec"  # busy: in al, dx
    "a820"  # test al, 0x20
    "74fb"  # jz busy
    "88d8"  # mov al, bl
    "baf803"  # mov dx, 0x3f8
    "ee"  # out dx, al
    "ebe9"  # jmp next
    "be0000"  # said: mov si, word      (filled in below)
    "ac"  # off: lodsb
    "84c0"  # test al, al
    "740a"  # jz halt
    "ba0f04"  # mov dx, 0x40f           VirtualBox's shutdown port …
    "ee"  # out dx, al
    "ba0089"  # mov dx, 0x8900          … and where it was in older ones
    "ee"  # out dx, al
    "ebf1"  # jmp off
    "f4"  # halt: hlt
    "ebfd"  # jmp halt
)
_TEXT_AT = 7
_WORD_AT = 33

SUCCESS = (
    "INFO     [2026-01-01 10:00:00] Starting actual installation\r\n"
    "INFO     [2026-01-01 10:00:01] DISPATCH: NEW PHASE: Completing installation...\r\n"
    "INFO     [2026-01-01 10:00:02] The installation completed successfully.\r\n"
)
FAILURE = (
    "INFO     [2026-01-01 10:00:00] Starting actual installation\r\n"
    "CRITICAL [2026-01-01 10:00:01] INSTALL FAILED.\r\n"
    "CRITICAL [2026-01-01 10:00:01] RuntimeError: no disk is large enough\r\n"
)


def write_installer(path: Path, says: str) -> Path:
    """The stand-in for the vendor's ISO, with a boot program that says that."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_vendor_iso(path)
    code = bytearray(_CODE)
    word = _LOADED_AT + _CODE_AT + len(code)
    text = word + len(b"Shutdown\0")
    code[_WORD_AT : _WORD_AT + 2] = word.to_bytes(2, "little")
    code[_TEXT_AT : _TEXT_AT + 2] = text.to_bytes(2, "little")
    program = bytes(code) + b"Shutdown\0" + says.encode("ascii") + b"\0"
    assert _CODE_AT + len(program) <= 2048, "a BIOS loads four sectors"
    with path.open("r+b") as file:
        start = _sector(path, "/boot/isolinux/isolinux.bin") * 2048
        file.seek(start)
        file.write(b"\xeb\x3e")  # jmp over the boot info table
        file.seek(start + _CODE_AT)
        file.write(program)
    return path


def _sector(path: Path, name: str) -> int:
    import pycdlib

    iso: Any = pycdlib.PyCdlib()
    iso.open(str(path))
    try:
        sector = iso.get_record(rr_path=name).extent_location()
    finally:
        iso.close()
    return int(sector)
