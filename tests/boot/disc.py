"""The vendor's ISO with real code in it: it boots, and its start-up does what the vendor's does.

Layout, names, markers and boot configurations are those of the pretend computer's stand-in. What
a processor runs comes from Debian's packages, as `parts` gathers them.
"""

import bz2
import gzip
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from labkit.media.iso import VendorIso, inspect
from labkit.sim.vendor_iso import write_vendor_iso

PACKED: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "bzip2": bz2.compress}
_ISOLINUX = "boot/isolinux"
_EFI = "boot/efiboot.img"


def write_disc(path: Path, generation: str, packed: str, parts: Path) -> VendorIso:
    """An ISO of a generation, its installer packed that way, made of those parts."""
    path.parent.mkdir(parents=True)
    stand_in = path.with_suffix(".stand-in.iso")
    write_vendor_iso(stand_in, generation)
    vendor = inspect(stand_in)
    tree = path.with_suffix(".tree")
    _run("xorriso", "-osirrox", "on", "-indev", stand_in, "-extract", "/", tree)
    _run("chmod", "--recursive", "u+w", tree)
    for name in ("xen.gz", "vmlinuz"):
        shutil.copy(parts / name, tree / "boot" / name)
    for module in (parts / "syslinux").iterdir():
        shutil.copy(module, tree / _ISOLINUX / module.name)
    installer = (parts / "initramfs.cpio").read_bytes()
    (tree / "install.img").write_bytes(PACKED[packed](installer))
    if vendor.grub is not None:
        _write_efi_image(tree, parts, vendor.grub.text)
    _write_iso(path, tree, vendor)
    if vendor.grub is not None:
        # The vendor's media for UEFI have a partition table too, for sticks.
        _run(parts / "isohybrid", "--uefi", path)
    shutil.rmtree(tree)
    return inspect(path)


def _write_efi_image(tree: Path, parts: Path, config: str) -> None:
    """What a computer with UEFI starts: grub, and a configuration for firmware that shows grub
    nothing of the CD but this image."""
    image = tree / _EFI
    image.unlink()
    own = tree.with_suffix(".grub.cfg")
    own.write_text(f"search --file --set /install.img\n{config}")
    _run("mkfs.vfat", "-C", image, "2880")
    _run("mmd", "-i", image, "::EFI", "::EFI/BOOT", "::EFI/xenserver")
    _run("mcopy", "-i", image, parts / "bootx64.efi", "::EFI/BOOT/BOOTX64.EFI")
    _run("mcopy", "-i", image, own, "::EFI/xenserver/grub.cfg")


def _write_iso(path: Path, tree: Path, vendor: VendorIso) -> None:
    """With the vendor's own options; ISO level 1 cuts `EFI/xenserver` to `EFI/XENSERVE`."""
    uefi = ("-eltorito-alt-boot", "--efi-boot", _EFI, "-no-emul-boot") if vendor.grub else ()
    options = (
        *("-iso-level", "1", "-r", "-J", "-joliet-long", "-V", vendor.volume_id),
        *("-c", f"{_ISOLINUX}/boot.cat", "-b", f"{_ISOLINUX}/isolinux.bin"),
        *("-no-emul-boot", "-boot-load-size", "4", "-boot-info-table", *uefi),
    )
    _run("xorriso", "-as", "mkisofs", "-quiet", *options, "-o", path, tree)


def _run(*words: str | Path) -> None:
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words[0]}: {done.stderr}"
