"""VBD: disks and drives of VMs."""

from typing import Any

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.constructors import given
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.storage.repositories import seen_by
from labkit.sim.xapi.vms.devices import assert_device, free_devices, remove, why_not
from labkit.sim.xapi.vms.lifecycle import HALTED, domain_type


@message("VBD.create")
def create(call: Call, record: dict[str, Any]) -> str:
    db = call.db
    fields = given(db, "VBD", record, "VM", "userdevice", "mode", "type", "empty")
    vm, disk = fields["VM"], fields.setdefault("VDI", NULL)
    if fields["empty"]:
        disk = fields["VDI"] = NULL
        if fields["type"] != "CD":
            raise Failure("VBD_NOT_REMOVABLE_MEDIA", NULL)
    elif not db.has("VDI", disk):
        raise Failure("HANDLE_INVALID", "VDI", disk)
    elif db.get("VDI", disk, "read_only") and fields["mode"] == "RW":
        raise Failure("VDI_READONLY", disk)
    if fields["type"] == "CD" and fields["mode"] == "RW":
        raise Failure("VBD_CDS_MUST_BE_READONLY")
    if fields["type"] == "Disk" and fields["mode"] == "RO" and domain_type(db, vm) == "hvm":
        raise Failure("DISK_VBD_MUST_BE_READWRITE_FOR_HVM", NULL)
    if fields["userdevice"] == "autodetect":
        fields["userdevice"] = next(iter(free_devices(db, vm, "VBD")), "")
    assert_device(db, vm, "VBD", fields["userdevice"])
    fields |= {"currently_attached": False, "device": ""}
    return db.create("VBD", **fields, metrics=db.create("VBD_metrics"))


@message("VBD.destroy")
def destroy(call: Call, vbd: str) -> None:
    _assert_idle(call, vbd)
    if call.db.get("VBD", vbd, "currently_attached") and _vm_runs(call, vbd):
        uuid = call.db.get("VBD", vbd, "uuid")
        raise Failure("OPERATION_NOT_ALLOWED", f"VBD '{uuid}' is still attached")
    remove(call.db, "VBD", vbd)


@message("VBD.plug")
def plug(call: Call, vbd: str) -> None:
    _assert_possible(call, vbd, "plug")
    _assert_seen(call, vbd, call.db.get("VBD", vbd, "VDI"))
    call.db.put("VBD", vbd, currently_attached=True)


@message("VBD.unplug")
def unplug(call: Call, vbd: str) -> None:
    _assert_possible(call, vbd, "unplug")
    if not call.db.get("VBD", vbd, "unpluggable"):
        raise Failure("VBD_NOT_UNPLUGGABLE", vbd)
    call.db.put("VBD", vbd, currently_attached=False)


@message("VBD.unplug_force")
def unplug_force(call: Call, vbd: str) -> None:
    _assert_possible(call, vbd, "unplug_force")
    call.db.put("VBD", vbd, currently_attached=False)


@message("VBD.insert")
def insert(call: Call, vbd: str, disc: str) -> None:
    db = call.db
    _assert_possible(call, vbd, "insert")
    sr = db.get("VDI", disc, "SR")
    if db.get("SR", sr, "content_type") != "iso":
        raise Failure("VDI_INCOMPATIBLE_TYPE", disc, db.get("VDI", disc, "type"))
    if _vm_runs(call, vbd):
        _assert_seen(call, vbd, disc)
    db.put("VBD", vbd, VDI=disc, empty=False)


@message("VBD.eject")
def eject(call: Call, vbd: str) -> None:
    _assert_possible(call, vbd, "eject")
    call.db.put("VBD", vbd, VDI=NULL, empty=True)


@message("VBD.assert_attachable")
def assert_attachable(call: Call, vbd: str) -> None:
    _assert_possible(call, vbd, "attach")


@message("VBD.set_mode")
def set_mode(call: Call, vbd: str, mode: str) -> None:
    vm = call.db.get("VBD", vbd, "VM")
    state = call.db.get("VM", vm, "power_state")
    if state != HALTED:
        raise Failure("VM_BAD_POWER_STATE", vm, "halted", state.lower())
    call.db.put("VBD", vbd, mode=mode)


def _assert_possible(call: Call, vbd: str, operation: str) -> None:
    reason = why_not(call.db, "VBD", vbd, operation)
    if reason is not None:
        raise reason


def _assert_idle(call: Call, vbd: str) -> None:
    for task, other in call.db.get("VBD", vbd, "current_operations").items():
        raise Failure("OTHER_OPERATION_IN_PROGRESS", "VBD", vbd, other, task)


def _assert_seen(call: Call, vbd: str, disk: str) -> None:
    """The VM's host has to see what is attached to it, and nobody else may write to it."""
    db = call.db
    if not db.has("VDI", disk):
        return
    sr, host = db.get("VDI", disk, "SR"), db.get("VM", db.get("VBD", vbd, "VM"), "resident_on")
    if db.has("host", host) and sr not in seen_by(db, host):
        raise Failure("VM_REQUIRES_SR", db.get("VBD", vbd, "VM"), sr)
    others = [each for each in db.get("VDI", disk, "VBDs") if each != vbd]
    writes = db.get("VBD", vbd, "mode") == "RW" and not db.get("VDI", disk, "sharable")
    if writes and any(db.get("VBD", each, "currently_attached") for each in others):
        raise Failure("VDI_IN_USE", disk, "attach")


def _vm_runs(call: Call, vbd: str) -> bool:
    vm = call.db.get("VBD", vbd, "VM")
    return call.db.has("VM", vm) and call.db.get("VM", vm, "power_state") != HALTED
