"""The devices of a VM: its slots, and what may be done with what is in them."""

from labkit.sim.xapi.database import Database, follows
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.vm_lifecycle import (
    HALTED,
    PAUSED,
    RUNNING,
    SUSPENDED,
    bad_power_state,
    domain_type,
)

_HVM_DISKS, _PV_DISKS, _INTERFACES = 16, 255, 16
_OPERATIONS = {
    "VBD": ("attach", "eject", "insert", "plug", "unplug", "unplug_force"),
    "VIF": ("attach", "plug", "unplug"),
}


def slots(db: Database, vm: str, of: str) -> int:
    """How many devices of a class there may be."""
    if of == "VIF":
        return _INTERFACES
    return _HVM_DISKS if domain_type(db, vm) == "hvm" else _PV_DISKS


def free_devices(db: Database, vm: str, of: str) -> list[str]:
    """The slots nothing is in."""
    taken = _taken(db, vm, of)
    return [str(slot) for slot in range(slots(db, vm, of)) if str(slot) not in taken]


def assert_device(db: Database, vm: str, of: str, device: str) -> None:
    """Raises INVALID_DEVICE or DEVICE_ALREADY_EXISTS unless something can be put there."""
    if not device.isdecimal() or int(device) >= slots(db, vm, of):
        raise Failure("INVALID_DEVICE", device)
    if device in _taken(db, vm, of):
        raise Failure("DEVICE_ALREADY_EXISTS", device)


def why_not(db: Database, of: str, device: str, operation: str) -> Failure | None:
    """Why something cannot be done with a VBD or VIF now; None: it can."""
    for task, other in db.get(of, device, "current_operations").items():
        return Failure("OTHER_OPERATION_IN_PROGRESS", of, device, other, task)
    vm = db.get(of, device, "VM")
    state = db.get("VM", vm, "power_state") if db.has("VM", vm) else HALTED
    attached = db.get(of, device, "currently_attached")
    if operation in ("insert", "eject"):
        return _why_not_its_medium(db, device, operation, vm, state)
    possible: tuple[str, ...] = (RUNNING, PAUSED)
    if operation == "attach":
        possible = (RUNNING, PAUSED, HALTED)
    if state not in possible:
        return bad_power_state(vm, possible, state)
    if operation in ("plug", "attach") and attached:
        return Failure("DEVICE_ALREADY_ATTACHED", device)
    if operation.startswith("unplug") and not attached:
        return Failure("DEVICE_ALREADY_DETACHED", device)
    fixed = of == "VBD" and db.get("VBD", device, "type") == "CD" and operation != "attach"
    if fixed and domain_type(db, vm) == "hvm":
        return Failure("OPERATION_NOT_ALLOWED", "A CD drive of an HVM guest cannot be hotplugged")
    return None


def _why_not_its_medium(
    db: Database, vbd: str, operation: str, vm: str, state: str
) -> Failure | None:
    if db.get("VBD", vbd, "type") != "CD":
        return Failure("VBD_NOT_REMOVABLE_MEDIA", vbd)
    if state == SUSPENDED:
        return bad_power_state(vm, (RUNNING, PAUSED, HALTED), state)
    if operation == "insert" and not db.get("VBD", vbd, "empty"):
        return Failure("VBD_NOT_EMPTY", vbd)
    if operation == "eject" and db.get("VBD", vbd, "empty"):
        return Failure("VBD_IS_EMPTY", vbd)
    return None


def _taken(db: Database, vm: str, of: str) -> set[str]:
    field = "userdevice" if of == "VBD" else "device"
    return {db.get(of, device, field) for device in db.get("VM", vm, f"{of}s")}


@follows("VBD", "allowed_operations")
def _of_vbd(db: Database, vbd: str) -> list[str]:
    return _allowed(db, "VBD", vbd)


@follows("VIF", "allowed_operations")
def _of_vif(db: Database, vif: str) -> list[str]:
    return _allowed(db, "VIF", vif)


def _allowed(db: Database, of: str, device: str) -> list[str]:
    return [each for each in _OPERATIONS[of] if why_not(db, of, device, each) is None]
