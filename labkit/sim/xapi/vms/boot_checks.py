"""Whether a VM can run on a host, asked in XAPI's order; the first reason against is told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.storage.repositories import seen_by
from labkit.sim.xapi.vms import memory as vm_memory
from labkit.sim.xapi.vms.lifecycle import HALTED, domain_type

_INTERNAL = "is_host_internal_management_network"
_SHARED = "assume_network_is_shared"


@dataclass(frozen=True)
class Boot:
    """A VM that is to run on a host."""

    db: Database
    vm: str
    host: str

    def vm_has(self, field: str) -> Any:
        return self.db.get("VM", self.vm, field)

    def host_has(self, field: str) -> Any:
        return self.db.get("host", self.host, field)


def assert_can_boot_here(
    db: Database, vm: str, host: str, *, cpu: bool = True, memory: bool = True
) -> None:
    """Raises the first reason against. Without `cpu` and `memory` these are not asked about."""
    boot = Boot(db, vm, host)
    for check in CHECKS:
        if (check is same_cpu and not cpu) or (check is enough_memory and not memory):
            continue
        check(boot)


def can_boot_here(
    db: Database, vm: str, host: str, *, cpu: bool = True, memory: bool = True
) -> bool:
    """The same, as a question."""
    try:
        assert_can_boot_here(db, vm, host, cpu=cpu, memory=memory)
    except Failure:
        return False
    return True


def sane(boot: Boot) -> None:
    vm_memory.assert_ordered(boot.db, boot.vm)
    at_startup, most = boot.vm_has("VCPUs_at_startup"), boot.vm_has("VCPUs_max")
    if not 0 < at_startup <= most:
        raise Failure(
            "INVALID_VALUE", "VCPUs_at_startup", f"{at_startup} is not between 1 and {most}"
        )


def live(boot: Boot) -> None:
    if not boot.db.get("host_metrics", boot.host_has("metrics"), "live"):
        raise Failure("HOST_NOT_LIVE")


def enabled(boot: Boot) -> None:
    if not boot.host_has("enabled"):
        raise Failure("HOST_DISABLED", boot.host)


def same_platform(boot: Boot) -> None:
    offered, wanted = (
        boot.host_has("virtual_hardware_platform_versions"),
        boot.vm_has("hardware_platform_version"),
    )
    if wanted not in offered:
        raise Failure(
            "VM_HOST_INCOMPATIBLE_VIRTUAL_HARDWARE_PLATFORM_VERSION",
            boot.host,
            f"[{'; '.join(map(str, offered))}]",
            boot.vm,
            str(wanted),
        )


def same_cpu(boot: Boot) -> None:
    """A VM that was started sees the processor it was started with."""
    if boot.vm_has("power_state") != HALTED:
        assert_cpu(boot.db, boot.vm, boot.host)


def assert_cpu(db: Database, vm: str, host: str) -> None:
    """Raises VM_INCOMPATIBLE_WITH_THIS_HOST unless the host has all the VM was started with."""
    wanted = db.get("VM", vm, "last_boot_CPU_flags")
    if not wanted:
        return
    offered = db.get("host", host, "cpu_info")
    if offered.get("vendor") != wanted.get("vendor"):
        reason = "The VM was started on a CPU of another vendor."
        raise Failure("VM_INCOMPATIBLE_WITH_THIS_HOST", vm, host, reason)
    kind = "hvm" if domain_type(db, vm) == "hvm" else "pv"
    # The names of later releases first; XCP 1.x had but one.
    names = (f"features_{kind}_host", f"features_{kind}", "features")
    features = next((offered[name] for name in names if name in offered), "")
    if not _within(wanted.get("features", ""), features):
        reason = "The VM was started with CPU features this host lacks."
        raise Failure("VM_INCOMPATIBLE_WITH_THIS_HOST", vm, host, reason)


def sees_storage(boot: Boot) -> None:
    db = boot.db
    plugged = seen_by(db, boot.host)
    for sr in required_srs(db, boot.vm):
        if sr not in plugged:
            raise Failure("VM_REQUIRES_SR", boot.vm, sr)


def required_srs(db: Database, vm: str) -> list[str]:
    """The storage of a VM's disks and of what is in its drives, each once."""
    disks = [db.get("VBD", vbd, "VDI") for vbd in db.get("VM", vm, "VBDs")]
    image = db.get("VM", vm, "suspend_VDI")
    found = [db.get("VDI", vdi, "SR") for vdi in (*disks, image) if db.has("VDI", vdi)]
    return list(dict.fromkeys(found))


def sees_networks(boot: Boot) -> None:
    for vif in boot.vm_has("VIFs"):
        network = boot.db.get("VIF", vif, "network")
        if boot.db.has("network", network):
            assert_network(boot.db, boot.vm, boot.host, network)


def assert_network(db: Database, vm: str, host: str, network: str) -> None:
    """Raises VM_REQUIRES_NETWORK or HOST_CANNOT_ATTACH_NETWORK unless the VM has it there."""
    said = db.get("network", network, "other_config")
    if said.get(_INTERNAL) == "true":
        return
    every = db.get("network", network, "PIFs")
    mine = [pif for pif in every if db.get("PIF", pif, "host") == host]
    if not every:
        elsewhere = _used_at(db, network, vm) - {host}
        if said.get(_SHARED) != "true" and elsewhere:
            raise Failure("VM_REQUIRES_NETWORK", vm, network)
    elif not mine:
        raise Failure("VM_REQUIRES_NETWORK", vm, network)
    elif all(db.get("PIF", pif, "bond_slave_of") != NULL for pif in mine):
        raise Failure("HOST_CANNOT_ATTACH_NETWORK", host, network)


def _used_at(db: Database, network: str, but: str) -> set[str]:
    """The hosts whose VMs are on a network that leads out of none."""
    users = {
        db.get("VIF", vif, "VM")
        for vif in db.get("network", network, "VIFs")
        if db.get("VIF", vif, "currently_attached")
    }
    return {db.get("VM", vm, "resident_on") for vm in users - {but}} - {NULL}


def virtualizes(boot: Boot) -> None:
    if domain_type(boot.db, boot.vm) == "hvm" and not any(
        "hvm" in each for each in boot.host_has("capabilities")
    ):
        raise Failure("VM_HVM_REQUIRED", boot.vm)


def enough_memory(boot: Boot) -> None:
    if boot.host in (boot.vm_has("resident_on"), boot.vm_has("scheduled_to_be_resident_on")):
        return
    needed = needed_memory(boot.db, boot.vm)
    available = vm_memory.free(boot.db, boot.host)
    if needed > available:
        raise Failure("HOST_NOT_ENOUGH_FREE_MEMORY", str(needed), str(available))


def needed_memory(db: Database, vm: str, limit: str = "memory_dynamic_min") -> int:
    """What a VM needs of its host, going by one of its limits."""
    return int(db.get("VM", vm, limit)) + vm_memory.overhead(db, vm)


def enough_cpus(boot: Boot) -> None:
    wanted = boot.vm_has("VCPUs_max")
    offered = int(boot.host_has("cpu_info").get("cpu_count", "0"))
    if wanted > offered:
        raise Failure("HOST_NOT_ENOUGH_PCPUS", str(wanted), str(offered))


CHECKS: tuple[Callable[[Boot], None], ...] = (
    sane,
    live,
    enabled,
    same_platform,
    same_cpu,
    sees_storage,
    sees_networks,
    virtualizes,
    enough_memory,
    enough_cpus,
)


def _within(wanted: str, offered: str) -> bool:
    """Whether all the bits of one set of features are in another."""
    wants, offers = wanted.split("-"), offered.split("-")
    offers += ["0"] * (len(wants) - len(offers))
    return all(
        int(want or "0", 16) & ~int(offer or "0", 16) == 0
        for want, offer in zip(wants, offers, strict=False)
    )
