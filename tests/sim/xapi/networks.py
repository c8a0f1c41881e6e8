"""What tests of networks have in common: names for what a pool of two has, and calls on it."""

from dataclasses import dataclass, field
from typing import Any

from tests.sim.xapi.conftest import Computer


@dataclass
class Net:
    """A pool seen from its master."""

    computer: Computer
    api: Any = field(init=False)

    def __post_init__(self) -> None:
        self.api = self.computer.login("xcp00")

    def host(self, name: str = "xcp00") -> Any:
        [found] = self.api.host.get_by_name_label(name)
        return found

    def pif(self, device: str, name: str = "xcp00", tag: int = -1) -> Any:
        """The interface of a host by that name and tag."""
        host = self.host(name)
        [found] = [
            ref
            for ref, pif in self.api.PIF.get_all_records().items()
            if pif["host"] == host and pif["device"] == device and pif["VLAN"] == str(tag)
        ]
        return found

    def network(self, name: str = "lab", **fields: Any) -> Any:
        """A new one."""
        record = {"name_label": name, "name_description": "", "other_config": {}, "MTU": "1500"}
        return self.api.network.create(record | fields)

    def network_of(self, pif: Any) -> Any:
        return self.api.PIF.get_network(pif)

    def pif_record(self, pif: Any) -> dict[str, Any]:
        record: dict[str, Any] = self.api.PIF.get_record(pif)
        return record

    def bond(self, name: str = "xcp00", mode: str = "balance-slb", **more: Any) -> Any:
        """A new one of eth0 and eth1."""
        members = [self.pif("eth0", name), self.pif("eth1", name)]
        there = more.get("network") or self.network("bonded")
        return self.api.Bond.create(there, members, "", mode, more.get("properties", {}))

    def static(self, pif: Any, address: str) -> None:
        self.api.PIF.reconfigure_ip(pif, "Static", address, "255.255.255.0", "", "")

    def guest(self, network: Any, *, attached: bool, host: Any = None) -> Any:
        """A VM's interface on a network; of a VM that runs on a host, or of one that is off."""
        from labkit.sim.xapi.places import database_of

        with self.computer.store.turn() as world:
            db = database_of(world.machines["xcp00"])
            state = {"power_state": "Running", "resident_on": host} if host else {}
            vm = db.create("VM", name_label="guest", **state)
            return db.create("VIF", VM=vm, network=network, device="0", currently_attached=attached)

    def put(self, of: str, ref: str, **fields: Any) -> None:
        """Bring about what no call can."""
        from labkit.sim.xapi.places import database_of

        with self.computer.store.turn() as world:
            database_of(world.machines["xcp00"]).put(of, ref, **fields)
