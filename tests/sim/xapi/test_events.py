"""Hearing of what happens: by token, by registering, and while waiting."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from labkit.sim import power
from labkit.sim.xapi import dispatch, events
from labkit.sim.xapi.database import new_uuid
from labkit.sim.xapi.events import Following
from labkit.sim.xapi.herald import Herald
from labkit.sim.xapi.kinds import Answer
from labkit.sim.xapi.places import database_of
from labkit.sim.xapi.vms.templates import STOCK
from labkit.sim.xapi.wire import xmlrpc
from tests.sim.xapi.conftest import PASSWORD, Computer
from tests.sim.xapi.test_messages import refusal


@pytest.fixture
def api(computer: Computer) -> Any:
    return computer.login("xcp00")


def ask(api: Any, token: str = "", *classes: str, timeout: float = 0.0) -> Any:
    return getattr(api.event, "from")(list(classes or ("*",)), token, timeout)


def told(batch: Any) -> list[tuple[str, str, str]]:
    return [(event["class"], event["operation"], event["ref"]) for event in batch["events"]]


def later(act: Callable[[], object], seconds: float = 0.15) -> None:
    threading.Timer(seconds, act).start()


def test_an_empty_token_asks_for_everything_there_is(api: Any) -> None:
    batch = ask(api)
    operations = {event["operation"] for event in batch["events"]}
    assert operations == {"add"}
    [host] = [event for event in batch["events"] if event["class"] == "host"]
    assert host["snapshot"] == api.host.get_record(host["ref"])
    assert (host["timestamp"], host["id"].isdigit()) == ("0.0", True)
    counts = batch["valid_ref_counts"]
    assert (counts["host"], counts["pif"], counts["bond"]) == (1, 2, 0)
    # The control domain, and the templates every host brings.
    assert counts["vm"] == 1 + len(STOCK)
    first, second = batch["token"].split(",")
    assert (len(first), first.isdigit(), len(second), second.isdigit()) == (20, True, 20, True)


@pytest.mark.parametrize("spelled", ["*", "network", "Network", "NETWORK", "network/{}"])
def test_a_class_may_be_spelled_in_any_way(api: Any, spelled: str) -> None:
    network = api.network.get_all()[0]
    token = ask(api)["token"]
    api.network.set_name_label(network, "lab")
    api.pool.set_name_label(api.pool.get_all()[0], "6J")
    batch = ask(api, token, spelled.format(network))
    assert ("network", "mod", network) in told(batch)
    assert (len(batch["events"]) == 1) is (spelled != "*")


@pytest.mark.parametrize("spelled", ["", "unicorn", "vm/OpaqueRef:1/2", "*/x"])
def test_a_class_nobody_knows_is_refused(api: Any, spelled: str) -> None:
    said = refusal(ask, api, "", spelled)
    assert said == ["EVENT_SUBSCRIPTION_PARSE_FAILURE", spelled]


@pytest.mark.parametrize("token", ["x", "1", "1,", ",", "1,2,3", "-1,2", "٣,٣"])
def test_a_token_that_is_none_is_refused(api: Any, token: str) -> None:
    assert refusal(ask, api, token) == ["EVENT_FROM_TOKEN_PARSE_FAILURE", token]


def test_what_is_told_is_the_difference_and_in_order(api: Any) -> None:
    old, other = api.network.get_all()[:2]
    [pool] = api.pool.get_all()
    made = api.task.create("old", "")
    token = ask(api)["token"]
    short = api.task.create("short", "")
    api.task.set_status(short, "success")
    api.task.destroy(short)
    api.network.set_name_label(other, "b")
    api.network.set_name_label(old, "a")
    api.network.set_name_label(old, "c")
    new = api.task.create("new", "")
    api.task.set_status(made, "success")
    api.task.destroy(made)
    uuid = api.pool.get_uuid(pool)
    said = api.message.create("HELLO", 3, "Pool", uuid, "body")
    batch = ask(api, token)
    assert told(batch) == [
        ("message", "add", said),
        ("task", "add", new),
        ("network", "mod", other),
        ("network", "mod", old),
        ("task", "del", made),
    ]
    assert [("snapshot" in event) for event in batch["events"]] == [True, True, True, True, False]
    assert batch["events"][3]["snapshot"]["name_label"] == "c"
    assert ask(api, batch["token"])["events"] == []


def test_the_far_end_of_a_relation_is_told_of_too(pool: Computer) -> None:
    api = pool.login("xcp00")
    network = api.network.get_all()[0]
    token = ask(api)["token"]
    with pool.store.turn() as world:
        db = database_of(world.machines["xcp00"])
        pif = db.create("PIF", network=network, host=db.master)
    assert told(ask(api, token, "network", "PIF", "host")) == [
        ("pif", "add", pif),
        ("network", "mod", network),
        ("host", "mod", api.pool.get_master(api.pool.get_all()[0])),
    ]


def test_waiting_ends_with_what_was_waited_for(api: Any, computer: Computer) -> None:
    other = computer.login("xcp00")
    [pool] = api.pool.get_all()
    network = api.network.get_all()[0]
    token = ask(api)["token"]
    later(lambda: other.network.set_name_label(network, "not this"), 0.05)
    later(lambda: other.pool.set_name_label(pool, "6J"), 0.3)
    began = time.monotonic()
    batch = ask(api, token, "pool", timeout=20.0)
    assert 0.25 < time.monotonic() - began < 5
    assert told(batch) == [("pool", "mod", pool)]


def test_nothing_is_answered_before_the_timeout_and_then_it_is(api: Any) -> None:
    token = ask(api)["token"]
    began = time.monotonic()
    batch = ask(api, token, "VM", timeout=0.4)
    # The client's own seconds, whatever the world's time does.
    assert 0.4 <= time.monotonic() - began < 3
    assert (batch["events"], batch["token"]) == ([], token)
    assert batch["valid_ref_counts"]["vm"] == 1 + len(STOCK)


def test_what_time_brings_is_heard_without_another_call(fast: Computer) -> None:
    api, joiner = fast.login("xcp00"), fast.login("xcp01")
    token = ask(api)["token"]
    joiner.Async.pool.join("192.168.1.200", "root", PASSWORD)
    batch = ask(api, token, "host", timeout=30.0)
    assert [(of, operation) for of, operation, _ in told(batch)] == [("host", "add")]


def test_who_follows_the_pool_hears_that_the_line_is_still_there(
    api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labkit.sim.xapi.herald._HEARTBEAT", 0.2)
    batch = ask(api, ask(api)["token"], "pool", timeout=20.0)
    assert [operation for _, operation, _ in told(batch)] == ["mod"]


def test_a_member_tells_what_its_master_knows(pool: Computer) -> None:
    session = pool.client("xcp00")
    session.xenapi.login_with_password("root", PASSWORD)
    [ref] = session.xenapi.pool.get_all()
    token = ask(session.xenapi)["token"]
    member = pool.client("xcp01")
    later(lambda: session.xenapi.pool.set_name_label(ref, "6J"), 0.2)
    answer = getattr(member.event, "from")(session.handle, ["pool"], token, 20.0)
    assert told(answer["Value"]) == [("pool", "mod", ref)]


def test_a_logout_ends_the_waiting(api: Any, computer: Computer) -> None:
    session = computer.client("xcp00")
    session.xenapi.login_with_password("root", PASSWORD)
    ref = session.handle
    token = ask(session.xenapi)["token"]
    second = computer.client("xcp00")
    later(lambda: second.session.logout(ref))
    answer = getattr(session.event, "from")(ref, ["VM"], token, 30.0)
    assert answer["ErrorDescription"] == ["SESSION_INVALID", ref]


def test_whoever_waits_is_hung_up_on_when_the_host_goes(api: Any, computer: Computer) -> None:
    token = ask(api)["token"]

    def cut() -> None:
        with computer.store.turn() as world:
            power.turn_off(world, world.machines["xcp00"])

    later(cut)
    with pytest.raises((OSError, ConnectionError)):
        ask(api, token, "VM", timeout=30.0)


def test_a_thousand_who_wait_cost_little(computer: Computer) -> None:
    session = computer.client("xcp00")
    session.xenapi.login_with_password("root", PASSWORD)
    [pool] = session.xenapi.pool.get_all()
    machine = computer.machine("xcp00")
    db = database_of(machine)
    wanted = events.wanted(["pool"], db.model)
    following = Following(
        "xcp00", "xcp00", session.handle, wanted, seen=db.journal.now, timeout=60.0
    )
    herald = Herald(computer.store)
    threads = [threading.Thread(target=herald.wait, args=(following, 60.0)) for _ in range(1000)]
    for thread in threads:
        thread.start()
    spent = time.process_time()
    time.sleep(0.5)
    spent = time.process_time() - spent
    assert all(thread.is_alive() for thread in threads)
    session.xenapi.pool.set_name_label(pool, "6J")
    began = time.monotonic()
    for thread in threads:
        thread.join(20)
    assert time.monotonic() - began < 5
    herald.close()
    assert spent < 0.25


def test_a_token_of_an_injection_is_passed_by_whoever_follows(api: Any) -> None:
    [pool] = api.pool.get_all()
    token = ask(api)["token"]
    injected = api.event.inject("pool", pool)
    batch = ask(api, injected, "pool")
    assert told(batch) == [("pool", "mod", pool)]
    assert batch["token"] > injected >= token
    assert refusal(api.event.inject, "VM", "OpaqueRef:gone") == [
        "HANDLE_INVALID",
        "VM",
        "OpaqueRef:gone",
    ]
    assert int(api.event.get_current_id()) == int(batch["token"].split(",")[0])


def test_registered_clients_hear_of_each_thing_once(api: Any, computer: Computer) -> None:
    [pool] = api.pool.get_all()
    api.event.register(["pool"])
    api.pool.set_name_label(pool, "6J")
    [event] = api.event.next()
    assert (event["class"], event["operation"], event["ref"]) == ("pool", "mod", pool)
    assert event["snapshot"]["name_label"] == "6J"
    other = computer.login("xcp00")
    later(lambda: other.pool.set_name_label(pool, "6K"))
    [event] = api.event.next()
    assert event["snapshot"]["name_label"] == "6K"


def test_who_is_not_registered_has_nothing_to_wait_for(computer: Computer) -> None:
    session = computer.client("xcp00")
    session.xenapi.login_with_password("root", PASSWORD)
    ref = session.handle
    assert refusal(session.xenapi.event.next) == ["SESSION_NOT_REGISTERED", ref]
    session.xenapi.event.register(["VM", "host"])
    session.xenapi.event.unregister(["vm", "HOST"])
    assert refusal(session.xenapi.event.next) == ["SESSION_NOT_REGISTERED", ref]


def test_who_does_not_listen_for_long_has_lost_events(
    api: Any, computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labkit.sim.xapi.index._REMEMBERED", 3)
    api.event.register(["task"])
    for _ in range(5):
        task = api.task.create("x", "")
        api.task.set_status(task, "success")
        api.task.destroy(task)
    assert refusal(api.event.next) == ["EVENTS_LOST"]


def test_a_snapshot_of_a_large_pool_takes_less_than_a_second(computer: Computer) -> None:
    session = computer.client("xcp00")
    session.xenapi.login_with_password("root", PASSWORD)
    with computer.store.turn() as world:
        machine = world.machines["xcp00"]
        db = database_of(machine)
        domain = db.kept("VM", db.refs("VM")[0])
        model_host = db.kept("host", db.master)
        for _ in range(63):
            metrics = db.create("host_metrics")
            db.create("host", **{**model_host, "uuid": new_uuid(), "metrics": metrics})
        hosts = db.refs("host")
        for number in range(1000):
            metrics = db.create("VM_metrics")
            there = hosts[number % len(hosts)]
            own = {"uuid": new_uuid(), "metrics": metrics, "resident_on": there}
            db.create("VM", **{**domain, **own, "is_control_domain": False})
        params = [session.handle, ["*"], "", 30.0]
        spent = time.process_time()
        answer = dispatch.call(world, machine, "event.from", params)
        assert isinstance(answer, Answer)
        shown = xmlrpc.show(answer.kind, answer.value, db.model)
        spent = time.process_time() - spent
        assert shown.count("<value>add</value>") > 2000
        assert spent < 1
        # What is asked next costs by what changed, not by what there is.
        token = answer.value.token
        db.put("VM", db.refs("VM")[-1], name_label="changed")
        spent = time.process_time()
        for _ in range(100):
            answer = dispatch.call(world, machine, "event.from", [*params[:2], token, 0.0])
        assert isinstance(answer, Answer)
        assert len(answer.value.events) == 1
        assert time.process_time() - spent < 0.3
