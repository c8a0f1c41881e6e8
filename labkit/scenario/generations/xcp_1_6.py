"""XCP 1.6, of 2012: CentOS 5, init scripts, BIOS only, packages listed in XML of its own."""

from labkit.scenario.generations.generation import (
    CONSOLES,
    INTERPRETERS,
    UNATTENDED,
    Generation,
)

XCP_1_6 = Generation(
    name="xcp-1.6",
    product="XCP",
    versions="1.6",
    iso_name="XCP-1.6-61809c.iso",
    marker="XS-REPOSITORY",
    isolinux="/boot/isolinux/isolinux.cfg",
    grub=None,
    # Without `install` it asks a person, answer file or not.
    parameters=("install", *UNATTENDED),
    consoles=CONSOLES,
    sr_types=("ext", "lvm"),
    default_sr="lvm",
    ntp_source=None,
    services=False,
    smallest_disk_mib=12 * 1024,
    memory_mib=2048,
    disks=r"(sd|hd|xvd)[a-z]",
    # CentOS 5 has SHA-512 crypt since its second update; MD5 crypt is what it made itself.
    root_hashes=("$6$", "$1$"),
    interpreters=INTERPRETERS,
    init="sysv",
    timezones=2012,
)
