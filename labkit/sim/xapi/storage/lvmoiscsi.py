"""lvmoiscsi: logical volumes on a unit of an iSCSI target, where the room has one."""

from collections.abc import Mapping
from typing import Any

from labkit.sim.xapi.addresses import is_address
from labkit.sim.xapi.storage import xml
from labkit.sim.xapi.storage.codes import refused
from labkit.sim.xapi.storage.driver import Access, Driver
from labkit.sim.xapi.storage.media import Volume
from labkit.sim.xapi.storage.servers import iscsi_targets


class LvmOverIscsi(Driver):
    """What was left out is answered with what there is to choose from."""

    type = "lvmoiscsi"
    thick = True
    remembers_names = True

    def volume(self, access: Access) -> Volume:
        address = access.needs("target", 95)
        if not is_address(address):
            raise refused(140)
        targets = iscsi_targets(access.world, address)
        if targets is None:
            raise refused(141)
        target = targets.get(access.device.get("targetIQN", ""))
        if target is None:
            raise refused(96, stderr=xml.targets(address, targets))
        _logged_in(access, target)
        units: dict[str, dict[str, Any]] = target["units"]
        unit = units.get(access.device.get("SCSIid", ""))
        if unit is None:
            listed = {scsi_id: int(each["size"]) for scsi_id, each in units.items()}
            raise refused(107, stderr=xml.units(listed))
        return Volume(unit, unit["size"])

    def create(self, access: Access) -> None:
        if not access.master:
            raise refused(58)
        super().create(access)


def _logged_in(access: Access, target: Mapping[str, Any]) -> None:
    given = {key: access.device.get(key, "") for key in ("chapuser", "chappassword")}
    if any(target.get(key, "") != given[key] for key in given):
        raise refused(68)
