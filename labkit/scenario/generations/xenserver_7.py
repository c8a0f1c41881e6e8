"""XenServer 7.0 to 7.6, of 2016 to 2018: CentOS 7, systemd, UEFI, larger partitions."""

from labkit.scenario.generations.generation import (
    CONSOLES,
    INTERPRETERS,
    UNATTENDED,
    Generation,
)

XENSERVER_7 = Generation(
    name="xenserver-7",
    product="XenServer",
    versions="7",
    iso_name="XenServer-7.6.0-install-cd.iso",
    marker=".treeinfo",
    isolinux="/boot/isolinux/isolinux.cfg",
    grub="/EFI/xenserver/grub.cfg",
    parameters=("install", *UNATTENDED),
    consoles=CONSOLES,
    sr_types=("ext", "lvm"),
    default_sr="lvm",
    ntp_source=None,
    # Services came with 8.0: here the element would be passed over in silence.
    services=False,
    smallest_disk_mib=46 * 1024,
    memory_mib=4096,
    disks=r"(sd|xvd|vd)[a-z]|nvme[0-9]n[0-9]",
    root_hashes=("$6$",),
    interpreters=INTERPRETERS,
    init="systemd",
    timezones=2016,
)
