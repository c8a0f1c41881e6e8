"""Several clients ask anything of three hosts, wisely or not; what must hold, holds after it.

A rule is a method. What a class can be asked is taken from the datamodel, so behaviours that are
added are asked as soon as they are there; a rule of their own is worth it for what random
parameters hardly ever meet.
"""

import re
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from labkit.sim.world import SimMachine
from labkit.sim.xapi import messages, node
from labkit.sim.xapi.calls import BEHAVIOURS
from labkit.sim.xapi.classes import Message
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.datamodel import model_of
from labkit.sim.xapi.kinds import NULL, Kind, zero
from labkit.sim.xapi.places import database_of
from tests.sim.xapi import truths
from tests.sim.xapi.conftest import ADDRESSES, PASSWORD
from tests.sim.xapi.ways import OverHttp, Refused, Straight

MODEL = model_of("xcp-ng-8.3")
for _of in MODEL.class_names:
    messages.load(_of)
_CODE = re.compile(r"[A-Z][A-Z0-9_]+|Fault")
# What keeps a caller waiting, or everybody out, has rules of its own.
_ELSEWHERE = {
    "event.next",
    "pool.join",
    "pool.join_force",
    "session.change_password",
    "session.login_with_password",
    "session.logout",
    "session.slave_local_login_with_password",
}
BEHAVED = sorted(name for name in BEHAVIOURS if MODEL.find(name) and name not in _ELSEWHERE)
WRITTEN = sorted(
    name
    for name in MODEL.all_messages()
    if (found := MODEL.find(name)) is not None
    and found.implicit
    and found.of != "session"
    and not found.name.startswith("get_")
)
READ = sorted(set(MODEL.all_messages()) - set(BEHAVED) - set(WRITTEN) - _ELSEWHERE)
NAMES = st.sampled_from(sorted(ADDRESSES))
WORDS = st.sampled_from(["", "a", "b", "6J", "<&>", "ñ", "\u2603", "1", "true"])
ODD: list[Any] = [None, True, -1, 2**70, 1.5, "x", [], {}, ["x"], {"a": "b"}]


class Follower:
    """A client that keeps a copy of everything, from what it is told alone."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.session = ""
        self.token = ""
        self.copy: dict[str, dict[str, Any]] = {}

    def catch_up(self, way: Straight) -> dict[str, int]:
        """Hear what happened. Answers how many objects there are said to be."""
        try:
            batch = self._ask(way)
        except Refused:
            self.session = way.ask(self.name, "session.login_with_password", "root", PASSWORD)
            batch = self._ask(way)
        self.token = batch["token"]
        for event in batch["events"]:
            mine = self.copy.setdefault(event["class"], {})
            match event["operation"]:
                case "add":
                    assert event["ref"] not in mine, event
                    mine[event["ref"]] = event["snapshot"]
                case "mod":
                    assert event["ref"] in mine, event
                    mine[event["ref"]] = event["snapshot"]
                case "del":
                    del mine[event["ref"]]
        counts: dict[str, int] = batch["valid_ref_counts"]
        return counts

    def _ask(self, way: Straight) -> Any:
        return way.ask(self.name, "event.from", self.session, ["*"], self.token, 0.0)


class Pools(RuleBasedStateMachine):
    """Three hosts and whoever is logged in."""

    way: Straight

    def make(self) -> Straight:
        return Straight()

    @initialize()
    def switch_on(self) -> None:
        self.way = self.make()
        self.sessions: list[tuple[str, str]] = []
        self.followers: dict[str, Follower] = {}
        self.log_in("xcp00")

    def teardown(self) -> None:
        if hasattr(self, "way"):
            self.way.close()

    def ask(self, name: str, method: str, *params: Any) -> Any:
        """Whatever is said to it, it is said in XAPI's way."""
        try:
            return self.way.ask(name, method, *params)
        except Refused as refused:
            code, *more = refused.args
            assert _CODE.fullmatch(code), refused
            assert code != "INTERNAL_ERROR" or "Db_filter" in more[0], (method, params, refused)
            assert all(isinstance(each, str) for each in more), refused
            return None

    # What clients do.

    @rule(name=NAMES)
    def log_in(self, name: str) -> None:
        session = self.ask(name, "session.login_with_password", "root", PASSWORD, "1.0", "test")
        if session is not None:
            self.sessions.append((name, session))

    @precondition(lambda self: len(self.sessions) > 1)
    @rule(pick=st.integers(0, 99))
    def log_out(self, pick: int) -> None:
        name, session = self.sessions.pop(pick % len(self.sessions))
        self.ask(name, "session.logout", session)
        self.ask(name, "pool.get_all", session)

    @rule(method=st.sampled_from(BEHAVED), data=st.data())
    def use(self, method: str, data: st.DataObject) -> None:
        self.call(method, data)

    @rule(method=st.sampled_from(BEHAVED), data=st.data())
    def use_as_a_task(self, method: str, data: st.DataObject) -> None:
        self.call(method, data, prefix="Async.")

    @rule(method=st.sampled_from(WRITTEN), data=st.data())
    def write(self, method: str, data: st.DataObject) -> None:
        self.call(method, data)

    @rule(method=st.sampled_from(READ), data=st.data())
    def read(self, method: str, data: st.DataObject) -> None:
        self.call(method, data)

    @rule(method=st.sampled_from(BEHAVED + WRITTEN), odd=st.lists(st.sampled_from(ODD), max_size=4))
    def blunder(self, method: str, odd: list[Any]) -> None:
        name, session = self.somebody(0)
        self.ask(name, method, session, *odd)
        self.ask(name, method, *odd)

    @rule(name=NAMES, to=NAMES, force=st.booleans())
    def join(self, name: str, to: str, force: bool) -> None:
        session = self.ask(name, "session.login_with_password", "root", PASSWORD)
        method = f"Async.pool.{'join_force' if force else 'join'}"
        self.ask(name, method, session, ADDRESSES[to], "root", PASSWORD)

    @precondition(lambda self: self.sessions and type(self.way) is Straight)
    @rule(pick=st.integers(0, 9))
    def hear(self, pick: int) -> None:
        name, session = self.somebody(pick)
        self.ask(name, "event.register", session, ["*"])
        self.ask(name, "event.next", session)

    @rule(name=NAMES)
    def log_in_locally(self, name: str) -> None:
        session = self.ask(name, "session.slave_local_login_with_password", "root", PASSWORD)
        self.ask(name, "pool.get_all", session or "nobody")
        self.ask(name, "session.local_logout", session or "nobody")

    # What happens by itself.

    @rule(seconds=st.sampled_from([0.5, 3.0, 20.0, 400.0, 5000.0]))
    def time_passes(self, seconds: float) -> None:
        with self.way.turn() as world:
            world.settle(seconds)

    @rule(name=NAMES)
    def restart_xapi(self, name: str) -> None:
        with self.way.turn() as world:
            machine = world.machines[name]
            if machine.memory is not None and machine.memory.xapi == "up":
                node.xapi_stopping(world, machine)
                node.xapi_starting(world, machine)

    # What holds.

    @invariant()
    def everything_is_in_order(self) -> None:
        if not hasattr(self, "way"):
            return
        with self.way.turn() as world:
            for machine in truths.masters(world):
                db = database_of(machine)
                truths.references_resolve(db)
                truths.one_master(world, machine)
                truths.allowed_is_possible(db)
                truths.nothing_is_stuck(db, machine)
            truths.survives_a_night(world)

    @invariant()
    def whoever_follows_knows_everything(self) -> None:
        if not hasattr(self, "way"):
            return
        with self.way.turn() as world:
            up = {machine.name for machine in truths.masters(world)}
        for name in sorted(up):
            follower = self.followers.setdefault(name, Follower(name))
            counts = follower.catch_up(self.way)
            with self.way.turn() as world:
                records = truths.everything(database_of(world.machines[name]))
            assert {of: mine for of, mine in follower.copy.items() if mine} == records
            assert {of: number for of, number in counts.items() if number} == {
                of: len(there) for of, there in records.items()
            }

    # How a call is made up.

    def somebody(self, pick: int) -> tuple[str, str]:
        return self.sessions[pick % len(self.sessions)] if self.sessions else ("xcp00", "nobody")

    def call(self, method: str, data: st.DataObject, prefix: str = "") -> None:
        """Ask something with parameters that might be right."""
        name, session = self.somebody(data.draw(st.integers(0, 9), label="who"))
        found = MODEL.find(method)
        assert found is not None
        params = self.parameters(found, data, name)
        given = [session, *params] if found.session else params
        self.ask(name, prefix + method, *given)

    def parameters(self, found: Message, data: st.DataObject, name: str) -> list[Any]:
        with self.way.turn() as world:
            machine = _records_of(world.machines[name], world.machines.values())
            db = None if machine is None else database_of(machine)
            return [
                data.draw(_value(each.kind, db, found), label=each.name)
                for each in found.parameters
            ]


def _records_of(asked: SimMachine, every: Any) -> SimMachine | None:
    with_records = (
        each
        for each in (asked, *every)
        if each.memory is not None and each.disk.system.database is not None
    )
    return next(with_records, None)


def _value(wanted: Kind, db: Database | None, found: Message) -> st.SearchStrategy[Any]:
    """Values of a type, references and words that mean something among them."""
    match wanted.name:
        case "ref" if wanted.of == "session":
            return st.just(NULL)
        case "ref":
            there = db.refs(wanted.of) if db is not None and wanted.of in MODEL.class_names else []
            # Only what exists is written into records that nothing looks after.
            return st.sampled_from([*there, NULL] if found.implicit else [*there, NULL, "x"])
        case "enum":
            return st.sampled_from(MODEL.known(found.of).enums.get(wanted.of, ("x",)))
        case "int":
            return st.integers(-1, 5)
        case "float":
            return st.sampled_from([0.0, 0.5, 1.0])
        case "bool":
            return st.booleans()
        case "datetime":
            return st.sampled_from(["19700101T00:00:00Z", "20260101T00:00:01Z"])
        case "set":
            return st.lists(_value(wanted.parts[0], db, found), max_size=2)
        case "map":
            return st.dictionaries(WORDS, _value(wanted.parts[1], db, found), max_size=2)
        case "string":
            return st.one_of(WORDS, st.sampled_from(_known_words(db)))
    return st.just(zero(wanted))


def _known_words(db: Database | None) -> list[str]:
    """What clients are likely to say: uuids, and classes with and without an object."""
    if db is None:
        return ["*"]
    uuids = [db.get(of, ref, "uuid") for of in ("pool", "host") for ref in db.refs(of)]
    return ["*", "vm", "Pool", f"pool/{db.pool}", "host", "pool", db.pool, *uuids]


class PoolsOverHttp(Pools):
    """The same through sockets, JSON and a file; what takes its time is only begun."""

    def make(self) -> Straight:
        return OverHttp()


_CALM = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
TestPools = Pools.TestCase
TestPools.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=_CALM
)


def test_the_same_holds_over_http() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    calm = settings(
        max_examples=3, stateful_step_count=10, deadline=None, suppress_health_check=_CALM
    )
    run_state_machine_as_test(PoolsOverHttp, settings=calm)
