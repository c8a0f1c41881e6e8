"""NFS: a folder named like the repository in a share, which several hosts can mount."""

from labkit.sim.xapi.addresses import is_address
from labkit.sim.xapi.storage import xml
from labkit.sim.xapi.storage.codes import refused
from labkit.sim.xapi.storage.driver import Access, Driver
from labkit.sim.xapi.storage.media import Volume
from labkit.sim.xapi.storage.servers import Server, nfs_server

_VERSIONS = ("3", "4", "4.0", "4.1")


class Nfs(Driver):
    """The path is asked for last where something is made or looked for: a server that answers
    can say which paths it has."""

    type = "nfs"

    def volume(self, access: Access) -> Volume:
        return self._mounted(access, self._server(access))

    def create(self, access: Access) -> None:
        server = self._server(access)
        self._path(access, server)
        volume = self._mounted(access, server)
        if volume.suffers("mounted"):
            raise refused(75)
        if volume.suffers("read-only"):
            raise refused(461)
        if self.key(access) and self.key(access) in volume.repositories:
            raise refused(42)
        if volume.suffers("leftovers"):
            raise refused(42)
        if volume.suffers("no-mkdir") and self.key(access):
            raise refused(88, "remote directory creation error is 13")
        if self.key(access) not in volume.repositories:
            super().create(access)

    def attach(self, access: Access) -> None:
        access.needs("server", 102)
        access.needs("serverpath", 101)
        volume = self.volume(access)
        if self.key(access) not in volume.repositories:
            raise refused(73, "mount failed with return code 32")
        if volume.suffers("read-only"):
            raise refused(461)

    def probe(self, access: Access) -> str:
        server = self._server(access)
        self._path(access, server)
        versions = server.versions if "probeversion" in access.device else ()
        return xml.srlist(({"UUID": uuid} for uuid in self.found(access)), versions)

    def key(self, access: Access) -> str:
        return "" if access.settings.get("nosubdir") == "true" else access.uuid

    def _server(self, access: Access) -> Server:
        address = access.needs("server", 102)
        if not is_address(address):
            raise refused(140)
        server = nfs_server(access.world, address)
        if server is None:
            raise refused(108)
        return server

    def _path(self, access: Access, server: Server) -> None:
        """The path that was given, or what there is to choose from."""
        if not access.device.get("serverpath"):
            shares = server.shares if server.shares is not None else tuple(server.folders)
            listed = xml.exports(access.device["server"], shares, server.clients)
            raise refused(101, stderr=listed)

    def _mounted(self, access: Access, server: Server) -> Volume:
        version = access.device.get("nfsversion", "3")
        if "probeversion" not in access.device and (
            version not in _VERSIONS or version not in server.versions
        ):
            raise refused(72, f"unsupported version {version}")
        volume = server.share(access.needs("serverpath", 101), access.machine)
        if volume is None:
            raise refused(73, "mount failed with return code 32")
        return volume
