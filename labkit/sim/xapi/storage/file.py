"""file: VHD files in a folder of the host."""

from labkit.sim.xapi.storage.codes import refused
from labkit.sim.xapi.storage.driver import Access, Driver
from labkit.sim.xapi.storage.local import folder_of, make_folder
from labkit.sim.xapi.storage.media import Volume


class File(Driver):
    """The folder is the repository's alone."""

    type = "file"

    def volume(self, access: Access) -> Volume:
        volume = folder_of(access.machine, access.needs("location", 94))
        if volume is None:
            raise refused(47, "the folder is not there")
        return volume

    def create(self, access: Access) -> None:
        volume = make_folder(access.machine, access.needs("location", 94))
        if volume.repositories or volume.files:
            raise refused(42)
        super().create(access)
