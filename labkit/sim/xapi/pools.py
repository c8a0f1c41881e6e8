"""One pool in the world: what is done to VMs needs its records and the hosts they run on."""

from dataclasses import dataclass

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.calls import Call
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.places import database_of, host_of


@dataclass(frozen=True)
class Pool:
    """The world, the machine with the records, and the records."""

    world: World
    home: SimMachine
    db: Database

    @classmethod
    def of(cls, call: Call) -> "Pool":
        """The pool that was called."""
        return cls(call.world, call.home, call.db)

    @classmethod
    def at(cls, world: World, home: SimMachine) -> "Pool":
        """The pool whose records are on this machine."""
        return cls(world, home, database_of(home))

    def machine(self, host: str) -> SimMachine | None:
        """The machine of a host whose XAPI answers."""
        if not self.db.has("host", host):
            return None
        return host_of(self.world, self.db.get("host", host, "uuid"))
