"""VM: settings that are more than a field that may be written."""

from typing import Any

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.vms import memory as vm_memory
from labkit.sim.xapi.vms.lifecycle import RUNNING, SUSPENDED, assert_possible, bad_power_state

_PLAIN = (
    *("start_delay", "shutdown_delay", "order", "actions_after_crash", "domain_type"),
    *("HVM_boot_policy", "has_vendor_device", "blocked_operations", "ha_restart_priority"),
    *("ha_always_run", "NVRAM", "bios_strings"),
)
_MAPS = ("blocked_operations", "NVRAM")


def _settable(field: str) -> None:
    @message(f"VM.set_{field}")
    def set_field(call: Call, vm: str, value: Any) -> None:
        call.db.put("VM", vm, **{field: value})


def _map(field: str) -> None:
    @message(f"VM.add_to_{field}")
    def add(call: Call, vm: str, key: str, value: str) -> None:
        entries = call.db.get("VM", vm, field)
        if key in entries:
            raise Failure("MAP_DUPLICATE_KEY", "VM", field, vm, key)
        call.db.put("VM", vm, **{field: {**entries, key: value}})

    @message(f"VM.remove_from_{field}")
    def remove(call: Call, vm: str, key: str) -> None:
        entries = call.db.get("VM", vm, field)
        entries.pop(key, None)
        call.db.put("VM", vm, **{field: entries})


for _field in _PLAIN:
    _settable(_field)
for _field in _MAPS:
    _map(_field)


@message("VM.set_suspend_VDI")
def set_suspend_vdi(call: Call, vm: str, value: str) -> None:
    state = call.db.get("VM", vm, "power_state")
    if state != SUSPENDED:
        raise bad_power_state(vm, (SUSPENDED,), state)
    call.db.get("VDI", value, "uuid")
    call.db.put("VM", vm, suspend_VDI=value)


@message("VM.set_VCPUs_max")
def set_vcpus_max(call: Call, vm: str, value: int) -> None:
    _vcpus(call, vm, VCPUs_max=value)


@message("VM.set_VCPUs_at_startup")
def set_vcpus_at_startup(call: Call, vm: str, value: int) -> None:
    _vcpus(call, vm, VCPUs_at_startup=value)


def _vcpus(call: Call, vm: str, **changed: int) -> None:
    assert_possible(call.db, vm, "changing_VCPUs")
    names = ("VCPUs_at_startup", "VCPUs_max")
    at_startup, most = ((call.db.record("VM", vm) | changed)[name] for name in names)
    [(name, value)] = changed.items()
    if not 0 < at_startup <= most:
        raise Failure("INVALID_VALUE", name, str(value))
    call.db.put("VM", vm, **changed)
    vm_memory.note(call.db, vm)


@message("VM.set_VCPUs_number_live")
def set_vcpus_number_live(call: Call, vm: str, count: int) -> None:
    assert_possible(call.db, vm, "changing_VCPUs_live")
    if not 0 < count <= call.db.get("VM", vm, "VCPUs_max"):
        raise Failure("INVALID_VALUE", "VCPUs_number", str(count))
    call.db.put("VM_metrics", call.db.get("VM", vm, "metrics"), VCPUs_number=count)


@message("VM.add_to_VCPUs_params_live")
def add_to_vcpus_params_live(call: Call, vm: str, key: str, value: str) -> None:
    assert_possible(call.db, vm, "changing_VCPUs_live")
    params = call.db.get("VM", vm, "VCPUs_params")
    call.db.put("VM", vm, VCPUs_params={**params, key: value})


@message("VM.set_HVM_shadow_multiplier")
def set_hvm_shadow_multiplier(call: Call, vm: str, value: float) -> None:
    assert_possible(call.db, vm, "changing_shadow_memory")
    call.db.put("VM", vm, HVM_shadow_multiplier=value)
    vm_memory.note(call.db, vm)


@message("VM.set_shadow_multiplier_live")
def set_shadow_multiplier_live(call: Call, vm: str, value: float) -> None:
    assert_possible(call.db, vm, "changing_shadow_memory_live")
    call.db.put("VM", vm, HVM_shadow_multiplier=value)
    call.db.put("VM", vm, memory_overhead=vm_memory.overhead(call.db, vm))
    vm_memory.account(call.db, call.db.get("VM", vm, "resident_on"))


@message("VM.set_memory_dynamic_max")
def set_memory_dynamic_max(call: Call, vm: str, value: int) -> None:
    _limits(call, vm, "changing_dynamic_range", memory_dynamic_max=value)


@message("VM.set_memory_dynamic_min")
def set_memory_dynamic_min(call: Call, vm: str, value: int) -> None:
    _limits(call, vm, "changing_dynamic_range", memory_dynamic_min=value)


@message("VM.set_memory_dynamic_range")
def set_memory_dynamic_range(call: Call, vm: str, least: int, most: int) -> None:
    limits = {"memory_dynamic_min": least, "memory_dynamic_max": most}
    _limits(call, vm, "changing_dynamic_range", **limits)


@message("VM.set_memory_static_max")
def set_memory_static_max(call: Call, vm: str, value: int) -> None:
    _limits(call, vm, "changing_static_range", memory_static_max=value)


@message("VM.set_memory_static_min")
def set_memory_static_min(call: Call, vm: str, value: int) -> None:
    _limits(call, vm, "changing_static_range", memory_static_min=value)


@message("VM.set_memory_static_range")
def set_memory_static_range(call: Call, vm: str, least: int, most: int) -> None:
    limits = {"memory_static_min": least, "memory_static_max": most}
    _limits(call, vm, "changing_static_range", **limits)


@message("VM.set_memory_limits")
def set_memory_limits(
    call: Call, vm: str, static_min: int, static_max: int, dynamic_min: int, dynamic_max: int
) -> None:
    _limits(
        call,
        vm,
        "changing_memory_limits",
        memory_static_min=static_min,
        memory_static_max=static_max,
        memory_dynamic_min=dynamic_min,
        memory_dynamic_max=dynamic_max,
    )


@message("VM.set_memory")
def set_memory(call: Call, vm: str, value: int) -> None:
    """All of it, always."""
    names = ("memory_static_max", "memory_dynamic_min", "memory_dynamic_max")
    least = min(value, call.db.get("VM", vm, "memory_static_min"))
    limits = dict.fromkeys(names, value) | {"memory_static_min": least}
    _limits(call, vm, "changing_memory_limits", **limits)


@message("VM.set_memory_target_live")
def set_memory_target_live(call: Call, vm: str, target: int) -> None:
    assert_possible(call.db, vm, "changing_memory_live")
    _give(call, vm, target)


@message("VM.wait_memory_target_live")
def wait_memory_target_live(call: Call, vm: str) -> None:
    """A pretend balloon is blown up at once."""
    assert_possible(call.db, vm, "awaiting_memory_live")


def _limits(call: Call, vm: str, operation: str, **changed: int) -> None:
    assert_possible(call.db, vm, operation)
    vm_memory.assert_ordered(call.db, vm, **changed)
    call.db.put("VM", vm, **changed)
    if call.db.get("VM", vm, "power_state") == RUNNING:
        _give(call, vm, call.db.get("VM", vm, "memory_dynamic_max"))
    else:
        vm_memory.note(call.db, vm)


def _give(call: Call, vm: str, target: int) -> None:
    call.db.put("VM", vm, memory_target=target)
    metrics, host = call.db.get("VM", vm, "metrics"), call.db.get("VM", vm, "resident_on")
    if call.db.has("VM_metrics", metrics):
        call.db.put("VM_metrics", metrics, memory_actual=target)
    if host != NULL:
        vm_memory.account(call.db, host)
