"""VM: virtual machines, by topic in the files beside this one."""

from labkit.sim.xapi.messages import (
    vm_copy,
    vm_create,
    vm_migrate,
    vm_power,
    vm_questions,
    vm_send,
    vm_settings,
    vm_suspend,
)

__all__ = [
    "vm_copy",
    "vm_create",
    "vm_migrate",
    "vm_power",
    "vm_questions",
    "vm_send",
    "vm_settings",
    "vm_suspend",
]
