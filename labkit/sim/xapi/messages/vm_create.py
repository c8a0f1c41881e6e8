"""VM: making one from a record, and removing one."""

from typing import Any

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.constructors import given
from labkit.sim.xapi.database import new_uuid
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.pools import Pool
from labkit.sim.xapi.vms import devices as vm_devices
from labkit.sim.xapi.vms import life as vm_life
from labkit.sim.xapi.vms import memory as vm_memory
from labkit.sim.xapi.vms.lifecycle import assert_possible

_NOT_WRITTEN = {"power_state", "suspend_VDI", "last_boot_CPU_flags", "last_booted_record"}
"""What a record may say, and is not what becomes of the new VM."""


@message("VM.create")
def create(call: Call, record: dict[str, Any]) -> str:
    """A halted VM. Nearly everything is judged when it is started."""
    fields = given(call.db, "VM", record)
    for name, field in call.db.model.known("VM").fields.items():
        gone = field.kind.name == "ref" and not call.db.has(field.kind.of, fields.get(name, ""))
        if name in _NOT_WRITTEN or gone:
            fields.pop(name, None)
    fields.setdefault("name_label", "")
    fields["other_config"] = {"mac_seed": new_uuid(), **fields.get("other_config", {})}
    fields.setdefault("HVM_shadow_multiplier", 1.0)
    size = call.db.create("VM_metrics", VCPUs_number=fields.get("VCPUs_at_startup", 0))
    vm = call.db.create("VM", **fields, power_state="Halted", domid=-1, metrics=size)
    vm_memory.note(call.db, vm)
    return vm


@message("VM.destroy")
def destroy(call: Call, vm: str) -> None:
    """Its disks stay."""
    db = call.db
    if db.get("VM", vm, "is_control_domain"):
        raise Failure("OPERATION_NOT_ALLOWED", "A control domain cannot be destroyed")
    assert_possible(db, vm, "destroy")
    metrics = db.get("VM", vm, "metrics")
    for of in ("VBD", "VIF"):
        for device in db.get("VM", vm, f"{of}s"):
            vm_devices.remove(db, of, device)
    # Its snapshots outlive it, as nobody's.
    for field in ("snapshot_of", "parent"):
        for other in db.where("VM", **{field: vm}):
            db.put("VM", other, **{field: NULL})
    vm_life.drop_image(Pool.of(call), vm)
    if db.has("VM_metrics", metrics):
        db.destroy("VM_metrics", metrics)
    db.destroy("VM", vm)


@message("VM.set_is_a_template")
def set_is_a_template(call: Call, vm: str, value: bool) -> None:
    if value:
        assert_possible(call.db, vm, "make_into_template")
    call.db.put("VM", vm, is_a_template=value)


@message("VM.update_allowed_operations")
def update_allowed_operations(call: Call, vm: str) -> None:
    """They are always up to date here."""
    call.db.get("VM", vm, "uuid")


@message("VM.assert_operation_valid")
def assert_operation_valid(call: Call, vm: str, operation: str) -> None:
    assert_possible(call.db, vm, operation)
