"""The templates every host brings: what a client clones to make a VM of a known kind."""

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.vms.memory import MIB, note

_GIB = 1024 * MIB


@dataclass(frozen=True)
class Template:
    """One kind of operating system."""

    name: str
    distro: str = ""
    """How its installer is spoken to; empty: nobody knows what will be installed."""
    memory: int = 2 * _GIB
    disk: int = 10 * _GIB
    vcpus: int = 1


STOCK = (
    Template("Other install media", memory=1 * _GIB, disk=0),
    Template("Debian Bullseye 11", "debianlike"),
    Template("Debian Bookworm 12", "debianlike"),
    Template("Ubuntu Jammy Jellyfish 22.04", "debianlike", memory=4 * _GIB),
    Template("CentOS 7", "rhlike"),
    Template("AlmaLinux 9", "rhlike", memory=4 * _GIB),
)


def install(db: Database) -> None:
    """Write the stock templates down."""
    for template in STOCK:
        vm = db.create("VM", **_fields(template))
        note(db, vm)


def _fields(template: Template) -> dict[str, object]:
    said = {"default_template": "true", "install-methods": "cdrom"}
    if template.distro:
        said |= {
            "linux_template": "true",
            "install-distro": template.distro,
            "install-methods": "cdrom,nfs,http,ftp",
        }
    if template.disk:
        said["disks"] = _disks(template.disk)
    return {
        "name_label": template.name,
        "name_description": f"Template for VMs with {template.name}",
        "reference_label": template.name.lower().replace(" ", "-"),
        "is_a_template": True,
        "is_default_template": True,
        "domid": -1,
        "memory_static_max": template.memory,
        "memory_dynamic_max": template.memory,
        "memory_dynamic_min": template.memory,
        "memory_static_min": template.memory // 4,
        "VCPUs_max": template.vcpus,
        "VCPUs_at_startup": template.vcpus,
        "actions_after_reboot": "restart",
        "actions_after_crash": "restart",
        "HVM_boot_policy": "BIOS order",
        "HVM_boot_params": {"order": "cdn"},
        "platform": {"acpi": "1", "apic": "true", "nx": "true", "pae": "true", "viridian": "false"},
        "other_config": said,
        "recommendations": "<restrictions/>",
    }


def _disks(size: int) -> str:
    """Where they go is for the client to fill in."""
    disk = {"device": "0", "size": str(size), "sr": "", "bootable": "true", "type": "system"}
    said = " ".join(f"{name}={quoteattr(value)}" for name, value in disk.items())
    return f"<provision><disk {said}/></provision>"
