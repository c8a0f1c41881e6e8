"""What may be done with a repository or a disk now, and why not: one list for the records and for
the calls."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from labkit.sim.xapi.database import Database, follows
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.storage.features import features

_SR_NEEDS = {
    "vdi_create": "VDI_CREATE",
    "vdi_destroy": "VDI_DELETE",
    "vdi_resize": "VDI_RESIZE",
    "vdi_introduce": "VDI_INTRODUCE",
    "vdi_mirror": "VDI_MIRROR",
    "vdi_enable_cbt": "VDI_CONFIG_CBT",
    "vdi_disable_cbt": "VDI_CONFIG_CBT",
    "vdi_data_destroy": "VDI_CONFIG_CBT",
    "vdi_list_changed_blocks": "VDI_CONFIG_CBT",
    "vdi_set_on_boot": "VDI_RESET_ON_BOOT",
    "vdi_snapshot": "VDI_SNAPSHOT",
    "update": "SR_UPDATE",
}
_SR_OPERATIONS = (
    "scan",
    "destroy",
    "forget",
    "plug",
    "unplug",
    "vdi_clone",
    "pbd_create",
    "pbd_destroy",
    *_SR_NEEDS,
)
_NOT_FOR_TOOLS = {"VDI_CREATE", "VDI_DELETE"}

_CBT = ("VDI_CONFIG_CBT",)
_VDI_NEEDS = {
    "destroy": ("VDI_DELETE",),
    "resize": ("VDI_RESIZE",),
    "resize_online": ("VDI_RESIZE_ONLINE",),
    "clone": ("VDI_CLONE",),
    "snapshot": ("VDI_SNAPSHOT",),
    "copy": (),
    "forget": (),
    "mirror": ("VDI_SNAPSHOT", "VDI_MIRROR"),
    "update": ("VDI_UPDATE",),
    "generate_config": ("VDI_GENERATE_CONFIG",),
    "set_on_boot": ("VDI_RESET_ON_BOOT",),
    "enable_cbt": _CBT,
    "disable_cbt": _CBT,
    "data_destroy": _CBT,
    "list_changed_blocks": _CBT,
}
_LIVE = {
    "clone",
    "snapshot",
    "mirror",
    "resize_online",
    "enable_cbt",
    "disable_cbt",
    "list_changed_blocks",
}
"""What can be done with a disk in use."""
_DECIDING = (
    "SR",
    "current_operations",
    "sharable",
    "on_boot",
    "read_only",
    "cbt_enabled",
    "is_a_snapshot",
)


def sr_refusal(db: Database, sr: str, operation: str) -> Failure | None:
    """Why an operation on a repository cannot be; None: it can."""
    tools = _NOT_FOR_TOOLS if db.get("SR", sr, "is_tools_sr") else set()
    needed = _SR_NEEDS.get(operation)
    if needed is not None and (needed in tools or needed not in features(db, sr)):
        return Failure("SR_OPERATION_NOT_SUPPORTED", sr)
    if operation in ("destroy", "forget") and db.where("PBD", SR=sr, currently_attached=True):
        return Failure("SR_HAS_PBD", sr)
    if operation == "destroy":
        if db.first("PBD", SR=sr) is None:
            return Failure("SR_NO_PBDS", sr)
        if db.where("VDI", SR=sr, managed=True):
            return Failure("SR_NOT_EMPTY")
    for task, busy in db.get("SR", sr, "current_operations").items():
        if (busy, operation) != ("plug", "plug"):
            return Failure("OTHER_OPERATION_IN_PROGRESS", "SR", sr, busy, task)
    return None


@dataclass(frozen=True, slots=True)
class _Disk:
    """All that decides about a disk, looked up once."""

    vdi: str
    sr: str
    fields: Mapping[str, Any]
    features: Collection[str]
    physical: bool
    tools: bool
    modes: tuple[str, ...]
    """Of the drives it is attached in."""
    busy: tuple[str, str] | None
    """What it, or a drive it is in, is at: the task and the operation."""

    def refusal(self, operation: str) -> Failure | None:
        if self.busy is not None:
            task, what = self.busy
            return Failure("OTHER_OPERATION_IN_PROGRESS", "VDI", self.vdi, what, task)
        reading = operation == "copy" and "RW" not in self.modes
        if self.modes and operation not in _LIVE and not reading:
            return Failure("VDI_IN_USE", self.vdi, operation)
        if operation == "destroy" and self.physical:
            return Failure("VDI_IS_A_PHYSICAL_DEVICE", self.vdi)
        if operation == "destroy" and self.tools:
            return Failure("SR_OPERATION_NOT_SUPPORTED", self.sr)
        if any(needed not in self.features for needed in _VDI_NEEDS[operation]):
            return Failure("SR_OPERATION_NOT_SUPPORTED", self.sr)
        return self._by_its_state(operation)

    def _by_its_state(self, operation: str) -> Failure | None:
        match operation:
            case "snapshot" if self.fields["sharable"]:
                return Failure("VDI_IS_SHARABLE", self.vdi)
            case "snapshot" if self.fields["on_boot"] == "reset":
                return Failure("VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION")
            case "resize" if self.fields["read_only"]:
                return Failure("VDI_READONLY", self.vdi)
            case "data_destroy" | "list_changed_blocks" if not self.fields["cbt_enabled"]:
                return Failure("VDI_NO_CBT_METADATA", self.vdi)
            case "data_destroy" if not self.fields["is_a_snapshot"]:
                return Failure("OPERATION_NOT_ALLOWED", "VDI is not a snapshot")
        return None


def vdi_refusal(db: Database, vdi: str, operation: str) -> Failure | None:
    """Why an operation on a disk cannot be; None: it can."""
    disk = _looked_at(db, vdi)
    if disk is None:
        return Failure("HANDLE_INVALID", "SR", db.get("VDI", vdi, "SR"))
    return disk.refusal(operation)


def _looked_at(db: Database, vdi: str) -> _Disk | None:
    """None: nobody knows its repository."""
    fields = {name: db.get("VDI", vdi, name) for name in _DECIDING}
    sr = fields["SR"]
    if not db.has("SR", sr):
        return None
    busy, modes = list(fields["current_operations"].items()), []
    for vbd in db.where("VBD", VDI=vdi):
        busy += db.get("VBD", vbd, "current_operations").items()
        if db.get("VBD", vbd, "currently_attached"):
            modes.append(db.get("VBD", vbd, "mode"))
    return _Disk(
        vdi,
        sr,
        fields,
        features(db, sr),
        physical=db.get("SR", sr, "type") == "udev",
        tools=db.get("SR", sr, "is_tools_sr"),
        modes=tuple(modes),
        busy=busy[0] if busy else None,
    )


@follows("SR", "allowed_operations", "PBD.SR.currently_attached", "VDI.SR.managed")
def _of_sr(db: Database, sr: str) -> list[str]:
    words = db.model.known("SR").enums["storage_operations"]
    wanted = [each for each in _SR_OPERATIONS if each in words]
    return [each for each in wanted if sr_refusal(db, sr, each) is None]


@follows(
    "VDI",
    "allowed_operations",
    "VBD.VDI.currently_attached",
    "VBD.VDI.mode",
    "VBD.VDI.current_operations",
)
def _of_vdi(db: Database, vdi: str) -> list[str]:
    disk = _looked_at(db, vdi)
    if disk is None or disk.busy is not None:
        return []
    words = db.model.known("VDI").enums["vdi_operations"]
    return [each for each in _VDI_NEEDS if each in words and disk.refusal(each) is None]
