"""Hosts that stop and start again, worlds that are put away, programs that share one."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
import XenAPI

from labkit.errors import LabError
from labkit.sim import power
from labkit.sim.store import Store
from labkit.sim.world import copied
from labkit.sim.xapi import node
from labkit.sim.xapi.server import Servers
from tests.sim.xapi.conftest import ADDRESSES, PASSWORD, Computer


def cut(computer: Computer, name: str) -> None:
    with computer.store.turn() as world:
        power.turn_off(world, world.machines[name])


def start(computer: Computer, name: str) -> None:
    """Switch on, up to where the operating system starts XAPI."""
    with computer.store.turn() as world:
        machine = world.machines[name]
        power.turn_on(world, machine)
        assert machine.memory is not None
        machine.memory.due.clear()
        node.xapi_starting(world, machine)


def states(computer: Computer) -> dict[str, tuple[bool, bool]]:
    """Every host of xcp00's pool: enabled, live."""
    api = computer.login("xcp00")
    return {
        host["name_label"]: (host["enabled"], api.host_metrics.get_live(host["metrics"]))
        for host in api.host.get_all_records().values()
    }


UP = {"xcp00": (True, True), "xcp01": (True, True)}


def test_a_pool_comes_back_after_a_power_cut(pool: Computer) -> None:
    for name in UP:
        cut(pool, name)
    with pytest.raises((ConnectionError, OSError)):
        pool.login("xcp00")
    for name in UP:
        start(pool, name)
    with pytest.raises(XenAPI.Failure, match="HOST_STILL_BOOTING"):
        pool.login("xcp00")
    pool.passes(60)
    assert states(pool) == UP


def test_a_member_waits_for_its_master(pool: Computer) -> None:
    for name in UP:
        cut(pool, name)
    start(pool, "xcp01")
    pool.passes(600)
    with pytest.raises(XenAPI.Failure, match="HOST_STILL_BOOTING"):
        pool.login("xcp01")
    start(pool, "xcp00")
    pool.passes(60)
    assert states(pool) == UP


def test_a_member_that_lost_its_power_is_missed_after_ten_minutes(pool: Computer) -> None:
    cut(pool, "xcp01")
    pool.passes(500)
    assert states(pool) == UP
    pool.passes(200)
    assert states(pool) == {"xcp00": (True, True), "xcp01": (True, False)}
    start(pool, "xcp01")
    pool.passes(9)
    assert states(pool) == {"xcp00": (True, True), "xcp01": (False, True)}
    pool.passes(10)
    assert states(pool) == UP


def test_a_disabled_member_shuts_down_and_is_not_live(pool: Computer) -> None:
    api = pool.login("xcp00")
    host = api.host.get_by_uuid(pool.machine("xcp01").hardware_uuid)
    api.host.disable(host)
    api.host.shutdown(host)
    with pytest.raises(XenAPI.Failure, match="HOST_DISABLED_UNTIL_REBOOT"):
        api.host.enable(host)
    pool.passes(11)
    assert states(pool)["xcp01"] == (False, False)
    pool.passes(30)
    machine = pool.machine("xcp01")
    assert (machine.power, machine.memory) == ("off", None)
    with pytest.raises(XenAPI.Failure, match="HOST_OFFLINE"):
        api.host.shutdown(host)


def test_sessions_and_tasks_end_with_the_toolstack(computer: Computer) -> None:
    session = computer.client("xcp00")
    session.xenapi.login_with_password("root", PASSWORD)
    ref = session.handle
    [sr] = session.xenapi.SR.get_by_name_label("Local storage")
    session.xenapi.Async.SR.scan(sr)
    cut(computer, "xcp00")
    start(computer, "xcp00")
    computer.passes(60)
    assert session.host.get_all(ref)["ErrorDescription"] == ["SESSION_INVALID", ref]
    assert computer.login("xcp00").task.get_all() == []


def test_a_disk_taken_back_to_a_snapshot_is_as_it_was(computer: Computer) -> None:
    with computer.store.turn() as world:
        machines = list(world.machines.values())
        kept = {machine.name: copied(machine.disk, machine.memory) for machine in machines}
    computer.login("xcp01").Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    computer.passes(60)
    assert states(computer) == UP
    with computer.store.turn() as world:
        for machine in world.machines.values():
            machine.disk, machine.memory = copied(*kept[machine.name])
    assert states(computer) == {"xcp00": (True, True)}
    assert computer.login("xcp01").host.get_all() != []


def test_a_pool_is_still_there_for_another_program(pool: Computer) -> None:
    pool.login("xcp00").pool.set_name_label(pool.login("xcp00").pool.get_all()[0], "pool-6J")
    script = (
        "import sys, XenAPI\n"
        "from pathlib import Path\n"
        "from labkit.sim.store import Store\n"
        "from labkit.sim.xapi.server import Servers\n"
        "servers = Servers(Store(Path(sys.argv[1]), 1.0))\n"
        "session = XenAPI.Session(servers.reach('192.168.1.200'))\n"
        f"session.xenapi.login_with_password('root', '{PASSWORD}')\n"
        "[pool] = session.xenapi.pool.get_all_records().values()\n"
        "print(pool['name_label'], len(session.xenapi.host.get_all()))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, str(pool.store.folder)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert said.stdout.split() == ["pool-6J", "2"]


def test_a_join_goes_on_without_the_program_that_began_it(computer: Computer) -> None:
    computer.login("xcp01").Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    computer.servers.close()
    other = Store(computer.store.folder, 1.0)
    with other.turn() as world:
        world.settle(60)
    computer.servers = Servers(other)
    assert states(computer) == UP


def test_two_programs_share_the_hosts_and_one_takes_over(computer: Computer) -> None:
    url = computer.url("xcp00")
    others = Servers(Store(computer.store.folder, 1.0))
    try:
        assert others.reach(ADDRESSES["xcp00"]) == url
        computer.login("xcp00")
        computer.servers.close()
        _answers_again(url)
    finally:
        others.close()


def _answers_again(url: str) -> None:
    session = XenAPI.Session(url)
    deadline = time.monotonic() + 10
    while True:
        try:
            session.xenapi.login_with_password("root", PASSWORD)
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    session("close")()


def test_a_stranger_at_the_address_is_named(computer: Computer, tmp_path: Path) -> None:
    computer.url("xcp00")
    stranger = Store(tmp_path / "other", 1.0)
    with stranger.turn() as world, computer.store.turn(reading=True) as mine:
        world.port = mine.port
    servers = Servers(stranger)
    with pytest.raises(LabError, match="Something else listens"):
        servers.reach(ADDRESSES["xcp00"])
    servers.close()


def test_two_hosts_with_one_stand_in_are_told_apart(computer: Computer) -> None:
    with pytest.raises(LabError, match="cannot be told apart") as refused:
        computer.servers.reach("10.0.1.200")
    assert "10.0.1.200 and 192.168.1.200" in refused.value.details


def test_nobody_answers_where_no_host_is(computer: Computer) -> None:
    session = XenAPI.Session(computer.servers.reach("192.168.1.77"))
    with pytest.raises((ConnectionError, OSError)):
        session.xenapi.login_with_password("root", PASSWORD)
    session("close")()
