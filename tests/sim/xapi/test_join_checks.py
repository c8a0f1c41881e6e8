"""Every question of every release before a join: what it says no to, and in which order."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import XenAPI

from labkit.sim.world import copied
from labkit.sim.xapi.joins.checks import ROWS as CHECKS
from labkit.sim.xapi.joins.checks import checks_of
from labkit.sim.xapi.places import database_of
from tests.sim.xapi.conftest import ADDRESSES, PASSWORD, Computer
from tests.sim.xapi.join_rows import ROWS, Answer, Row, Sides

RELEASES = {"1": "xcp-1.6", "2": "xcp-ng-8.2", "3": "xcp-ng-8.3", "+": "xcp-ng-8.3"}
NEWER = "26.1.4"


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Computer]]:
    """Two hosts of each release."""
    found = {}
    for generation in set(RELEASES.values()):
        found[generation] = Computer(tmp_path_factory.mktemp(generation) / "sim", speed=0.001)
        for name in ("xcp00", "xcp01"):
            found[generation].add(name, generation)
    yield found
    for computer in found.values():
        computer.close()


class Pair:
    """Two hosts of a release that are put back afterwards."""

    def __init__(self, computer: Computer, release: str) -> None:
        self.computer = computer
        self.release = release

    def change(self, *rows: Row) -> list[Answer]:
        with self.computer.store.turn() as world:
            mine, theirs = (database_of(world.machines[name]) for name in ("xcp01", "xcp00"))
            sides = Sides(mine, theirs)
            if self.release == "+":
                sides.software(xapi_build=NEWER)
            return [row.change(sides) for row in rows]

    def join(self, message: str = "join") -> Answer:
        api = self.computer.login("xcp01")
        before = api.task.get_all()
        task = getattr(api.Async.pool, message)(ADDRESSES["xcp00"], "root", PASSWORD)
        answer: Answer = api.task.get_error_info(task)
        if answer:
            api.task.destroy(task)
            assert api.task.get_all() == before
        return answer


@pytest.fixture
def pair(request: Any, pairs: dict[str, Computer]) -> Iterator[Pair]:
    computer = pairs[RELEASES[request.param]]
    with computer.store.turn() as world:
        kept = {each.name: copied(each.disk, each.memory) for each in world.machines.values()}
    yield Pair(computer, request.param)
    with computer.store.turn() as world:
        for each in world.machines.values():
            each.disk, each.memory = copied(*kept[each.name])


def every(rows: tuple[Row, ...]) -> list[Any]:
    return [
        pytest.param(release, row, id=f"{RELEASES[release]}{'+' * (release == '+')}-{row.name}")
        for row in rows
        for release in row.releases
    ]


@pytest.mark.parametrize(("pair", "row"), every(ROWS), indirect=["pair"])
def test_a_release_refuses_what_its_list_names(pair: Pair, row: Row) -> None:
    [answer] = pair.change(row)
    assert pair.join() == answer


_LATER = {
    "clustering here",
    "a cluster on a VLAN",
    "no address for the cluster",
    "SR-IOV",
    "SDN controller",
    "updates",
    "authorities",
    "trust",
}
"""Rows about what XCP 1.6 has no class for: there is nothing that it could let pass."""
NOT_ASKED = [
    pytest.param(release, row, id=f"{RELEASES[release]}-{row.name}")
    for row in ROWS
    for release in RELEASES
    if release not in row.releases and not (release == "1" and row.name in _LATER)
]


@pytest.mark.parametrize(("pair", "row"), NOT_ASKED, indirect=["pair"])
def test_a_release_lets_pass_what_its_list_does_not_name(pair: Pair, row: Row) -> None:
    pair.change(row)
    assert pair.join() == []


@pytest.mark.parametrize("pair", RELEASES, indirect=True)
def test_of_two_reasons_the_earlier_is_told(pair: Pair) -> None:
    rows = [row for row in ROWS if pair.release in row.releases]
    firsts = [row for at, row in enumerate(rows) if row.number not in {r.number for r in rows[:at]}]
    with pair.computer.store.turn() as world:
        kept = {each.name: copied(each.disk, each.memory) for each in world.machines.values()}
    for earlier, later in pairwise(firsts):
        # The later first: what it changes must not hide what the earlier one does.
        answers = pair.change(later, earlier)
        assert pair.join() == answers[1], (earlier.name, later.name)
        with pair.computer.store.turn() as world:
            for each in world.machines.values():
                each.disk, each.memory = copied(*kept[each.name])


@pytest.mark.parametrize("pair", RELEASES, indirect=True)
def test_force_skips_the_likeness_of_hosts_and_nothing_else(pair: Pair) -> None:
    rows = [row for row in ROWS if pair.release in row.releases and row.number in (13, 25)]
    pair.change(*(row for row in rows if row.number == 13))
    with pytest.raises(XenAPI.Failure):
        pair.computer.login("xcp01").pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    [answer] = pair.change(rows[-1])
    assert pair.join("join_force") == answer


@pytest.mark.parametrize("pair", ["1"], indirect=True)
def test_an_early_pool_compares_features_through_its_mask(pair: Pair) -> None:
    [features] = [row for row in ROWS if row.name == "processor's features"]
    pair.change(features)
    with pair.computer.store.turn() as world:
        db = database_of(world.machines["xcp00"])
        db.put("pool", db.pool, other_config={"cpuid_feature_mask": "fffffff0-ffffffff"})
    assert pair.join() == []


@pytest.mark.parametrize("pair", ["3"], indirect=True)
def test_the_case_of_a_domain_does_not_matter(pair: Pair) -> None:
    with pair.computer.store.turn() as world:
        for name, domain in (("xcp00", "EXAMPLE.org"), ("xcp01", "example.ORG")):
            db = database_of(world.machines[name])
            db.put("host", db.master, external_auth_type="AD", external_auth_service_name=domain)
    assert pair.join() == []


def test_there_are_thirty_three_questions_and_each_is_tried() -> None:
    assert len(CHECKS) == 33
    assert {row.number for row in ROWS} == set(range(1, 34))
    assert len(checks_of("xcp-ng-8.2", "")) == 25
    assert len(checks_of("xcp-ng-8.3", "24.19.2")) == 29
    assert len(checks_of("xcp-ng-8.3", "25.6.0")) == 31
    assert len(checks_of("xcp-ng-8.3", "26.1.4")) == 33
    assert len(checks_of("xcp-1.6", "")) == 16


@pytest.mark.parametrize("pair", ["3"], indirect=True)
def test_a_host_whose_licence_knows_no_pools_does_not_even_ask(pair: Pair) -> None:
    with pair.computer.store.turn() as world:
        db = database_of(world.machines["xcp01"])
        db.put("host", db.master, license_params={"restrict_pooling": "true"})
    assert pair.join() == ["LICENCE_RESTRICTION"]
