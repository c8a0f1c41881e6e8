"""VDI: disks and ISOs."""

from typing import Any

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.constructors import given
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import EPOCH, NULL
from labkit.sim.xapi.messages import vdi_moving, vdi_settings
from labkit.sim.xapi.storage import disks
from labkit.sim.xapi.storage.allowed import sr_refusal, vdi_refusal
from labkit.sim.xapi.storage.repositories import way_to

__all__ = ["vdi_moving", "vdi_settings"]


@message("VDI.create")
def create(call: Call, args: dict[str, Any]) -> str:
    needed = ("SR", "virtual_size", "type", "sharable", "read_only", "other_config")
    fields = given(call.db, "VDI", args, *needed)
    return disks.make(call.world, call.db, fields.pop("SR"), fields.pop("virtual_size"), **fields)


@message("VDI.destroy")
def destroy(call: Call, vdi: str) -> None:
    possible(call, vdi, "destroy")
    disks.remove(call.world, call.db, vdi)


@message("VDI.forget")
def forget(call: Call, vdi: str) -> None:
    possible(call, vdi, "forget")
    disks.forget(call.db, vdi)


@message("VDI.snapshot")
def snapshot(call: Call, vdi: str, driver_params: dict[str, str] | None = None) -> str:
    possible(call, vdi, "snapshot")
    return disks.snapshot(call.world, call.db, vdi)


@message("VDI.clone")
def clone(call: Call, vdi: str, driver_params: dict[str, str] | None = None) -> str:
    possible(call, vdi, "clone")
    return disks.clone(call.world, call.db, vdi)


@message("VDI.resize")
def resize(call: Call, vdi: str, size: int) -> None:
    possible(call, vdi, "resize")
    disks.resize(call.world, call.db, vdi, size)


@message("VDI.resize_online")
def resize_online(call: Call, vdi: str, size: int) -> None:
    possible(call, vdi, "resize_online")
    disks.resize(call.world, call.db, vdi, size)


@message("VDI.update")
def update(call: Call, vdi: str) -> None:
    possible(call, vdi, "update")


@message("VDI.introduce")
def introduce(
    call: Call,
    uuid: str,
    name: str,
    description: str,
    sr: str,
    sort: str,
    sharable: bool,
    read_only: bool,
    other_config: dict[str, str],
    location: str,
    xenstore_data: dict[str, str] | None = None,
    sm_config: dict[str, str] | None = None,
    managed: bool = True,
    virtual_size: int = 0,
    physical_utilisation: int = 0,
    metadata_of_pool: str = NULL,
    is_a_snapshot: bool = False,
    snapshot_time: str = EPOCH,
    snapshot_of: str = NULL,
) -> str:
    """Only a few drivers can; the others find what is there by a scan."""
    refusal = sr_refusal(call.db, sr, "vdi_introduce")
    if refusal is not None:
        raise refusal
    way_to(call.world, call.db, sr)
    if call.db.first("VDI", SR=sr, location=location) is not None:
        raise Failure("LOCATION_NOT_UNIQUE", sr, location)
    return call.db.create(
        "VDI",
        **({"uuid": uuid} if uuid else {}),
        name_label=name,
        name_description=description,
        SR=sr,
        type=sort,
        sharable=sharable,
        read_only=read_only,
        other_config=other_config,
        location=location,
        xenstore_data=xenstore_data or {},
        sm_config=sm_config or {},
        managed=managed,
        virtual_size=virtual_size,
        physical_utilisation=physical_utilisation,
        metadata_of_pool=metadata_of_pool,
        is_a_snapshot=is_a_snapshot,
        snapshot_time=snapshot_time,
        snapshot_of=snapshot_of,
    )


def possible(call: Call, vdi: str, operation: str) -> None:
    """Raises what speaks against it; also that nobody sees the repository."""
    refusal = vdi_refusal(call.db, vdi, operation)
    if refusal is not None:
        raise refusal
    if operation != "forget":
        way_to(call.world, call.db, call.db.get("VDI", vdi, "SR"))
