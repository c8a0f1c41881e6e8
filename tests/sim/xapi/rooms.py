"""A pool of two hosts with shared and local storage, for tests of VMs."""

from collections.abc import Callable
from typing import Any

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.places import database_of
from tests.sim.xapi import storage
from tests.sim.xapi.conftest import Computer
from tests.sim.xapi.vms import MIB, done

NULL = "OpaqueRef:NULL"


class Room:
    """The pool, and its records to break."""

    def __init__(
        self, computer: Computer, api: Any, hosts: tuple[str, ...] = ("xcp00", "xcp01")
    ) -> None:
        self.computer = computer
        self.api = api
        [self.here] = api.host.get_by_name_label(hosts[0])
        [self.there] = api.host.get_by_name_label(hosts[-1])

    def change(self, change: Callable[[Database], object]) -> None:
        with self.computer.store.turn() as world:
            change(database_of(world.machines["xcp00"]))

    def put(self, of: str, ref: str, **fields: Any) -> None:
        self.change(lambda db: db.put(of, ref, **fields))

    def done(self, task: str, seconds: float = 60) -> str:
        return done(self.computer, self.api, task, seconds)

    def shared(self) -> str:
        """A shared repository."""
        return str(storage.made(self.computer, "nfs", dict(storage.SHARE)))

    def network(self, name: str = "eth1") -> str:
        """The network of a card."""
        [found] = self.api.network.get_by_name_label(f"Pool-wide network associated with {name}")
        return str(found)


def local(api: Any, host: str) -> str:
    """A host's own disk repository."""
    srs = [api.PBD.get_SR(pbd) for pbd in api.host.get_PBDs(host)]
    return next(str(sr) for sr in srs if api.SR.get_name_label(sr) == "Local storage")


def disk(api: Any, sr: str, size: int = 1024 * MIB) -> str:
    return str(storage.disk(api, sr, size))


def attach(api: Any, vm: str, vdi: str, device: str = "0", **more: Any) -> str:
    fields = {"VM": vm, "VDI": vdi, "userdevice": device, "bootable": True, "mode": "RW"}
    rest = {"type": "Disk", "empty": False, "other_config": {}, "unpluggable": True}
    qos = {"qos_algorithm_type": "", "qos_algorithm_params": {}}
    return str(api.VBD.create(fields | rest | qos | more))


def interface(api: Any, vm: str, network: str, device: str = "0", **more: Any) -> str:
    fields = {"VM": vm, "network": network, "device": device, "MAC": "", "MTU": "1500"}
    qos = {"qos_algorithm_type": "", "qos_algorithm_params": {}}
    return str(api.VIF.create(fields | {"other_config": {}} | qos | more))
