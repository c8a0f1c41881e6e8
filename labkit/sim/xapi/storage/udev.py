"""udev: drives and disks that are plugged into the host. The pretend ones are always empty."""

from labkit.sim.xapi.storage import xml
from labkit.sim.xapi.storage.driver import Access, Driver
from labkit.sim.xapi.storage.media import Kept, Volume


class Udev(Driver):
    type = "udev"

    def volume(self, access: Access) -> Volume:
        access.needs("location", 94)
        return Volume({}, 0)

    def create(self, access: Access) -> None:
        self.volume(access)

    def attach(self, access: Access) -> None:
        self.volume(access)

    def delete(self, access: Access) -> None:
        """Devices stay where they are."""

    def probe(self, access: Access) -> str:
        return xml.srlist(())

    def disks(self, access: Access) -> dict[str, Kept]:
        return {}
