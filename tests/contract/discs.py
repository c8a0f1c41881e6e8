"""Bootable discs of a few KB: a boot sector that writes a text on the first serial port."""

import io
from pathlib import Path
from typing import Any

_LOADED_AT = 0x7C00
_SECTORS = 2048
"""Bytes: what a BIOS loads of a disc."""
_PAUSE = bytes.fromhex(
    "31c0"  # xor ax, ax
    "8ed8"  # mov ds, ax
    "fb"  # sti
    "a16c04"  # mov ax, [0x46c]          the BIOS counts 18 ticks a second there
    "051200"  # add ax, 18
    "89c3"  # mov bx, ax
    "a16c04"  # wait: mov ax, [0x46c]
    "29d8"  # sub ax, bx
    "78f9"  # js wait
)
_WRITE = bytes.fromhex(
    "fa"  # cli
    "31c0"  # xor ax, ax
    "8ed8"  # mov ds, ax
    "fc"  # cld
    "be0000"  # mov si, text             (filled in below)
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
)
_TEXT_AT = 7
_SWITCH_OFF = bytes.fromhex(
    "be0000"  # mov si, word             (filled in below)
    "ac"  # off: lodsb
    "84c0"  # test al, al
    "740a"  # jz halt
    "ba0f04"  # mov dx, 0x40f            VirtualBox's shutdown port ...
    "ee"  # out dx, al
    "ba0089"  # mov dx, 0x8900           ... and where it was in older ones
    "ee"  # out dx, al
    "ebf1"  # jmp off
)
_WORD_AT = 1
_HALT = bytes.fromhex(
    "f4"  # halt: hlt
    "ebfd"  # jmp halt
)


def program(says: str, *, at: int = 0, off: bool = False) -> bytes:
    """Code that writes the text on the first serial port and halts, or switches the machine
    off; `at` so many bytes behind where the BIOS puts the first one.

    Switching off is not done before a second has gone by: sooner, and the machine would count
    as one that never came to run.
    """
    before = _PAUSE if off else b""
    code = bytearray(before + _WRITE + (_SWITCH_OFF if off else b"") + _HALT)
    word = _LOADED_AT + at + len(code)
    text = word + len(b"Shutdown\0")
    start = len(before) + _TEXT_AT
    code[start : start + 2] = text.to_bytes(2, "little")
    if off:
        start = len(before + _WRITE) + _WORD_AT
        code[start : start + 2] = word.to_bytes(2, "little")
    whole = bytes(code) + b"Shutdown\0" + says.encode("ascii") + b"\0"
    assert at + len(whole) <= _SECTORS, "a BIOS loads four sectors of 512"
    return whole


def write_iso(path: Path, says: str = "") -> Path:
    """An ISO that boots under BIOS, says that, and halts."""
    import pycdlib

    iso: Any = pycdlib.PyCdlib()
    iso.new(vol_ident="CONTRACT", rock_ridge="1.09", joliet=3)
    boot = program(says).ljust(_SECTORS, b"\0")
    iso.add_fp(io.BytesIO(boot), len(boot), "/BOOT.;1", rr_name="boot", joliet_path="/boot")
    iso.add_eltorito(
        "/BOOT.;1",
        bootcatfile="/BOOT.CAT;1",
        rr_bootcatname="boot.cat",
        joliet_bootcatfile="/boot.cat",
        boot_load_size=4,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    iso.write(str(path))
    iso.close()
    return path


def write_viso(path: Path, iso: str) -> Path:
    """A VISO that shows an ISO."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "--iprt-iso-maker-file-marker-bourne-sh 6e2f4a0c-54c1-4b93-9f0e-5d0f4c8b7a11\n"
        f"--import-iso={iso}\n",
        encoding="utf-8",
    )
    return path
