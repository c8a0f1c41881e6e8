"""Faults on request, as a client sees them: before and after taking effect, hanging, hung up."""

import http.client
import xml.parsers.expat
from typing import Any

import pytest
import XenAPI

from labkit.sim import armoury, faults
from tests.sim.xapi.conftest import ADDRESSES, PASSWORD, Computer
from tests.sim.xapi.test_join import member

DROPPED = (OSError, http.client.HTTPException, xml.parsers.expat.ExpatError)


def armed(computer: Computer, *texts: str) -> None:
    armoury.arm(computer.store, texts)


def left(computer: Computer) -> list[str]:
    with computer.store.turn(reading=True) as world:
        return [faults.left(world, entry) for entry in world.faults]


def named(api: Any, name: str) -> str:
    [pool] = api.pool.get_all()
    api.pool.set_name_label(pool, name)
    return str(api.pool.get_name_label(pool))


def refused(api: Any, name: str) -> list[str]:
    with pytest.raises(XenAPI.Failure) as refusal:
        named(api, name)
    return list(refusal.value.details)


def test_a_message_fails_as_often_as_it_was_asked_to(computer: Computer) -> None:
    armed(computer, 'pool.set_name_label on xcp00: fail twice with SR_BACKEND_FAILURE_73 "" "x"')
    api = computer.login("xcp00")
    assert refused(api, "a") == ["SR_BACKEND_FAILURE_73", "", "x"]
    assert named(computer.login("xcp01"), "other") == "other"
    assert refused(api, "a") == ["SR_BACKEND_FAILURE_73", "", "x"]
    assert left(computer) == ["spent"]
    assert named(api, "b") == "b"


def test_before_taking_effect_nothing_has_changed_and_after_it_all_has(computer: Computer) -> None:
    api = computer.login("xcp00")
    [pool] = api.pool.get_all()
    armed(computer, "pool.set_name_label: fail with INTERNAL_ERROR")
    refused(api, "before")
    assert api.pool.get_name_label(pool) != "before"
    armed(computer, "pool.set_name_label: fail after taking effect with INTERNAL_ERROR")
    refused(api, "after")
    assert api.pool.get_name_label(pool) == "after"


def test_a_long_call_takes_effect_and_its_task_fails(computer: Computer) -> None:
    armed(computer, "pool.join: fail after taking effect with INTERNAL_ERROR")
    api = computer.login("xcp01")
    task = api.Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    computer.passes(9)
    assert api.task.get_status(task) == "failure"
    assert api.task.get_error_info(task) == ["INTERNAL_ERROR"]
    computer.passes(60)
    assert member(computer)["enabled"] is True


def test_an_asynchronous_call_fails_in_its_task(computer: Computer) -> None:
    armed(computer, "host.*: fail once with INTERNAL_ERROR")
    api = computer.login("xcp00")
    # A getter is a message of the class, too.
    with pytest.raises(XenAPI.Failure):
        api.host.get_all()
    [host] = api.host.get_all()
    armed(computer, "host.disable: fail once with INTERNAL_ERROR")
    task = api.Async.host.disable(host)
    assert api.task.get_error_info(task) == ["INTERNAL_ERROR"]
    assert api.host.get_enabled(host) is True


@pytest.mark.parametrize(
    ("how", "name"),
    [
        ("drop the connection twice", "before"),
        ("drop the connection twice after taking effect", "after"),
        ("drop the connection half-way", "after"),
    ],
)
def test_a_dropped_connection_leaves_what_it_says(computer: Computer, how: str, name: str) -> None:
    api = computer.login("xcp00")
    [pool] = api.pool.get_all()
    named(api, "before")
    # The stock client tries a second time by itself where no answer began.
    armed(computer, f"pool.set_name_label: {how}")
    with pytest.raises(DROPPED):
        api.pool.set_name_label(pool, "after")
    assert api.pool.get_name_label(pool) == name


def test_a_call_hangs_for_as_long_as_the_world_takes(fast: Computer) -> None:
    api = fast.login("xcp00")
    armed(fast, "pool.set_name_label: hang for 60s")
    with fast.store.turn(reading=True) as world:
        began = world.now
    assert named(api, "late") == "late"
    with fast.store.turn(reading=True) as world:
        assert world.now - began >= 60


def test_an_unreachable_host_is_missed_by_its_master_and_comes_back(pool: Computer) -> None:
    armed(pool, "xcp01: unreachable for 20min after set_name_label")
    master = pool.login("xcp00")
    named(master, "cut")
    with pytest.raises(DROPPED):
        pool.login("xcp01")
    assert member(pool)["live"] is True
    pool.passes(15 * 60)
    assert member(pool)["live"] is False
    pool.passes(6 * 60)
    assert member(pool)["live"] is True
    with pytest.raises(XenAPI.Failure, match="HOST_IS_SLAVE"):
        pool.login("xcp01")


def test_nobody_joins_a_master_that_cannot_be_reached(computer: Computer) -> None:
    armed(computer, "xcp00: unreachable")
    with pytest.raises(DROPPED):
        computer.login("xcp00")
    api = computer.login("xcp01")
    with pytest.raises(XenAPI.Failure, match="JOINING_HOST_CONNECTION_FAILED"):
        api.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)


def test_faults_count_from_where_they_are_told_to(computer: Computer) -> None:
    api = computer.login("xcp00")
    armed(computer, "pool.set_name_label: fail once from the 2nd time with INTERNAL_ERROR")
    assert named(api, "a") == "a"
    refused(api, "b")
    assert named(api, "c") == "c"


def test_chance_is_the_world_s_seed_s(computer: Computer) -> None:
    def fell() -> list[bool]:
        with computer.store.turn() as world:
            faults.disarm(world)
            world.seed, world.draws = 5, 0
        armed(computer, "pool.set_name_label: fail with INTERNAL_ERROR, with a chance of 1 in 3")
        return [_fails(api, str(n)) for n in range(30)]

    api = computer.login("xcp00")
    first = fell()
    assert fell() == first
    assert 3 < sum(first) < 20


def _fails(api: Any, name: str) -> bool:
    try:
        named(api, name)
    except XenAPI.Failure:
        return True
    return False
