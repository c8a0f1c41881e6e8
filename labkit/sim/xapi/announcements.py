"""XAPI's messages to people: raised when something is worth telling, kept until removed."""

from labkit.sim.world import World
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.moments import moment

_MOST = 10_000
_CLASSES = {"Host": "host", "Pool": "pool"}
"""How messages spell classes that are spelled otherwise everywhere else."""


def announce(
    world: World, db: Database, name: str, priority: int, cls: str, uuid: str, body: str = ""
) -> str:
    """Raise a message about an object. The oldest goes where there are too many."""
    every = db.refs("message")
    if len(every) >= _MOST:
        db.destroy("message", every[0])
    return db.create(
        "message",
        name=name,
        priority=priority,
        cls=cls,
        obj_uuid=uuid,
        timestamp=moment(world.now),
        body=body,
    )


def is_about(db: Database, cls: str, uuid: str) -> bool:
    """Whether there is such an object to tell something of."""
    return db.first(_CLASSES.get(cls, cls), uuid=uuid) is not None
