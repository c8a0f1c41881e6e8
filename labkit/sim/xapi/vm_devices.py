"""The slots of a VM's devices."""

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.vm_lifecycle import domain_type

_HVM_DISKS, _PV_DISKS, _INTERFACES = 16, 255, 16


def slots(db: Database, vm: str, of: str) -> int:
    """How many devices of a class there may be."""
    if of == "VIF":
        return _INTERFACES
    return _HVM_DISKS if domain_type(db, vm) == "hvm" else _PV_DISKS


def free_devices(db: Database, vm: str, of: str) -> list[str]:
    """The slots nothing is in."""
    field = "userdevice" if of == "VBD" else "device"
    taken = {db.get(of, device, field) for device in db.get("VM", vm, f"{of}s")}
    return [str(slot) for slot in range(slots(db, vm, of)) if str(slot) not in taken]
