"""What labkit asks of a pool, and tells it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labkit.errors import LabError
from labkit.xapi.session import USER


@dataclass(frozen=True, slots=True)
class Member:
    """A host as its pool's master has it."""

    uuid: str
    name: str
    address: str
    enabled: bool
    live: bool
    """Its heartbeat arrives at the master."""


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool as its master has it; every host that stands alone is master of one of its own."""

    name: str
    master: str
    """The master's host uuid."""
    members: tuple[Member, ...]
    """All hosts, the master among them, by name."""

    def member(self, uuid: str) -> Member | None:
        """The host of that uuid, if it is in the pool."""
        return next((member for member in self.members if member.uuid == uuid), None)


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What decides whether a host may join a pool, as the host itself tells it."""

    uuid: str
    pool_hosts: int
    """How many hosts its pool has, itself included."""
    cpu_vendor: str
    cpu_count: int
    software: tuple[str, ...]
    """product_brand, product_version, xapi and git_id of `software_version`."""
    busy_vms: tuple[str, ...]
    """Names of VMs that are running, paused or suspended, dom0 excepted."""
    shared_srs: tuple[str, ...]
    """Names of shared storage repositories, the tools excepted."""
    address_type: str
    """IPv4 or IPv6, of the management interface."""
    ahead: float
    """Seconds its clock is ahead of this computer's, whose zero does not matter."""
    ahead_error: float
    """Seconds that may be off by: the answer took its time."""


def read_pool(api: Any) -> Pool:
    """The pool of the host that `api` is logged in to."""
    [pool] = api.pool.get_all_records().values()
    hosts = api.host.get_all_records()
    live = {ref: metrics["live"] for ref, metrics in api.host_metrics.get_all_records().items()}
    members = (
        Member(
            uuid=host["uuid"],
            name=host["name_label"],
            address=host["address"],
            enabled=host["enabled"],
            live=live.get(host["metrics"], False),
        )
        for host in hosts.values()
    )
    return Pool(
        name=pool["name_label"],
        master=hosts[pool["master"]]["uuid"],
        members=tuple(sorted(members, key=lambda member: member.name)),
    )


def read_facts(api: Any, uuid: str, now: Callable[[], float]) -> HostFacts:
    """What decides whether the host of that uuid may join; `now` is this computer's clock."""
    hosts = api.host.get_all_records()
    mine = [(ref, host) for ref, host in hosts.items() if host["uuid"] == uuid]
    if not mine:
        raise LabError(
            "Another host answers at this address.",
            details=f"Asked for the host {uuid}; its pool has only "
            f"{', '.join(host['name_label'] for host in hosts.values())}.",
            hint="Look for another lab or computer that has the same address.",
        )
    [(ref, host)] = mine
    software, cpu = host["software_version"], host["cpu_info"]
    asked = now()
    clock = _seconds(str(api.host.get_servertime(ref)))
    answered = now()
    management = next(
        pif
        for pif in api.PIF.get_all_records().values()
        if pif["host"] == ref and pif["management"]
    )
    return HostFacts(
        uuid=uuid,
        pool_hosts=len(hosts),
        cpu_vendor=cpu.get("vendor", ""),
        cpu_count=int(cpu.get("cpu_count", 0)),
        software=tuple(
            software.get(key, "") for key in ("product_brand", "product_version", "xapi", "git_id")
        ),
        busy_vms=tuple(
            vm["name_label"]
            for vm in api.VM.get_all_records().values()
            if vm["power_state"] != "Halted"
            and not (vm["is_control_domain"] or vm["is_a_template"] or vm["is_a_snapshot"])
        ),
        shared_srs=tuple(
            sr["name_label"]
            for sr in api.SR.get_all_records().values()
            if sr["shared"] and sr["type"] != "iso" and not sr.get("is_tools_sr", False)
        ),
        address_type=management["primary_address_type"],
        ahead=clock - (asked + answered) / 2,
        ahead_error=(answered - asked) / 2,
    )


def rename_pool(api: Any, name: str) -> None:
    """Give the pool its name label."""
    [pool] = api.pool.get_all()
    api.pool.set_name_label(pool, name)


def join(joiner: Any, master_address: str, password: str) -> None:
    """Make the host that `joiner` is logged in to a member of the master's pool.

    XAPI returns before the host has become a member: it restarts some ten seconds later and
    is enabled only when it is back.
    """
    joiner.pool.join(master_address, USER, password)


def shut_down_host(api: Any, uuid: str) -> None:
    """Disable a host and let it shut down; it is off some time later."""
    host = api.host.get_by_uuid(uuid)
    api.host.disable(host)
    api.host.shutdown(host)


def _seconds(moment: str) -> float:
    """XAPI's `20260101T10:00:00Z` in seconds since 1970."""
    from datetime import UTC, datetime

    return datetime.strptime(moment, "%Y%m%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
