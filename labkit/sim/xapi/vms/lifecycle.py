"""What a VM may be asked to do: by its power state, what it is at, and what it is.

The checks come in XAPI's order, so that of two reasons the same one is told. What is allowed is
worked out when it is read; it follows from the VM's record, and from what its guest can do,
which is told as a change of the VM (`guests`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from labkit.sim.xapi.database import Database, follows
from labkit.sim.xapi.failures import Failure

HALTED, PAUSED, RUNNING, SUSPENDED = "Halted", "Paused", "Running", "Suspended"
_ANY = (HALTED, PAUSED, SUSPENDED, RUNNING)

STATES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("start", "start_on", "provision", "make_into_template"), (HALTED,)),
    **dict.fromkeys(
        ("changing_memory_limits", "changing_shadow_memory", "changing_static_range"), (HALTED,)
    ),
    "changing_VCPUs": (HALTED,),
    "changing_NVRAM": (HALTED,),
    **dict.fromkeys(
        ("pause", "suspend", "clean_shutdown", "clean_reboot", "pool_migrate"), (RUNNING,)
    ),
    **dict.fromkeys(
        ("changing_VCPUs_live", "changing_memory_live", "awaiting_memory_live"), (RUNNING,)
    ),
    **dict.fromkeys(
        ("changing_shadow_memory_live", "send_sysrq", "send_trigger", "data_source_op"), (RUNNING,)
    ),
    "unpause": (PAUSED,),
    "resume": (SUSPENDED,),
    "resume_on": (SUSPENDED,),
    **dict.fromkeys(
        ("hard_shutdown", "checkpoint", "get_boot_record"), (PAUSED, SUSPENDED, RUNNING)
    ),
    "hard_reboot": (PAUSED, RUNNING),
    "changing_dynamic_range": (HALTED, RUNNING),
    **dict.fromkeys(("destroy", "export"), (HALTED, SUSPENDED)),
    "clone": (HALTED,),
    "copy": (HALTED,),
    "migrate_send": (HALTED, SUSPENDED, RUNNING),
    **dict.fromkeys(("snapshot", "revert", "metadata_export", "power_state_reset"), _ANY),
}
"""The power states an operation is possible in, in the order the error lists them."""

_TOLD = (
    *("changing_NVRAM", "changing_dynamic_range", "changing_shadow_memory"),
    *("changing_static_range", "make_into_template", "migrate_send", "pool_migrate"),
    *("changing_VCPUs_live", "provision", "destroy", "export", "resume_on", "resume", "suspend"),
    *("hard_reboot", "hard_shutdown", "clean_reboot", "clean_shutdown", "unpause", "pause"),
    *("start_on", "start", "checkpoint", "revert", "clone", "copy", "snapshot"),
)
"""The operations `allowed_operations` tells of, in its order."""

_OF_TEMPLATES = {
    *("changing_dynamic_range", "changing_static_range", "changing_memory_limits"),
    *("changing_shadow_memory", "changing_VCPUs", "changing_NVRAM"),
    *("clone", "copy", "export", "metadata_export", "provision", "destroy"),
}
_OF_SNAPSHOTS = {
    *("revert", "clone", "copy", "export", "metadata_export", "destroy", "hard_shutdown"),
}
_OF_DOM0 = {
    *("data_source_op", "changing_memory_live", "awaiting_memory_live", "metadata_export"),
    "changing_dynamic_range",
}
_TOGETHER = ({"clone", "copy", "export"}, {"snapshot", "checkpoint"})
_DURING_MOTION = {"metadata_export", "clean_shutdown", "clean_reboot", "start", "start_on"}
_MOVES = {"suspend", "checkpoint", "pool_migrate", "migrate_send"}
_FEATURES = {
    "clean_shutdown": ("feature-shutdown", "feature-poweroff"),
    "clean_reboot": ("feature-shutdown", "feature-reboot"),
    **dict.fromkeys(_MOVES, ("feature-suspend",)),
    "changing_VCPUs_live": ("feature-vcpu-hotplug",),
}
"""Of which a guest needs one."""


def assert_possible(db: Database, vm: str, operation: str, *, strict: bool = True) -> None:
    """Raises the reason why a VM cannot do something now. `strict`: it must also be known that
    its guest can."""
    reason = why_not(db, vm, operation, strict=strict)
    if reason is not None:
        raise reason


def why_not(db: Database, vm: str, operation: str, *, strict: bool = True) -> Failure | None:
    """The first reason against, in XAPI's order; None: it is possible."""
    return _looked_at(db, vm).why_not(vm, operation, strict=strict)


def bad_power_state(vm: str, possible: tuple[str, ...], actual: str) -> Failure:
    """The error, whose states are in lower case."""
    return Failure(
        "VM_BAD_POWER_STATE", vm, ", ".join(each.lower() for each in possible), actual.lower()
    )


def domain_type(db: Database, vm: str) -> str:
    """How a VM's record says it is virtualized: `hvm`, `pv`…"""
    said = str(db.get("VM", vm, "domain_type"))
    if said != "unspecified":
        return said
    return "hvm" if db.get("VM", vm, "HVM_boot_policy") else "pv"


@dataclass(frozen=True, slots=True)
class _Look:
    """All that is judged of a VM, as it was when looked at. VMs that look alike may do the same:
    so it is worked out once for all of them."""

    state: str
    blocked: tuple[tuple[str, str], ...]
    under_way: tuple[tuple[str, str], ...]
    is_template: bool
    is_default: bool
    is_snapshot: bool
    is_dom0: bool
    is_immobile: bool
    features: frozenset[str] | None
    """What its guest can do; None: everything."""

    def why_not(self, vm: str, operation: str, *, strict: bool) -> Failure | None:
        for blocked, reason in self.blocked:
            if blocked == operation:
                return Failure("OPERATION_BLOCKED", vm, reason)
        possible = STATES.get(operation, _ANY)
        if self.is_snapshot and operation in ("clone", "copy"):
            possible = (HALTED, SUSPENDED)
        if self.state not in possible:
            return bad_power_state(vm, possible, self.state)
        if self.under_way and not _beside(operation, {other for _, other in self.under_way}):
            task, other = self.under_way[0]
            return Failure("OTHER_OPERATION_IN_PROGRESS", "VM", vm, other, task)
        return self._why_not_such_a_vm(vm, operation, strict=strict)

    def _why_not_such_a_vm(self, vm: str, operation: str, *, strict: bool) -> Failure | None:
        if self.is_snapshot:
            if operation not in _OF_SNAPSHOTS:
                return Failure("VM_IS_SNAPSHOT", vm, operation)
        elif self.is_template:
            default = operation == "destroy" and self.is_default
            if default or operation not in _OF_TEMPLATES:
                return Failure("VM_IS_TEMPLATE", vm, operation)
        if operation == "provision" and not self.is_template:
            return Failure("PROVISION_ONLY_ALLOWED_ON_TEMPLATE")
        if operation == "revert" and not self.is_snapshot:
            return Failure("ONLY_REVERT_SNAPSHOT")
        if strict and operation in _MOVES and self.is_immobile:
            return Failure("VM_IS_IMMOBILE", vm)
        if self.is_dom0 and operation not in _OF_DOM0:
            return Failure("OPERATION_NOT_ALLOWED", "Operations on domain 0 are not allowed")
        wanted = _FEATURES.get(operation)
        if wanted is None or self.features is None or self.features.intersection(wanted):
            return None
        # The number of processors never changes behind the back of a guest that cannot.
        if strict or operation == "changing_VCPUs_live":
            return Failure("VM_LACKS_FEATURE", vm)
        return None


def _beside(operation: str, others: set[str]) -> bool:
    """Whether it can be done while others are under way."""
    if any(operation in together and others <= together for together in _TOGETHER):
        return True
    if others == {"migrate_send"} and operation in _DURING_MOTION:
        return True
    # Who pulls the plug waits for nobody, but once is enough.
    if operation == "hard_shutdown":
        return "hard_shutdown" not in others
    return operation == "hard_reboot" and not others & {"hard_shutdown", "hard_reboot"}


def _looked_at(db: Database, vm: str) -> _Look:
    state = db.get("VM", vm, "power_state")
    features = None
    if state == RUNNING and domain_type(db, vm) == "hvm":
        # Only a virtualized PC may have an operating system that knows nothing of Xen.
        features = _features(db, db.get("VM", vm, "guest_metrics"))
    return _Look(
        state,
        tuple(db.get("VM", vm, "blocked_operations").items()),
        tuple(db.get("VM", vm, "current_operations").items()),
        is_template=db.get("VM", vm, "is_a_template"),
        is_default=db.get("VM", vm, "is_default_template"),
        is_snapshot=db.get("VM", vm, "is_a_snapshot"),
        is_dom0=db.get("VM", vm, "is_control_domain"),
        is_immobile=_is_immobile(db, db.get("VM", vm, "metrics")),
        features=features,
    )


def _is_immobile(db: Database, metrics: str) -> bool:
    if not db.has("VM_metrics", metrics):
        return False
    nested = db.get("VM_metrics", metrics, "nested_virt")
    return bool(nested or db.get("VM_metrics", metrics, "nomigrate"))


def _features(db: Database, guest: str) -> frozenset[str] | None:
    if not db.has("VM_guest_metrics", guest):
        return frozenset()
    # Full drivers imply every feature.
    if db.get("VM_guest_metrics", guest, "PV_drivers_detected"):
        return None
    told = db.get("VM_guest_metrics", guest, "other")
    return frozenset(feature for feature, there in told.items() if there == "1")


@lru_cache(1024)
def _possible(look: _Look) -> tuple[str, ...]:
    return tuple(each for each in _TOLD if look.why_not("", each, strict=True) is None)


@follows("VM", "allowed_operations")
def _allowed(db: Database, vm: str) -> list[str]:
    return list(_possible(_looked_at(db, vm)))
