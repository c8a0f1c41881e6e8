"""A stand-in for Debian's netinst ISO: its layout and its configuration files, not its software."""

from pathlib import Path

from labkit.sim.vendor_iso import Boots, filler, write_image

LABEL = "Debian 12.9.0 n"
INFO = 'Debian GNU/Linux 12.9.0 "Bookworm" - Official amd64 NETINST with firmware 20250111-10:53'
_ABOUT = "labkit's stand-in for Debian's netinst ISO: it installs nothing on a real computer.\n"
_BOOTS = Boots(bios="isolinux/isolinux.bin", catalog="isolinux/boot.cat", efi="boot/grub/efi.img")
_KERNEL, _INITRD = "/install.amd/vmlinuz", "/install.amd/initrd.gz"


def write_debian_iso(path: Path) -> None:
    """Write the stand-in; whole or not at all."""
    write_image(path, LABEL, _files(), _BOOTS)


def _files() -> dict[str, bytes]:
    texts = {
        ".disk/info": INFO,
        ".disk/base_installable": "",
        ".disk/cd_type": "not_complete\n",
        "README.txt": _ABOUT,
        # A menu of several files, as Debian has it.
        "isolinux/isolinux.cfg": "# D-I config version 2.0\npath \ninclude menu.cfg\n"
        "default vesamenu.c32\nprompt 0\ntimeout 0\n",
        "isolinux/menu.cfg": "menu hshift 4\nmenu width 70\ninclude txt.cfg\n",
        "isolinux/txt.cfg": "label install\n\tmenu label ^Install\n"
        f"\tkernel {_KERNEL}\n\tappend vga=788 initrd={_INITRD} --- quiet \n",
        "boot/grub/grub.cfg": "set theme=/boot/grub/theme/1\n"
        "menuentry --hotkey=i 'Install' {\n"
        f"    linux    {_KERNEL} vga=788 --- quiet \n    initrd   {_INITRD}\n}}\n",
        "dists/bookworm/Release": "Origin: Debian\nSuite: stable\nCodename: bookworm\n",
    }
    return {
        **{name: text.encode() for name, text in texts.items()},
        "isolinux/isolinux.bin": filler("isolinux.bin", 24),
        "isolinux/vesamenu.c32": filler("vesamenu.c32", 8),
        "boot/grub/efi.img": filler("efi.img", 64),
        "install.amd/vmlinuz": filler("vmlinuz", 64),
        "install.amd/initrd.gz": filler("initrd.gz", 64),
    }
