"""lvm: each disk a logical volume on partitions of the host, as large as the disk from the start.
Its metadata remembers names."""

from labkit.sim.xapi.storage import xml
from labkit.sim.xapi.storage.codes import refused
from labkit.sim.xapi.storage.driver import Access
from labkit.sim.xapi.storage.local import Partition


class Lvm(Partition):
    type = "lvm"
    group_number = 77
    thick = True
    remembers_names = True

    def create(self, access: Access) -> None:
        if not access.master:
            raise refused(58)
        super().create(access)

    def probe(self, access: Access) -> str:
        size = str(self.volume(access).size)
        devices = access.device["device"]
        return xml.srlist(
            {"UUID": uuid, "Devlist": devices, "size": size} for uuid in self.found(access)
        )
