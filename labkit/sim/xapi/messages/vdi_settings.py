"""VDI: what is merely set."""

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.storage import disks
from labkit.sim.xapi.storage.allowed import vdi_refusal


@message("VDI.set_name_label")
def set_name_label(call: Call, vdi: str, label: str) -> None:
    call.db.put("VDI", vdi, name_label=label)
    _keep(call, vdi)


@message("VDI.set_name_description")
def set_name_description(call: Call, vdi: str, text: str) -> None:
    call.db.put("VDI", vdi, name_description=text)
    _keep(call, vdi)


@message("VDI.set_sharable")
def set_sharable(call: Call, vdi: str, value: bool) -> None:
    call.db.put("VDI", vdi, sharable=value)


@message("VDI.set_read_only")
def set_read_only(call: Call, vdi: str, value: bool) -> None:
    call.db.put("VDI", vdi, read_only=value)


@message("VDI.set_allow_caching")
def set_allow_caching(call: Call, vdi: str, value: bool) -> None:
    call.db.put("VDI", vdi, allow_caching=value)


@message("VDI.set_on_boot")
def set_on_boot(call: Call, vdi: str, value: str) -> None:
    _possible(call, vdi, "set_on_boot")
    call.db.put("VDI", vdi, on_boot=value)


@message("VDI.enable_cbt")
def enable_cbt(call: Call, vdi: str) -> None:
    _possible(call, vdi, "enable_cbt")
    call.db.put("VDI", vdi, cbt_enabled=True)


@message("VDI.disable_cbt")
def disable_cbt(call: Call, vdi: str) -> None:
    _possible(call, vdi, "disable_cbt")
    call.db.put("VDI", vdi, cbt_enabled=False)


@message("VDI.data_destroy")
def data_destroy(call: Call, vdi: str) -> None:
    """What changed stays known; what is in it goes."""
    _possible(call, vdi, "data_destroy")
    call.db.put("VDI", vdi, type="cbt_metadata", physical_utilisation=0)
    disks.keep(call.world, call.db, vdi)


def _possible(call: Call, vdi: str, operation: str) -> None:
    refusal = vdi_refusal(call.db, vdi, operation)
    if refusal is not None:
        raise refusal


def _keep(call: Call, vdi: str) -> None:
    """Write it on the medium, too, if anybody sees that."""
    try:
        disks.keep(call.world, call.db, vdi)
    except Failure:
        return
