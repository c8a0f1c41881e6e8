"""A storage server's answers and identity, for tests; and a small ISO in Debian's layout."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pycdlib

from labkit.media.debian.answers import NasAnswers
from labkit.media.debian.identity import NasIdentity
from tests.media.conftest import HASH

INFO = 'Debian GNU/Linux {version} "Bookworm" - Official {kind} with firmware 20240831-10:38'
ISOLINUX = "path\ninclude menu.cfg\ndefault vesamenu.c32\nprompt 0\ntimeout 0\n"
GRUB = """\
menuentry --hotkey=i 'Install' {
    set background_color=black
    linux    /install.amd/vmlinuz vga=788 --- quiet
    initrd   /install.amd/initrd.gz
}
"""


def nas_answers(**values: Any) -> NasAnswers:
    return NasAnswers(**{"generation": "debian-12", "root_password_hash": HASH, **values})


def nas_identity(**values: Any) -> NasIdentity:
    return NasIdentity(
        **{
            "machine_id": "0123456789abcdef0123456789abcdef",
            "hostname": "nas",
            "address": "192.168.1.5",
            "netmask": "255.255.255.0",
            "gateway": "192.168.1.1",
            "dns": ("192.168.1.1", "9.9.9.9"),
            "clients": ("192.168.1.0/24",),
            "root_password_hash": HASH,
            **values,
        }
    )


def debian_iso(
    path: Path,
    *,
    version: str = "12.7.0",
    kind: str = "amd64 NETINST",
    info: str | None = INFO,
    isolinux: str = ISOLINUX,
    grub: str | None = GRUB,
    files: Mapping[str, str] | None = None,
) -> Path:
    """An ISO in Debian's layout, with what a test wants of it."""
    iso: Any = pycdlib.PyCdlib()
    iso.new(interchange_level=3, joliet=3, rock_ridge="1.09", vol_ident="Debian 12.7.0")
    texts = {
        "/isolinux/isolinux.bin": "\0" * 4096,
        "/isolinux/isolinux.cfg": isolinux,
        "/install.amd/vmlinuz": "linux",
        "/install.amd/initrd.gz": "installer",
        **({"/boot/grub/grub.cfg": grub} if grub is not None else {}),
        **({"/.disk/info": info.format(version=version, kind=kind)} if info is not None else {}),
        **(files or {}),
    }
    made: set[str] = set()
    for name, text in texts.items():
        *folders, last = name.split("/")[1:]
        for depth in range(1, len(folders) + 1):
            folder = "/" + "/".join(folders[:depth])
            if folder not in made:
                made.add(folder)
                iso.add_directory(_primary(folder), rr_name=folders[depth - 1], joliet_path=folder)
        stem, _, extension = last.replace("-", "_").upper().rpartition(".")
        primary = f"{_primary(name.rpartition('/')[0])}/{stem or extension}."
        primary += f"{extension if stem else ''};1"
        data = text.encode()
        iso.add_fp(io.BytesIO(data), len(data), primary, rr_name=last, joliet_path=name)
    iso.add_eltorito(
        "/ISOLINUX/ISOLINUX.BIN;1", bootcatfile="/ISOLINUX/BOOT.CAT;1", boot_info_table=True
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    iso.write(str(path))
    iso.close()
    return path


def _primary(folder: str) -> str:
    """A folder's name as in ISO level 3: in capital letters."""
    return folder.upper().replace(".", "_")
