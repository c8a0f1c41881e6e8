"""ISOs in the vendor's layout, small; and golden files, which `pytest --regenerate` writes anew."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pycdlib
import pytest

GOLDEN = Path(__file__).parent / "golden"

TREEINFO = """\
[system-v1]
platform_name = XCP
platform_version = 3.4.0
product_name = {product}
product_version = {version}

[build]
number = cloud
[keys]
key1 = RPM-GPG-KEY-xcpng

[general]
name = {product}-{version}
family = {product}
version = {version}
variant =
arch = x86_64
"""

ISOLINUX = """\
SERIAL 0 115200
DEFAULT install
PROMPT 1
TIMEOUT 50
DISPLAY pg_main
F1 pg_main
F2 pg_help

LABEL no-serial
\tKERNEL mboot.c32
\tAPPEND /boot/xen.gz console=vga --- /boot/vmlinuz console=tty0 --- /install.img
LABEL install
\tKERNEL mboot.c32
\tAPPEND /boot/xen.gz dom0_max_vcpus=1-16 dom0_mem=max:8192M com1=115200,8n1 console=com1,vga --- \
/boot/vmlinuz console=hvc0 console=tty0 vendor=kept --- /install.img
LABEL shell
\tKERNEL mboot.c32
\tAPPEND /boot/xen.gz com1=115200,8n1 console=com1,vga --- \
/boot/vmlinuz console=hvc0 console=tty0 bash-shell --- /install.img
"""

GRUB = """\
set default="0"

function load_video {
  insmod efi_gop
}

load_video
set gfxpayload=keep

set timeout=5

menuentry "install" {
    multiboot2 /boot/xen.gz dom0_max_vcpus=1-16 com1=115200,8n1 console=com1,vga
    module2 /boot/vmlinuz console=hvc0 console=tty0 vendor=kept
    module2 /install.img
}

menuentry "shell" {
    multiboot2 /boot/xen.gz dom0_max_vcpus=1-16 com1=115200,8n1 console=com1,vga
    module2 /boot/vmlinuz console=hvc0 console=tty0 bash-shell
    module2 /install.img
}
"""

HASH = "$6$labkitlabkit$" + "x/." * 28 + "zz"

_BOOT_LOADER = b"\xeb\xfe" + b"\0" * 4094
"""What a computer runs when it boots the medium: a loop that never ends."""


def vendor_iso(
    path: Path,
    *,
    product: str = "XCP-ng",
    version: str = "8.3.0",
    treeinfo: str | None = TREEINFO,
    isolinux: str | None = ISOLINUX,
    grub: str | None = GRUB,
    joliet: bool = True,
    files: Mapping[str, str] | None = None,
) -> Path:
    """An ISO in the vendor's layout, with what a test wants of it."""
    iso: Any = pycdlib.PyCdlib()
    iso.new(
        interchange_level=1,
        joliet=3 if joliet else None,
        rock_ridge="1.09",
        vol_ident=f"{product} {version}"[:16],
    )

    def named(name: str) -> dict[str, str]:
        return {"rr_name": name.rpartition("/")[2]} | ({"joliet_path": name} if joliet else {})

    def folder(name: str) -> None:
        cut = "/".join(_cut(part) for part in name.split("/"))
        iso.add_directory(cut, **named(name))

    def file(name: str, data: bytes) -> None:
        parent, _, last = name.rpartition("/")
        stem, _, extension = last.lstrip(".").partition(".")
        cut = "/".join(_cut(part) for part in parent.split("/"))
        first = f"{'_' if last.startswith('.') else ''}{stem}"[:8].upper().replace("-", "_")
        if name.endswith("-LIST"):
            first = "XS_LIST"
        iso.add_fp(
            io.BytesIO(data), len(data), f"{cut}/{first}.{extension[:3].upper()};1", **named(name)
        )

    made: set[str] = set()
    folder("/boot")
    folder("/boot/isolinux")
    file("/boot/isolinux/isolinux.bin", _BOOT_LOADER)
    file("/boot/xen.gz", b"xen")
    file("/boot/vmlinuz", b"linux")
    file("/install.img", b"installer")
    if treeinfo is not None:
        file("/.treeinfo", treeinfo.format(product=product, version=version).encode())
    if isolinux is not None:
        file("/boot/isolinux/isolinux.cfg", isolinux.encode())
    for name, text in (files or {}).items():
        parent = name.rpartition("/")[0]
        if parent and parent not in made:
            made.add(parent)
            folder(parent)
        file(name, text.encode())
    iso.add_eltorito(
        "/BOOT/ISOLINUX/ISOLINUX.BIN;1",
        bootcatfile="/BOOT/ISOLINUX/BOOT.CAT;1",
        rr_bootcatname="boot.cat",
        joliet_bootcatfile="/boot/isolinux/boot.cat" if joliet else None,
        boot_info_table=True,
    )
    if grub is not None:
        folder("/EFI")
        folder("/EFI/xenserver")
        file("/EFI/xenserver/grub.cfg", grub.encode())
        file("/boot/efiboot.img", b"\0" * 4096)
        iso.add_eltorito("/BOOT/EFIBOOT.IMG;1", efi=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    iso.write(str(path))
    iso.close()
    return path


def _cut(folder: str) -> str:
    """A folder's name in the primary tree."""
    first, _, last = folder.upper().partition(".")
    return (first[:4] + last[:4]) if last else first[:8]


@pytest.fixture
def iso_file(tmp_path: Path) -> Path:
    """An ISO of XCP-ng 8.3, at a path that wants quoting."""
    return vendor_iso(tmp_path / "niño's ISOs" / "xcp-ng-8.3.0.iso")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", help="write the golden files anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the golden file of that name."""

    def compare(name: str, text: str) -> None:
        file = GOLDEN / name
        if request.config.getoption("--regenerate", default=False):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
        assert text == file.read_bytes().decode(), "pytest tests/media --regenerate rewrites it"

    return compare
