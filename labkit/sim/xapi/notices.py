"""Messages, by which XAPI tells people what happened: `VM_STARTED`, `VM_MIGRATED`…"""

from labkit.sim.world import World
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.moments import moment

_KEPT = 10_000
"""XAPI throws the oldest away beyond this many."""

_CLASSES = {"Host": "host", "Pool": "pool"}
"""How messages spell classes that are spelled otherwise everywhere else."""


def raise_message(
    db: Database, world: World, name: str, priority: int, of: str, uuid: str, body: str = ""
) -> str:
    """Tell of something that happened to an object: `of` its class, `uuid` the object's."""
    every = db.refs("message")
    for oldest in every[: max(0, len(every) + 1 - _KEPT)]:
        db.destroy("message", oldest)
    return db.create(
        "message",
        name=name,
        priority=priority,
        cls=of,
        obj_uuid=uuid,
        timestamp=moment(world.now),
        body=body,
    )


def is_about(db: Database, cls: str, uuid: str) -> bool:
    """Whether there is such an object to tell something of."""
    return db.first(_CLASSES.get(cls, cls), uuid=uuid) is not None
