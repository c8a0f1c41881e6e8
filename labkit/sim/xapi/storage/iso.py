"""ISOs: files in a folder of the host, or on a share."""

import re

from labkit.sim.xapi.addresses import is_address
from labkit.sim.xapi.places import system_of
from labkit.sim.xapi.storage import xml
from labkit.sim.xapi.storage.codes import refused
from labkit.sim.xapi.storage.driver import MIB, Access, Driver
from labkit.sim.xapi.storage.local import folder_of
from labkit.sim.xapi.storage.media import Kept, Volume
from labkit.sim.xapi.storage.servers import nfs_server

TOOLS = "/opt/xensource/packages/iso"
"""Where every host has the tools for its guests."""
_TOOLS_SIZE = 8 * MIB
_IMAGE = re.compile(r"[^/]+\.(iso|img)", re.IGNORECASE)


def tools_file(generation: str) -> str:
    """The name of the ISO with the tools."""
    return "xs-tools.iso" if generation.startswith("xcp-1") else "guest-tools.iso"


class Iso(Driver):
    """The world says which ISOs there are; what XAPI makes here is a file, too."""

    type = "iso"

    def volume(self, access: Access) -> Volume:
        location = access.needs("location", 94)
        if "legacy_mode" in access.device:
            volume = folder_of(access.machine, location)
            if volume is None:
                raise refused(226)
            if location == TOOLS:
                name = tools_file(system_of(access.machine).generation)
                volume.files.setdefault(name, _TOOLS_SIZE)
        else:
            volume = _mounted(access, location)
        if not volume.folder(access.device.get("iso_path", "")):
            raise refused(224)
        return volume

    def create(self, access: Access) -> None:
        self.volume(access)

    def attach(self, access: Access) -> None:
        self.volume(access)

    def delete(self, access: Access) -> None:
        """The files are not the repository's: they stay."""

    def probe(self, access: Access) -> str:
        self.volume(access)
        return xml.srlist(())

    def found(self, access: Access) -> list[str]:
        self.volume(access)
        return []

    def disks(self, access: Access) -> dict[str, Kept]:
        inside = _inside(access)
        tools = access.device.get("location") == TOOLS
        return {
            name.removeprefix(inside): {
                "name_label": name.removeprefix(inside),
                "name_description": "",
                "virtual_size": size,
                "utilisation": size,
                "type": "user",
                "read_only": True,
                "is_tools_iso": tools,
            }
            for name, size in self.volume(access).files.items()
            if name.startswith(inside) and _IMAGE.fullmatch(name.removeprefix(inside))
        }

    def measured(self, access: Access, size: int) -> tuple[int, int]:
        return size, size

    def store(self, access: Access, location: str, disk: Kept) -> None:
        self.volume(access).files[_inside(access) + location] = disk["virtual_size"]

    def remove(self, access: Access, location: str) -> None:
        self.volume(access).files.pop(_inside(access) + location, None)


def _inside(access: Access) -> str:
    inside = access.device.get("iso_path", "").strip("/")
    return f"{inside}/" if inside else ""


def _mounted(access: Access, location: str) -> Volume:
    given = access.device.get("type")
    server, colon, path = location.partition(":")
    if given == "cifs":
        named = re.match(r"(?://|\\\\?)([^/\\]+)", location)
        if named is None:
            raise refused(225)
        server = named[1]
    elif given is not None and not colon:
        raise refused(225)
    if given is not None and not is_address(server):
        raise refused(140)
    # Nothing in the pretend world speaks SMB.
    nfs = given != "cifs" if given is not None else ":/" in location
    found = nfs_server(access.world, server) if nfs else None
    volume = found.share(path, access.machine) if found is not None else None
    if volume is None:
        raise refused(222)
    return volume
