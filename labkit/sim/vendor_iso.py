"""A stand-in for the vendor's ISO: its layout and its configuration files, not its software.

Small enough to be written on the spot, real enough for code that reads ISO files: El Torito
entries for BIOS and UEFI, Rock Ridge and Joliet, short names in the primary tree. Every file
says that it is a stand-in; nothing in it is the vendor's.
"""

import bz2
import gzip
import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any

from labkit.sim.releases import RELEASES, Release, packages

_MADE = 1_700_000_000.0
"""When the stand-in says it was made, whenever it is: the same bytes every time."""
_CLOCK = Lock()


def write_vendor_iso(path: Path, generation: str = "xcp-ng-8.3") -> None:
    """Write the stand-in of that generation; whole or not at all."""
    release = RELEASES[generation]
    boots = Boots(
        bios="boot/isolinux/isolinux.bin",
        catalog="boot/isolinux/boot.cat",
        efi=None if release.old else "boot/efiboot.img",
    )
    write_image(path, release.label, _files(release), boots)


@dataclass(frozen=True)
class Boots:
    """What firmware starts of an image: its El Torito entries."""

    bios: str
    catalog: str
    efi: str | None


def write_image(path: Path, label: str, files: dict[str, bytes], boots: Boots) -> None:
    """Write an ISO of those files; whole or not at all."""
    # Only here: it would slow down every command.
    from pycdlib import PyCdlib

    path.parent.mkdir(parents=True, exist_ok=True)
    # Two programs may write it at once: the same bytes, each under a name of its own.
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with _same_time():
            image = PyCdlib()
            image.new(interchange_level=1, vol_ident=label, rock_ridge="1.09", joliet=3)
            _fill(image, files, boots)
            image.write(str(fresh))
            image.close()
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _fill(image: Any, files: dict[str, bytes], boots: Boots) -> None:
    folders: dict[str, str] = {"": ""}
    places: dict[str, str] = {}
    short = _ShortNames()
    for name, content in files.items():
        folder, _, leaf = name.rpartition("/")
        for depth in range(1, len(folder.split("/")) + 1) if folder else ():
            below = "/".join(folder.split("/")[:depth])
            if below not in folders:
                above, _, part = below.rpartition("/")
                folders[below] = f"{folders[above]}/{short.folder(above, part)}"
                image.add_directory(folders[below], rr_name=part, joliet_path=f"/{below}")
        places[name] = f"{folders[folder]}/{short.file(folder, leaf)};1"
        image.add_fp(
            io.BytesIO(content),
            len(content),
            places[name],
            rr_name=leaf,
            joliet_path=f"/{name}",
        )
    folder, _, catalog = boots.catalog.rpartition("/")
    image.add_eltorito(
        places[boots.bios],
        bootcatfile=f"{folders[folder]}/{short.file(folder, catalog)};1",
        rr_bootcatname=catalog,
        joliet_bootcatfile=f"/{boots.catalog}",
        boot_load_size=4,
        boot_info_table=True,
    )
    if boots.efi is not None:
        image.add_eltorito(places[boots.efi], efi=True)


class _ShortNames:
    """Names of ISO level 1: eight and three capitals, told apart by a number."""

    def __init__(self) -> None:
        self._taken: set[tuple[str, str]] = set()

    def folder(self, above: str, name: str) -> str:
        return self._free(above, _capitals(name)[:8], "")

    def file(self, folder: str, name: str) -> str:
        stem, _, suffix = name.rpartition(".") if "." in name else (name, "", "")
        return self._free(folder, _capitals(stem)[:8], "." + _capitals(suffix)[:3])

    def _free(self, folder: str, stem: str, suffix: str) -> str:
        name, number = stem + suffix, 0
        while (folder, name) in self._taken:
            name, number = f"{stem[:5]}{number:03}{suffix}", number + 1
        self._taken.add((folder, name))
        return name


def _capitals(name: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in name.upper())


def _files(release: Release) -> dict[str, bytes]:
    about = f"labkit's stand-in for {release.label}: it installs nothing on a real computer.\n"
    kernel = "/boot/vmlinuz console=hvc0 console=tty0"
    xen = "/boot/xen.gz dom0_max_vcpus=1-16 dom0_mem=max:8192M com1=115200,8n1 console=com1,vga"
    texts = {
        "EULA": about,
        "LICENSES": about,
        "boot/isolinux/isolinux.cfg": "SERIAL 0 115200\nDEFAULT install\nDISPLAY pg_main\n"
        "PROMPT 1\nTIMEOUT 50\n\nF1 pg_main\nF2 pg_help\n\n"
        + "\n".join(
            f"LABEL {label}\n  KERNEL mboot.c32\n"
            f"  APPEND {hypervisor} --- {linux} --- /install.img\n"
            for label, hypervisor, linux in (
                ("install", xen, kernel),
                ("no-serial", xen.partition(" com1=")[0] + " console=vga", kernel),
                ("safe", xen + " acpi=off noapic", kernel + " nosmp acpi=off"),
                ("multipath", xen, kernel + " device_mapper_multipath=enabled"),
                ("shell", xen, kernel + " bash-shell"),
            )
        ),
        "boot/isolinux/pg_main": about,
        "boot/isolinux/pg_help": about,
    }
    pack = partial(gzip.compress, mtime=0) if release.old else bz2.compress
    return {
        **{name: text.encode() for name, text in texts.items()},
        **packages(release, about),
        "install.img": pack(about.encode() * 64),
        "boot/xen.gz": gzip.compress(about.encode() * 64, mtime=0),
        "boot/vmlinuz": filler("vmlinuz", 64),
        "boot/isolinux/isolinux.bin": filler("isolinux.bin", 24),
        "boot/isolinux/mboot.c32": filler("mboot.c32", 8),
        "boot/isolinux/menu.c32": filler("menu.c32", 8),
        **({} if release.old else _for_uefi(xen, kernel)),
    }


def _for_uefi(xen: str, kernel: str) -> dict[str, bytes]:
    return {
        "EFI/xenserver/grub.cfg": _grub(xen, kernel).encode(),
        "EFI/xenserver/grubx64.efi": filler("grubx64.efi", 32),
        "boot/efiboot.img": filler("efiboot.img", 64),
    }


def _grub(xen: str, kernel: str) -> str:
    entries = (("install", "Install", ""), ("safe", "Install in safe mode", " nosmp"))
    return "set default=install\nset timeout=5\n" + "".join(
        f'\nmenuentry "{title}" --id {name} {{\n'
        f"    multiboot2 {xen}\n    module2 {kernel}{more}\n    module2 /install.img\n}}\n"
        for name, title, more in entries
    )


def filler(name: str, kib: int) -> bytes:
    """Bytes that look like a program to nobody and are the same every time."""
    line = f"{name}: labkit's stand-in".encode().ljust(64, b".")
    return line * (kib * 1024 // 64)


@contextmanager
def _same_time() -> Iterator[None]:
    """pycdlib stamps files with the time of writing and takes no other: show it a still clock."""
    from pycdlib import dates, dr, headervd, pycdlib, rockridge

    modules: list[Any] = [dates, dr, headervd, pycdlib, rockridge]
    modules = [module for module in modules if hasattr(module, "time")]
    still = SimpleNamespace(**vars(time))
    still.time = lambda: _MADE
    still.localtime = time.gmtime
    with _CLOCK:
        for module in modules:
            module.time = still
        try:
            yield
        finally:
            for module in modules:
                module.time = time
