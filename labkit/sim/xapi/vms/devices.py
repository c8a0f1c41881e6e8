"""The devices of a VM: its slots, and what may be done with what is in them."""

from dataclasses import dataclass
from functools import lru_cache

from labkit.sim.xapi.database import Database, follows
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.vms.lifecycle import (
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


def remove(db: Database, of: str, device: str) -> None:
    """Remove a device, and what was measured of it."""
    metrics = db.get(of, device, "metrics")
    db.destroy(of, device)
    if db.has(f"{of}_metrics", metrics):
        db.destroy(f"{of}_metrics", metrics)


def why_not(db: Database, of: str, device: str, operation: str) -> Failure | None:
    """Why something cannot be done with a VBD or VIF now; None: it can."""
    for task, other in db.get(of, device, "current_operations").items():
        return Failure("OTHER_OPERATION_IN_PROGRESS", of, device, other, task)
    look = _looked_at(db, of, device)
    return look.why_not(device, db.get(of, device, "VM"), operation)


@dataclass(frozen=True, slots=True)
class _Look:
    """What is judged of a device; those that look alike may do the same."""

    state: str
    """The VM's power state."""
    attached: bool
    drive: bool
    empty: bool
    hvm: bool

    def why_not(self, device: str, vm: str, operation: str) -> Failure | None:
        if operation in ("insert", "eject"):
            return self._why_not_its_medium(device, vm, operation)
        possible: tuple[str, ...] = (RUNNING, PAUSED)
        if operation == "attach":
            possible = (RUNNING, PAUSED, HALTED)
        if self.state not in possible:
            return bad_power_state(vm, possible, self.state)
        if operation in ("plug", "attach") and self.attached:
            return Failure("DEVICE_ALREADY_ATTACHED", device)
        if operation.startswith("unplug") and not self.attached:
            return Failure("DEVICE_ALREADY_DETACHED", device)
        if self.drive and self.hvm and operation != "attach":
            reason = "A CD drive of an HVM guest cannot be hotplugged"
            return Failure("OPERATION_NOT_ALLOWED", reason)
        return None

    def _why_not_its_medium(self, device: str, vm: str, operation: str) -> Failure | None:
        if not self.drive:
            return Failure("VBD_NOT_REMOVABLE_MEDIA", device)
        if self.state == SUSPENDED:
            return bad_power_state(vm, (RUNNING, PAUSED, HALTED), self.state)
        if operation == "insert" and not self.empty:
            return Failure("VBD_NOT_EMPTY", device)
        if operation == "eject" and self.empty:
            return Failure("VBD_IS_EMPTY", device)
        return None


def _looked_at(db: Database, of: str, device: str) -> _Look:
    vm = db.get(of, device, "VM")
    known = db.has("VM", vm)
    return _Look(
        db.get("VM", vm, "power_state") if known else HALTED,
        attached=db.get(of, device, "currently_attached"),
        drive=of == "VBD" and db.get(of, device, "type") == "CD",
        empty=of == "VBD" and db.get(of, device, "empty"),
        hvm=known and domain_type(db, vm) == "hvm",
    )


@lru_cache(256)
def _possible(of: str, look: _Look) -> tuple[str, ...]:
    return tuple(each for each in _OPERATIONS[of] if look.why_not("", "", each) is None)


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
    if db.get(of, device, "current_operations"):
        return []
    return list(_possible(of, _looked_at(db, of, device)))
