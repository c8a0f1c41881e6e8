"""What may be done with a repository or a disk now, and why not: one list for the records and for
the calls."""

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

_VDI_NEEDS = {
    "destroy": "VDI_DELETE",
    "resize": "VDI_RESIZE",
    "clone": "VDI_CLONE",
    "snapshot": "VDI_SNAPSHOT",
    "update": "VDI_UPDATE",
    "generate_config": "VDI_GENERATE_CONFIG",
    "set_on_boot": "VDI_RESET_ON_BOOT",
    "enable_cbt": "VDI_CONFIG_CBT",
    "disable_cbt": "VDI_CONFIG_CBT",
    "data_destroy": "VDI_CONFIG_CBT",
    "list_changed_blocks": "VDI_CONFIG_CBT",
}
_VDI_OPERATIONS = (*_VDI_NEEDS, "copy", "forget", "mirror")
_LIVE = {"clone", "snapshot", "mirror", "enable_cbt", "disable_cbt", "list_changed_blocks"}
"""What can be done with a disk in use."""


def sr_refusal(db: Database, sr: str, operation: str) -> Failure | None:
    """Why an operation on a repository cannot be; None: it can."""
    tools = _NOT_FOR_TOOLS if db.get("SR", sr, "is_tools_sr") else set()
    needed = _SR_NEEDS.get(operation)
    if needed is not None and needed not in features(db, sr) - tools:
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


def vdi_refusal(db: Database, vdi: str, operation: str) -> Failure | None:
    """Why an operation on a disk cannot be; None: it can."""
    sr = db.get("VDI", vdi, "SR")
    if not db.has("SR", sr):
        return Failure("HANDLE_INVALID", "SR", sr)
    for task, busy in db.get("VDI", vdi, "current_operations").items():
        return Failure("OTHER_OPERATION_IN_PROGRESS", "VDI", vdi, busy, task)
    for vbd in db.where("VBD", VDI=vdi):
        reading = operation == "copy" and db.get("VBD", vbd, "mode") == "RO"
        if db.get("VBD", vbd, "currently_attached") and operation not in _LIVE and not reading:
            return Failure("VDI_IN_USE", vdi, operation)
        for task, busy in db.get("VBD", vbd, "current_operations").items():
            return Failure("OTHER_OPERATION_IN_PROGRESS", "VDI", vdi, busy, task)
    if operation == "destroy":
        if db.get("SR", sr, "type") == "udev":
            return Failure("VDI_IS_A_PHYSICAL_DEVICE", vdi)
        if db.get("SR", sr, "is_tools_sr"):
            return Failure("SR_OPERATION_NOT_SUPPORTED", sr)
    needed = _VDI_NEEDS.get(operation)
    if needed is not None and needed not in features(db, sr):
        return Failure("SR_OPERATION_NOT_SUPPORTED", sr)
    if operation == "mirror" and not {"VDI_SNAPSHOT", "VDI_MIRROR"} <= features(db, sr):
        return Failure("SR_OPERATION_NOT_SUPPORTED", sr)
    return _by_its_state(db, vdi, operation)


def _by_its_state(db: Database, vdi: str, operation: str) -> Failure | None:
    if operation == "snapshot":
        if db.get("VDI", vdi, "sharable"):
            return Failure("VDI_IS_SHARABLE", vdi)
        if db.get("VDI", vdi, "on_boot") == "reset":
            return Failure("VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION")
    if operation == "resize" and db.get("VDI", vdi, "read_only"):
        return Failure("VDI_READONLY", vdi)
    if operation in ("data_destroy", "list_changed_blocks"):
        if not db.get("VDI", vdi, "cbt_enabled"):
            return Failure("VDI_NO_CBT_METADATA", vdi)
        if operation == "data_destroy" and not db.get("VDI", vdi, "is_a_snapshot"):
            return Failure("OPERATION_NOT_ALLOWED", "VDI is not a snapshot")
    return None


@follows("SR", "allowed_operations", "PBD.SR.currently_attached", "VDI.SR.managed")
def _of_sr(db: Database, sr: str) -> list[str]:
    return [each for each in _SR_OPERATIONS if sr_refusal(db, sr, each) is None]


@follows(
    "VDI",
    "allowed_operations",
    "VBD.VDI.currently_attached",
    "VBD.VDI.mode",
    "VBD.VDI.current_operations",
)
def _of_vdi(db: Database, vdi: str) -> list[str]:
    return [each for each in _VDI_OPERATIONS if vdi_refusal(db, vdi, each) is None]
