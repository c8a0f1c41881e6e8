"""VM: what clients ask before they do something."""

from typing import Any

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.vms import memory as vm_memory
from labkit.sim.xapi.vms.boot_checks import assert_can_boot_here as assert_here
from labkit.sim.xapi.vms.boot_checks import can_boot_here, required_srs
from labkit.sim.xapi.vms.devices import free_devices
from labkit.sim.xapi.vms.lifecycle import assert_possible


@message("VM.assert_can_boot_here")
def assert_can_boot_here(call: Call, vm: str, host: str) -> None:
    assert_here(call.db, vm, host)


@message("VM.get_possible_hosts")
def get_possible_hosts(call: Call, vm: str) -> list[str]:
    scheduled = call.db.get("VM", vm, "scheduled_to_be_resident_on")
    if scheduled != NULL:
        return [scheduled]
    return [host for host in call.db.refs("host") if can_boot_here(call.db, vm, host, cpu=False)]


@message("VM.get_allowed_VIF_devices")
def get_allowed_vif_devices(call: Call, vm: str) -> list[str]:
    return free_devices(call.db, vm, "VIF")


@message("VM.get_allowed_VBD_devices")
def get_allowed_vbd_devices(call: Call, vm: str) -> list[str]:
    return free_devices(call.db, vm, "VBD")


@message("VM.assert_agile")
def assert_agile(call: Call, vm: str) -> None:
    """Whether it could run on every host: nothing of it is at one host alone."""
    for sr in required_srs(call.db, vm):
        if not call.db.get("SR", sr, "shared"):
            raise Failure("HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED", sr)
    for vif in call.db.get("VM", vm, "VIFs"):
        network = call.db.get("VIF", vif, "network")
        if call.db.has("network", network) and not call.db.get("network", network, "PIFs"):
            raise Failure("HA_CONSTRAINT_VIOLATION_NETWORK_NOT_SHARED", network)


@message("VM.compute_memory_overhead")
def compute_memory_overhead(call: Call, vm: str) -> int:
    return vm_memory.overhead(call.db, vm)


@message("VM.maximise_memory")
def maximise_memory(call: Call, vm: str, total: int, approximate: bool) -> int:
    """How much memory a VM could have so that all it takes is no more than this."""
    step = vm_memory.MIB
    most = total - total % step
    while most > 0 and most + vm_memory.overhead(call.db, vm, static_max=most) > total:
        most -= step
    return max(most, 0)


@message("VM.get_cooperative")
def get_cooperative(call: Call, vm: str) -> bool:
    """Every pretend balloon obeys."""
    call.db.get("VM", vm, "uuid")
    return True


@message("VM.get_boot_record")
def get_boot_record(call: Call, vm: str) -> dict[str, Any]:
    """What it was started as; settings that take effect at once are in it, too."""
    assert_possible(call.db, vm, "get_boot_record")
    return call.db.record("VM", vm)
