"""ext: VHD files in a file system on partitions of the host."""

from labkit.sim.xapi.storage.local import Partition


class Ext(Partition):
    type = "ext"
    group_number = 50
