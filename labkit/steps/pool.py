"""The pool: the master's name for it, then one member after the other."""

from dataclasses import dataclass

from labkit.errors import LabError
from labkit.lab import Lab
from labkit.reach import on, pool_of, uuid_of
from labkit.wait import NotYet, wait_for
from labkit.xapi.join_rules import obstacles
from labkit.xapi.pool import Pool, join, read_facts, rename_pool

_LONGEST_JOIN = 15 * 60.0
"""Seconds from the join to an enabled member: XAPI restarts on it, and rarely the host does."""


@dataclass(frozen=True, slots=True)
class NamePool:
    """Give the master's pool its name."""

    name: str
    master: str
    stage: str = "pool"

    @property
    def title(self) -> str:
        return f"Name the pool {self.name}"

    def done(self, lab: Lab) -> bool:
        pool = pool_of(lab)
        return pool is not None and pool.name == self.name

    def run(self, lab: Lab) -> None:
        with on(lab, self.master) as api:
            rename_pool(api, self.name)

    def undo(self, lab: Lab) -> None:
        """One call: it happened, or it did not."""


@dataclass(frozen=True, slots=True)
class JoinPool:
    """Make a host a member of the pool."""

    host: str
    master: str
    stage: str = "pool"

    @property
    def title(self) -> str:
        return f"Join {self.host} to the pool of {self.master}"

    def done(self, lab: Lab) -> bool:
        pool = pool_of(lab)
        return (
            pool is not None
            and lab.machine(self.host) is not None
            and pool.member(uuid_of(lab, self.host)) is not None
        )

    def run(self, lab: Lab) -> None:
        now = lab.backend.clock.now
        with on(lab, self.master) as api:
            theirs = read_facts(api, uuid_of(lab, self.master), now)
        with on(lab, self.host) as api:
            ours = read_facts(api, uuid_of(lab, self.host), now)
            found = obstacles(self.host, ours, theirs)
            if found:
                raise LabError(
                    f"{self.host} cannot join the pool of {self.master}.",
                    details="\n".join(obstacle.what for obstacle in found),
                    hint="\n".join(obstacle.hint for obstacle in found),
                )
            join(api, str(lab.scenario.hosts[self.master].address), lab.root_password())

    def undo(self, lab: Lab) -> None:
        """Nothing: XAPI either refused the join or is carrying it out, and a member that is on
        its way is found by the next run. Ejecting it would wipe its disk."""


@dataclass(frozen=True, slots=True)
class AwaitMember:
    """Wait until the master has a member enabled and hears its heartbeat.

    XAPI says a join succeeded some ten seconds before the member restarts, and enables it only
    when it is back: what is said before that moment is said too early.
    """

    host: str
    stage: str = "pool"

    @property
    def title(self) -> str:
        return f"Wait until {self.host} is enabled"

    def done(self, lab: Lab) -> bool:
        return _enabled(lab, self.host, pool_of(lab))

    def run(self, lab: Lab) -> None:
        def look() -> None:
            pool = pool_of(lab)
            if not _enabled(lab, self.host, pool):
                raise NotYet(_seen(lab, self.host, pool))

        wait_for(
            f"The membership of {self.host}",
            look,
            seconds=_LONGEST_JOIN,
            hint=f"`labkit status {lab.name}` shows the pool; the console of {self.host} is in "
            f"{lab.host(self.host).serial_file}.",
            clock=lab.backend.clock,
        )

    def undo(self, lab: Lab) -> None:
        """Waiting leaves nothing behind."""


def _enabled(lab: Lab, host: str, pool: Pool | None) -> bool:
    if pool is None or lab.machine(host) is None:
        return False
    member = pool.member(uuid_of(lab, host))
    return member is not None and member.enabled and member.live


def _seen(lab: Lab, host: str, pool: Pool | None) -> str:
    if pool is None:
        return "the master does not answer"
    member = pool.member(uuid_of(lab, host))
    if member is None:
        return f"the master knows no host {host}"
    return f"the master has {host} enabled: {member.enabled}, live: {member.live}"
