"""Who wants to join whom: what the questions before a join are asked of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labkit.sim.xapi.database import Database


@dataclass(frozen=True, slots=True)
class Joining:
    """The joining host on one side, the pool on the other."""

    mine: Database
    me: str
    """The joining host, in its own records."""
    theirs: Database
    force: bool

    def both(self, field: str) -> tuple[Any, Any]:
        """A field of `host`: the joiner's and the master's."""
        mine = self.mine.get("host", self.me, field)
        return mine, self.theirs.get("host", self.theirs.master, field)

    def pools(self, field: str) -> tuple[Any, Any]:
        """A field of `pool`: the joiner's and the one to be joined."""
        mine = self.mine.get("pool", self.mine.pool, field)
        return mine, self.theirs.get("pool", self.theirs.pool, field)

    def software(self, key: str, absent: str = "") -> tuple[str, str]:
        """An entry of `software_version`: the joiner's and the master's."""
        mine, theirs = self.both("software_version")
        return str(mine.get(key, absent)), str(theirs.get(key, absent))

    def differs(self, key: str) -> bool:
        mine, theirs = self.software(key)
        return mine != theirs

    def management(self) -> tuple[str | None, str | None]:
        """The management interfaces: the joiner's and the master's."""
        mine = self.mine.first("PIF", host=self.me, management=True)
        return mine, self.theirs.first("PIF", host=self.theirs.master, management=True)

    def management_field(self, field: str, absent: Any) -> tuple[Any, Any]:
        """A field of the management interfaces; `absent` where there is none."""
        mine, theirs = self.management()
        return (
            absent if mine is None else self.mine.get("PIF", mine, field),
            absent if theirs is None else self.theirs.get("PIF", theirs, field),
        )


Check = Callable[[Joining], None]
"""Raises `Failure` where the answer is no."""


def is_tools(db: Database, sr: str) -> bool:
    """Whether a storage repository is the one of the guest tools, of which a pool has one."""
    return bool(db.kept("SR", sr).get("is_tools_sr"))
