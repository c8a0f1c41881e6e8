"""The storage drivers by the type of repository they are for."""

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.storage.driver import Driver
from labkit.sim.xapi.storage.ext import Ext
from labkit.sim.xapi.storage.file import File
from labkit.sim.xapi.storage.iso import Iso
from labkit.sim.xapi.storage.lvm import Lvm
from labkit.sim.xapi.storage.lvmoiscsi import LvmOverIscsi
from labkit.sim.xapi.storage.nfs import Nfs
from labkit.sim.xapi.storage.udev import Udev

_DRIVERS: dict[str, Driver] = {
    driver.type: driver for driver in (Nfs(), Iso(), Ext(), Lvm(), File(), Udev(), LvmOverIscsi())
}


def driver_of(db: Database, kind: str) -> Driver:
    """The driver for a type of repository. Raises SR_UNKNOWN_DRIVER."""
    if db.first("SM", type=kind) is None:
        raise Failure("SR_UNKNOWN_DRIVER", kind)
    if kind not in _DRIVERS:
        raise Failure("NOT_IMPLEMENTED", f"storage of type {kind}")
    return _DRIVERS[kind]
