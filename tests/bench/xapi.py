"""The pretend XAPI: how soon it answers, how often, and how that goes as pools grow."""

import re
import statistics
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import XenAPI

from labkit.sim.xapi.datamodel import model_of
from tests.bench.client import Raw, Refused, rate, request
from tests.bench.pretend_pool import served
from tests.bench.timing import seconds
from tests.sim.xapi.conftest import PASSWORD

SECONDS = 3.0
GROWTH = (10, 100, 1000, 10_000)
_REF = re.compile(r"OpaqueRef:[-0-9a-f]{36}")


def small(folder: Path) -> Iterator[str]:
    """A pool of two, as labs are."""
    with served(folder / "two", hosts=2, vms=5) as (url, _):
        classes = _classes(url)
        took = [seconds(lambda: _all_records(url, classes)) for _ in range(15)]
        yield (
            f"2 hosts: log in and get_all_records of {len(classes)} classes, stock client: "
            f"{statistics.median(took) * 1000:.0f} ms; aim: under 50 ms"
        )
        yield from _rates(url, "2 hosts")


def large(folder: Path) -> Iterator[str]:
    """64 hosts and a thousand VMs."""
    with served(folder / "many", hosts=64, vms=1000) as (url, program):
        classes = _classes(url)
        session = _session(url)
        raw = Raw(url)
        asked = [request(f"{of}.get_all_records", session) for of in classes]
        took = [seconds(lambda: [raw.ask(each) for each in asked]) for _ in range(5)]
        yield (
            f"64 hosts, 1,000 VMs: get_all_records of {len(classes)} classes: "
            f"{statistics.median(took) * 1000:.0f} ms on the wire"
        )
        yield _snapshot(raw, session)
        raw.close()
        yield from _rates(url, "64 hosts, 1,000 VMs")
        yield f"64 hosts, 1,000 VMs: {_most_mib(program):.0f} MiB at most; aim: under 300"


def growth(folder: Path) -> Iterator[str]:
    """What a call costs as VMs become more."""
    table: dict[str, list[float]] = {}
    for vms in GROWTH:
        with served(folder / str(vms), hosts=2, vms=vms) as (url, _):
            for name, took in _each_call(url, vms).items():
                table.setdefault(name, []).append(took)
    yield "microseconds a call, for " + ", ".join(f"{vms:,}" for vms in GROWTH) + " VMs:"
    # All but the last are to stay as they are; that one's answer grows.
    for name, all_took in table.items():
        yield f"  {name:<24}" + "".join(f"{took * 1e6:>9.0f}" for took in all_took)


def _each_call(url: str, vms: int) -> dict[str, float]:
    session, raw = _session(url), Raw(url)
    name = f"vm{vms // 2}"
    [vm] = _REF.findall(raw.ask(request("VM.get_by_name_label", session, name)).decode())
    turns = iter(range(1_000_000))
    calls: dict[str, Callable[[], bytes]] = {
        "VM.get_name_label": lambda: request("VM.get_name_label", session, vm),
        "VM.get_by_name_label": lambda: request("VM.get_by_name_label", session, name),
        "VM.get_record": lambda: request("VM.get_record", session, vm),
        "VM.set_name_description": lambda: request(
            "VM.set_name_description", session, vm, str(next(turns))
        ),
        "VM.get_all": lambda: request("VM.get_all", session),
    }
    found = {}
    for called, make in calls.items():
        asked = [make() for _ in range(300)]
        found[called] = statistics.median(seconds(partial(raw.ask, each)) for each in asked)
    raw.close()
    return found


def _snapshot(raw: Raw, session: str) -> str:
    everything = "<value><array><data><value>*</value></data></array></value>"
    timeout = "<value><double>5</double></value>"
    sent = request("event.from", session, everything, "", timeout)
    try:
        took = statistics.median(seconds(partial(raw.ask, sent)) for _ in range(5))
    except Refused:
        return "64 hosts, 1,000 VMs: event.from is not answered"
    return f"64 hosts, 1,000 VMs: the whole pool by event.from: {took:.2f} s; aim: under 1 s"


def _rates(url: str, where: str) -> Iterator[str]:
    session = _session(url)
    raw = Raw(url)
    host = _REF.findall(raw.ask(request("host.get_all", session)).decode())[0]
    raw.close()
    for kind, told in (("raw", "prepared requests"), ("stock", "stock client")):
        got = rate(kind, url, session, host, clients=4, seconds=SECONDS)
        yield f"{where}: {got:,.0f} calls/s to 4 clients over keep-alive, {told}; aim: 2,000"


def _classes(url: str) -> list[str]:
    """Those whose records can be asked for."""
    session: Any = XenAPI.Session(url)
    session.xenapi.login_with_password("root", PASSWORD)
    model = model_of("xcp-ng-8.3")
    found = []
    for name in model.all_messages():
        of, _, verb = name.partition(".")
        if verb == "get_all_records":
            answer = getattr(session, of).get_all_records(session.handle)
            found += [of] if answer["Status"] == "Success" else []
    session("close")()
    return found


def _all_records(url: str, classes: list[str]) -> None:
    session: Any = XenAPI.Session(url)
    session.xenapi.login_with_password("root", PASSWORD)
    for of in classes:
        getattr(session.xenapi, of).get_all_records()
    session("close")()


def _session(url: str) -> str:
    raw = Raw(url)
    answer = raw.ask(request("session.login_with_password", "root", PASSWORD)).decode()
    raw.close()
    found: str = _REF.findall(answer)[0]
    return found


def _most_mib(program: int) -> float:
    status = Path(f"/proc/{program}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
