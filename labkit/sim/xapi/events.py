"""What happened since a client last asked, told from the numbers of the changes.

Nothing is queued for anybody: a client's token says which change it knows, and what is told is
how the records differ from then. So an object that came and went in between is never told of,
and one that changed ten times is told of once.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.datamodel import Model
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import Answer, Batch, Happened, kind

EVENTS = kind("some events")
"""How what legacy events answer is shown: what happened, without a token."""
_TOKEN = re.compile(r"\d{1,20},\d{1,20}", re.ASCII)
_ANNOUNCEMENTS = "message"
_ORDER = ("add", "mod", "del")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to hear of."""

    everything: bool
    classes: frozenset[str]
    """In lower case."""
    objects: frozenset[tuple[str, str]]

    def has(self, of: str, ref: str) -> bool:
        """Whether an object of a class (in lower case) is among it."""
        return self.everything or of in self.classes or (of, ref) in self.objects


@dataclass(frozen=True, slots=True)
class Following:
    """A call that is answered when something happens."""

    host: str
    """The machine that was asked, and `home` the one with the records."""
    home: str
    session: str
    wanted: Wanted
    seen: int
    """The change up to which there is nothing to tell."""
    timeout: float | None
    """Real seconds to wait, whatever the world's time does: who waits counts his own. None: for
    as long as it takes."""


def wanted(spelled: Iterable[str], model: Model) -> Wanted:
    """Read `*`, `vm`, `VM` and `vm/OpaqueRef:…`. Raises EVENT_SUBSCRIPTION_PARSE_FAILURE."""
    known = {name.lower() for name in model.class_names}
    classes, objects, everything = set(), set(), False
    for each in spelled:
        of, slash, ref = each.partition("/")
        of = of.lower()
        if each == "*":
            everything = True
        elif of not in known or "/" in ref:
            raise Failure("EVENT_SUBSCRIPTION_PARSE_FAILURE", each)
        elif slash:
            objects.add((of, ref))
        else:
            classes.add(of)
    return Wanted(everything, frozenset(classes), frozenset(objects))


def read_token(text: str) -> tuple[int, int]:
    """What a client has seen: the change, and that of messages. Raises
    EVENT_FROM_TOKEN_PARSE_FAILURE."""
    if not text:
        return 0, 0
    if not _TOKEN.fullmatch(text):
        raise Failure("EVENT_FROM_TOKEN_PARSE_FAILURE", text)
    seen, announced = text.split(",")
    return int(seen), int(announced)


def token(number: int) -> str:
    """What says that somebody has seen everything up to a change."""
    return f"{number:020d},{number:020d}"


def batch(db: Database, of_interest: Wanted, since: tuple[int, int]) -> Batch:
    """What happened that is of interest."""
    counts = {of.lower(): count for of, count in db.counts().items()}
    return Batch(token(db.journal.now), counts, happened(db, of_interest, since))


def happened(db: Database, of_interest: Wanted, since: tuple[int, int]) -> tuple[Happened, ...]:
    """Messages first, then what is new, what changed and what is gone, each in its order."""
    found: list[tuple[bool, int, int, Happened]] = []

    def tell(when: int, of: str, ref: str, operation: str) -> None:
        small, announcement = of.lower(), of == _ANNOUNCEMENTS
        if when > since[announcement] and of_interest.has(small, ref):
            shown = None
            if operation != "del":
                shown = Answer(kind(f"{of} record"), db.record(of, ref))
            one = Happened(str(when), small, operation, ref, shown)
            found.append((not announcement, _ORDER.index(operation), when, one))

    # Both parts of a token are nearly always the same; what is before either is nobody's news.
    for number in sorted(set(since)):
        mine = [bool(part) for part in (0, 1) if since[part] == number]
        for when, of, ref, new in db.changed_since(number):
            if (of == _ANNOUNCEMENTS) in mine:
                tell(when, of, ref, "add" if new else "mod")
        for when, of, ref in db.journal.gone_since(number):
            if (of == _ANNOUNCEMENTS) in mine:
                tell(when, of, ref, "del")
    found.sort(key=lambda each: each[:3])
    return tuple(one for *_, one in found)
