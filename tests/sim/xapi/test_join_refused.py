"""Joins that XAPI refuses, and what it says then. Nothing has changed afterwards."""

from collections.abc import Callable
from typing import Any

import pytest
import XenAPI

from labkit.sim.xapi.places import system_of
from tests.sim.xapi.conftest import ADDRESSES, PASSWORD, Computer

Tables = dict[str, dict[str, dict[str, Any]]]


def refused(computer: Computer, address: str, message: str = "join", **more: str) -> list[str]:
    api = computer.login(more.get("joiner", "xcp01"))
    password = more.get("password", PASSWORD)
    with pytest.raises(XenAPI.Failure) as failure:
        getattr(api.pool, message)(address, more.get("user", "root"), password)
    return list(failure.value.details)


def alter(computer: Computer, name: str, change: Callable[[Tables], object]) -> None:
    """Change a host's records behind its back."""
    with computer.store.turn() as world:
        tables = system_of(world.machines[name]).database
        assert tables is not None
        change(tables)
        # What was known of them by what they say is known no more.
        tables.index = None


def only(tables: Tables, of: str) -> dict[str, Any]:
    return next(iter(tables[of].values()))


def software(key: str, value: str) -> Callable[[Tables], object]:
    return lambda tables: only(tables, "host")["software_version"].update({key: value})


def vm(**fields: Any) -> Callable[[Tables], object]:
    return lambda tables: tables["VM"].update({"OpaqueRef:guest": {"uuid": "guest", **fields}})


MASTER = ADDRESSES["xcp00"]
DIFFERENT: list[tuple[str, Callable[[Tables], object], list[str]]] = [
    (
        "no management interface",
        lambda tables: [pif.pop("management", None) for pif in tables["PIF"].values()],
        ["HOST_STILL_BOOTING"],
    ),
    ("running VM", vm(power_state="Running"), ["JOINING_HOST_CANNOT_HAVE_RUNNING_VMS"]),
    (
        "VM at work",
        vm(current_operations={"OpaqueRef:task": "start"}),
        ["JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS"],
    ),
    ("platform", software("platform_version", "3.2.0"), ["HOSTS_NOT_COMPATIBLE"]),
    ("brand", software("product_brand", "Other"), ["HOSTS_NOT_COMPATIBLE"]),
    (
        "toolstack",
        software("xapi", "26.1"),
        ["HOSTS_NOT_HOMOGENEOUS", "Software version differs"],
    ),
    (
        "CPU vendor",
        lambda tables: only(tables, "host")["cpu_info"].update(vendor="AuthenticAMD"),
        ["HOSTS_NOT_HOMOGENEOUS", "CPUs differ"],
    ),
    (
        "shared storage",
        lambda tables: only(tables, "SR").update(shared=True),
        ["JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS"],
    ),
    (
        "network backend",
        software("network_backend", "bridge"),
        ["OPERATION_NOT_ALLOWED", "Network backends differ"],
    ),
    (
        "API version",
        lambda tables: only(tables, "host").update(API_version_minor=20),
        ["POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION", "2.20", "2.21"],
    ),
    (
        "schema",
        software("db_schema", "5.791"),
        ["POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA", "5.791", "5.786"],
    ),
    (
        "TLS",
        lambda tables: only(tables, "pool").update(tls_verification_enabled=True),
        ["POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH"],
    ),
]


@pytest.mark.parametrize(
    ("change", "answer"), [row[1:] for row in DIFFERENT], ids=[row[0] for row in DIFFERENT]
)
def test_a_host_that_does_not_fit_is_refused(
    computer: Computer, change: Callable[[Tables], object], answer: list[str]
) -> None:
    alter(computer, "xcp01", change)
    assert refused(computer, MASTER) == answer
    assert len(computer.login("xcp00").host.get_all()) == 1
    assert computer.login("xcp01").task.get_all() == []


def test_the_first_question_answered_with_no_counts(computer: Computer) -> None:
    for _, change, _ in reversed(DIFFERENT):
        alter(computer, "xcp01", change)
    assert refused(computer, MASTER) == DIFFERENT[0][2]


def test_force_skips_one_question_only(computer: Computer) -> None:
    changes = {name: change for name, change, _ in DIFFERENT}
    alter(computer, "xcp01", changes["CPU vendor"])
    alter(computer, "xcp01", changes["toolstack"])
    alter(computer, "xcp01", changes["shared storage"])
    assert refused(computer, MASTER, "join_force") == ["JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS"]
    alter(computer, "xcp01", lambda tables: only(tables, "SR").update(shared=False))
    task = computer.login("xcp01").Async.pool.join_force(MASTER, "root", PASSWORD)
    computer.passes(6)
    assert computer.login("xcp01").task.get_status(task) == "success"


def test_a_storage_driver_the_pool_has_and_the_host_has_not(computer: Computer) -> None:
    alter(
        computer,
        "xcp01",
        lambda tables: [tables["SM"].pop(ref) for ref, sm in list(tables["SM"].items())
                        if sm["type"] == "nfs"],
    )  # fmt: skip
    api = computer.login("xcp00")
    [nfs] = [ref for ref, sm in api.SM.get_all_records().items() if sm["type"] == "nfs"]
    assert refused(computer, MASTER) == ["POOL_JOINING_SM_FEATURES_INCOMPATIBLE", nfs, ""]


def test_a_host_cannot_join_itself(pool: Computer) -> None:
    itself = ["OPERATION_NOT_ALLOWED", "Host is already part of a pool"]
    assert refused(pool, ADDRESSES["xcp00"], joiner="xcp00") == itself
    pool.add("xcp02")
    itself = ["OPERATION_NOT_ALLOWED", "Host cannot become slave of itself"]
    assert refused(pool, ADDRESSES["xcp02"], joiner="xcp02") == itself


def test_a_master_of_others_cannot_join(pool: Computer) -> None:
    pool.add("xcp02")
    assert refused(pool, ADDRESSES["xcp02"], joiner="xcp00") == [
        "JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS"
    ]


def test_a_member_sends_to_its_master(pool: Computer) -> None:
    pool.add("xcp02")
    answer = refused(pool, ADDRESSES["xcp01"], joiner="xcp02")
    assert answer == ["HOST_IS_SLAVE", "127.0.1.200"]


def test_a_wrong_password_of_the_master(fast: Computer) -> None:
    answer = refused(fast, MASTER, password="guess")
    assert answer == ["SESSION_AUTHENTICATION_FAILED", "root", "Authentication failure"]


def test_a_wrong_password_told_by_a_task(computer: Computer) -> None:
    api = computer.login("xcp01")
    task = api.Async.pool.join(MASTER, "root", "guess")
    assert api.task.get_status(task) == "pending"
    computer.passes(5)
    assert api.task.get_error_info(task)[0] == "SESSION_AUTHENTICATION_FAILED"


@pytest.mark.parametrize("address", ["192.168.1.99", "nowhere.example", ""])
def test_an_address_nobody_answers_at(computer: Computer, address: str) -> None:
    assert refused(computer, address) == ["JOINING_HOST_CONNECTION_FAILED"]
