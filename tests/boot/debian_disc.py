"""Debian's netinst ISO with another installer in it: it boots as Debian's does, and its start-up
does with the CD what the installer's does.

Made with the options Debian makes its own with. What a processor runs comes from Debian's
packages, as `parts` and `debian-parts` gather them.
"""

import shutil
import subprocess
from pathlib import Path

from labkit.media.iso import VendorIso, inspect

_FILES = {
    ".disk/info": 'Debian GNU/Linux 12.7.0 "Bookworm" - Official amd64 NETINST 20240831-10:38',
    "isolinux/isolinux.cfg": "path\ninclude menu.cfg\ndefault vesamenu.c32\nprompt 0\ntimeout 0\n",
    # Never by itself: who sees this on a screen sees that it was not replaced.
    "boot/grub/grub.cfg": "menuentry 'Install' {\n linux /install.amd/vmlinuz --- quiet\n}\n",
    # Names of Debian's own, which an ISO of 1999 would cut.
    "pool/main/n/nfs-utils/nfs-kernel-server_2.6.2-4+deb12u1~test_amd64.deb": "a package",
}
_OPTIONS = (
    *("-r", "-checksum_algorithm_iso", "sha256", "-V", "Debian 12.7.0 amd64 n"),
    *("-J", "-joliet-long", "-cache-inodes", "-b", "isolinux/isolinux.bin"),
    *("-c", "isolinux/boot.cat", "-boot-load-size", "4", "-boot-info-table", "-no-emul-boot"),
    *("-eltorito-alt-boot", "-e", "boot/grub/efi.img", "-no-emul-boot"),
    *("-isohybrid-gpt-basdat", "-isohybrid-apm-hfsplus"),
)


def write_debian_disc(path: Path, parts: Path, debian: Path) -> VendorIso:
    """Write an ISO made of those parts."""
    path.parent.mkdir(parents=True)
    tree = path.with_suffix(".tree")
    for name, text in _FILES.items():
        file = tree / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tree / "debian").symlink_to(".")
    for module in (parts / "syslinux").iterdir():
        shutil.copy(module, tree / "isolinux" / module.name)
    (tree / "install.amd").mkdir()
    shutil.copy(parts / "vmlinuz", tree / "install.amd/vmlinuz")
    shutil.copy(debian / "start-up.gz", tree / "install.amd/initrd.gz")
    image = tree / "boot/grub/efi.img"
    _run("mkfs.vfat", "-C", image, "2880")
    _run("mmd", "-i", image, "::EFI", "::EFI/BOOT")
    _run("mcopy", "-i", image, debian / "bootx64.efi", "::EFI/BOOT/BOOTX64.EFI")
    _run("xorriso", "-as", "mkisofs", "-quiet", *_OPTIONS, "-o", path, tree)
    shutil.rmtree(tree)
    return inspect(path)


def _run(*words: str | Path) -> None:
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words[0]}: {done.stderr}"
