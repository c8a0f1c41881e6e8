"""Tasks: what goes on in them, how they end, and how long they are kept."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import XenAPI

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi import messages, node, operations, tasks
from labkit.sim.xapi.calls import BEHAVIOURS, Call
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Later
from labkit.sim.xapi.kinds import Answer, kind
from tests.sim.xapi.conftest import ADDRESSES, PASSWORD, Computer
from tests.sim.xapi.test_messages import refusal

TAKEN_BACK: list[str] = []


@operations.ending("sr probe")
def _ends(world: World, machine: SimMachine, db: Database, sr: str) -> Answer:
    return Answer(kind("SR ref"), sr)


@operations.cancelling("sr probe")
def _taken_back(world: World, machine: SimMachine, db: Database, sr: str) -> None:
    TAKEN_BACK.append(sr)


def _probe(call: Call, sr: str) -> Later:
    return operations.go_on(call, "SR", sr, "scan", 40.0, "sr probe", sr=sr)


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """`SR.scan` takes forty seconds here, whatever it takes otherwise."""
    messages.load("SR")
    monkeypatch.setitem(BEHAVIOURS, "SR.scan", _probe)
    TAKEN_BACK.clear()


@pytest.fixture
def api(computer: Computer) -> Any:
    return computer.login("xcp00")


@pytest.fixture
def sr(api: Any) -> str:
    [found] = api.SR.get_by_name_label("Local storage")
    return str(found)


def test_a_task_tells_how_far_it_is(computer: Computer, api: Any, sr: str) -> None:
    task = api.Async.SR.scan(sr)
    record = api.task.get_record(task)
    assert (record["status"], record["progress"]) == ("pending", 0.0)
    assert (record["name_label"], record["type"]) == ("Async.SR.scan", "<none/>")
    assert record["allowed_operations"] == ["cancel"]
    assert record["resident_on"] == api.host.get_all()[0]
    assert str(record["finished"]) == "19700101T00:00:00Z"
    assert api.SR.get_current_operations(sr) == {task: "scan"}
    computer.passes(21)
    assert api.task.get_progress(task) == 0.5
    computer.passes(20)
    record = api.task.get_record(task)
    assert (record["status"], record["progress"]) == ("success", 1.0)
    assert (record["error_info"], record["allowed_operations"]) == ([], [])
    assert str(record["finished"]) > str(record["created"])
    assert api.SR.get_current_operations(sr) == {}


def test_a_result_is_written_as_xml(computer: Computer, api: Any, sr: str) -> None:
    task = api.Async.SR.scan(sr)
    assert api.task.get_result(task) == ""
    computer.passes(41)
    # `SR.scan` itself has none: the ending's value says what it is.
    assert api.task.get_result(task) == f"<value>{sr}</value>"


def test_a_task_that_is_cancelled_is_over_and_so_is_what_it_did(
    computer: Computer, api: Any, sr: str
) -> None:
    task = api.Async.SR.scan(sr)
    computer.passes(15)
    api.task.cancel(task)
    record = api.task.get_record(task)
    assert (record["status"], record["error_info"]) == ("cancelled", ["TASK_CANCELLED", task])
    assert record["allowed_operations"] == []
    assert api.SR.get_current_operations(sr) == {}
    assert [sr] == TAKEN_BACK
    computer.passes(60)
    assert api.task.get_status(task) == "cancelled"
    api.task.cancel(task)
    assert refusal(api.task.cancel, "OpaqueRef:gone")[0] == "HANDLE_INVALID"


def test_whoever_waits_for_a_cancelled_call_is_told(computer: Computer, api: Any, sr: str) -> None:
    said: list[list[str]] = []
    waiting = computer.login("xcp00")
    thread = threading.Thread(target=lambda: said.append(refusal(waiting.SR.scan, sr)))
    thread.start()
    while not (found := api.task.get_all()):
        pass
    api.task.cancel(found[0])
    thread.join(20)
    assert said == [["TASK_CANCELLED", found[0]]]
    assert api.task.get_all() == []


def test_a_join_cannot_be_cancelled(computer: Computer) -> None:
    api = computer.login("xcp01")
    task = api.Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    assert refusal(api.task.cancel, task)[0] == "OPERATION_NOT_ALLOWED"
    assert api.task.get_status(task) == "pending"


def test_a_task_destroyed_too_early_goes_at_its_end(computer: Computer, api: Any, sr: str) -> None:
    task = api.Async.SR.scan(sr)
    api.task.destroy(task)
    assert api.task.get_status(task) == "pending"
    computer.passes(41)
    assert api.task.get_all() == []
    assert refusal(api.task.get_status, task) == ["HANDLE_INVALID", "task", task]


def test_clients_keep_up_tasks_of_their_own(api: Any) -> None:
    task = api.task.create("backup", "of everything")
    api.task.set_progress(task, 0.25)
    record = api.task.get_record(task)
    assert (record["name_label"], record["name_description"]) == ("backup", "of everything")
    assert (record["status"], record["progress"]) == ("pending", 0.25)
    api.task.add_to_other_config(task, "applies_to", "x")
    api.task.set_result(task, "<value>done</value>")
    api.task.set_error_info(task, ["OOPS", "1"])
    api.task.set_status(task, "failure")
    record = api.task.get_record(task)
    assert (record["status"], record["error_info"]) == ("failure", ["OOPS", "1"])
    assert str(record["finished"]) != "19700101T00:00:00Z"
    assert refusal(api.task.set_status, task, "bored") == ["INVALID_VALUE", "bored"]
    api.task.destroy(task)
    assert api.task.get_all() == []


def test_tasks_nobody_removed_are_removed(computer: Computer, api: Any, sr: str) -> None:
    pending = api.task.create("x", "")
    over = api.task.create("y", "")
    api.task.set_status(over, "success")
    computer.passes(64 * 60)
    assert set(api.task.get_all()) == {pending, over}
    computer.passes(7 * 60)
    assert api.task.get_all() == [pending]
    computer.passes(22 * 3600)
    assert api.task.get_all() == [pending]
    computer.passes(3600)
    assert api.task.get_all() == []


def test_of_too_many_tasks_the_oldest_that_are_over_go(
    api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tasks._MOST == 200
    monkeypatch.setattr(tasks, "_MOST", 3)
    first = api.task.create("first", "")
    over = []
    for _ in range(4):
        over.append(api.task.create("x", ""))
        api.task.set_status(over[-1], "success")
    assert api.task.get_all() == [first, *over[-2:]]


@pytest.fixture
def restarted(computer: Computer, api: Any, sr: str) -> Iterator[tuple[Any, str]]:
    computer.login("xcp00").Async.SR.scan(sr)
    with computer.store.turn() as world:
        machine = world.machines["xcp00"]
        node.xapi_stopping(world, machine)
        node.xapi_starting(world, machine)
    computer.passes(60)
    yield computer.login("xcp00"), sr


def test_nothing_is_under_way_after_xapi_started_anew(restarted: tuple[Any, str]) -> None:
    api, sr = restarted
    assert api.task.get_all() == []
    assert api.SR.get_current_operations(sr) == {}


def test_who_waits_is_hung_up_on_when_xapi_ends(computer: Computer, api: Any, sr: str) -> None:
    def stop() -> None:
        with computer.store.turn() as world:
            node.xapi_stopping(world, world.machines["xcp00"])

    threading.Timer(0.2, stop).start()
    with pytest.raises((OSError, ConnectionError)):
        api.SR.scan(sr)


def test_a_member_answers_for_what_its_master_does(pool: Computer) -> None:
    session = pool.client("xcp00")
    session.xenapi.login_with_password("root", PASSWORD)
    [sr, *_] = session.xenapi.SR.get_by_name_label("Local storage")
    member = XenAPI.Session(pool.url("xcp01"))
    threading.Timer(0.2, lambda: pool.passes(60)).start()
    answer = member.SR.scan(session.handle, sr)
    member("close")()
    assert answer["Status"] == "Success"
