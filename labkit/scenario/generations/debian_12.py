"""Debian 12 (bookworm), of 2023: the installer of its netinst ISO."""

from labkit.scenario.generations.debian import DebianInstaller

DEBIAN_12 = DebianInstaller(
    name="debian-12",
    product="Debian GNU/Linux",
    versions="12",
    iso_name="debian-12-amd64-netinst.iso",
    marker=".disk/info",
    isolinux="/isolinux/isolinux.cfg",
    grub="/boot/grub/grub.cfg",
    kernel="/install.amd/vmlinuz",
    initrd="/install.amd/initrd.gz",
    parameters=(
        "auto=true",
        "priority=critical",
        "file=/cdrom/labkit/preseed.cfg",
        "DEBIAN_FRONTEND=text",
        "console=tty0",
        "console=ttyS0,115200n8",
    ),
    smallest_disk_mib=8 * 1024,
    memory_mib=1024,
    disks=r"(sd|vd|xvd)[a-z]|nvme[0-9]n[0-9]",
    timezones=2023,
)
