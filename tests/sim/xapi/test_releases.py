"""What a client finds different from release to release."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labkit.sim.xapi.datamodel import GENERATIONS, model_of
from tests.sim.xapi.conftest import ADDRESSES, PASSWORD, Computer
from tests.sim.xapi.test_messages import refusal

HOSTS = dict(zip(GENERATIONS, ("xcp00", "xcp01", "xcp02"), strict=True))


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Computer]:
    """A host of each release, each a pool of its own."""
    folder: Path = tmp_path_factory.mktemp("releases")
    found = Computer(folder / "sim", speed=0.001)
    for generation, name in HOSTS.items():
        found.add(name, generation)
    yield found
    found.close()


@pytest.fixture(params=GENERATIONS)
def generation(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def api(three: Computer, generation: str) -> Any:
    return three.login(HOSTS[generation])


@pytest.fixture
def old(three: Computer) -> Any:
    return three.login(HOSTS["xcp-1.6"])


@pytest.fixture
def middle(three: Computer) -> Any:
    return three.login(HOSTS["xcp-ng-8.2"])


def test_every_record_has_the_fields_of_its_release_and_no_others(
    api: Any, generation: str
) -> None:
    model = model_of(generation)
    for name in sorted(model.class_names - {"session"}):
        known = model.known(name)
        asked = known.messages.get("get_all_records")
        if asked is None or asked.removed or not asked.implicit:
            continue
        for record in getattr(api, name).get_all_records().values():
            assert record.keys() == known.fields.keys(), name


def test_the_list_of_messages_is_that_of_the_release(three: Computer, generation: str) -> None:
    listed = set(three.client(HOSTS[generation]).system.listMethods())
    assert listed == set(model_of(generation).all_messages())
    assert ("pool.rotate_secret" in listed) == (generation == "xcp-ng-8.3")
    assert ("pool_update.get_all" in listed) == (generation != "xcp-1.6")
    assert {"session.login_with_password", "VMPP.protect_now"} <= listed


def test_what_a_release_lacks_is_unknown_to_it(old: Any, middle: Any) -> None:
    assert refusal(middle.Observer.get_all) == ["MESSAGE_METHOD_UNKNOWN", "Observer.get_all"]
    assert refusal(old.pool_update.get_all) == ["MESSAGE_METHOD_UNKNOWN", "pool_update.get_all"]
    [pool] = old.pool.get_all()
    name = "pool.get_cpu_info"
    assert refusal(old.pool.get_cpu_info, pool) == ["MESSAGE_METHOD_UNKNOWN", name]


def test_what_was_removed_since_says_so(old: Any, middle: Any) -> None:
    [host] = old.host.get_all()
    assert refusal(old.host.license_apply, host, "") == ["NOT_IMPLEMENTED", "host.license_apply"]
    [host] = middle.host.get_all()
    assert refusal(middle.host.license_apply, host, "") == ["MESSAGE_REMOVED"]
    assert old.VMPP.get_all() == []
    assert refusal(middle.VMPP.get_all) == ["MESSAGE_REMOVED"]


def test_a_removed_message_wants_its_parameters_and_a_session_all_the_same(
    three: Computer, middle: Any
) -> None:
    assert refusal(middle.host.license_apply) == [
        "MESSAGE_PARAMETER_COUNT_MISMATCH",
        "host.license_apply",
        "2",
        "0",
    ]
    raw = three.client(HOSTS["xcp-ng-8.2"])
    answer = raw.VMPP.get_all("OpaqueRef:none")
    assert answer["ErrorDescription"] == ["SESSION_INVALID", "OpaqueRef:none"]


def test_parameters_are_counted_by_the_release(three: Computer, middle: Any) -> None:
    [host] = middle.host.get_all()
    assert refusal(middle.host.evacuate, host, "OpaqueRef:NULL") == [
        "MESSAGE_PARAMETER_COUNT_MISMATCH",
        "host.evacuate",
        "1",
        "2",
    ]
    new = three.login(HOSTS["xcp-ng-8.3"])
    [host] = new.host.get_all()
    assert new.Async.host.evacuate(host, "OpaqueRef:NULL").startswith("OpaqueRef:")


def test_a_newer_client_may_say_more_where_something_may_be_left_out(three: Computer) -> None:
    raw = three.client(HOSTS["xcp-1.6"])
    answer = raw.session.login_with_password("root", "opensesame", "1.0", "someone")
    assert answer["Status"] == "Success"


def test_a_field_may_be_written_in_one_release_and_not_in_another(three: Computer) -> None:
    for generation, implicit in (("xcp-ng-8.2", True), ("xcp-ng-8.3", False)):
        message = model_of(generation).find("VM.set_blocked_operations")
        assert message is not None
        assert message.implicit is implicit


def test_messages_no_documentation_has_can_be_called(api: Any) -> None:
    assert api.SR.get_all_records_where('field "type"="ext"')
    assert refusal(api.pool.hello, "uuid", "address") == ["NOT_IMPLEMENTED", "pool.hello"]


def test_a_class_is_spelled_with_an_underscore_too(three: Computer, generation: str) -> None:
    raw = three.client(HOSTS[generation])
    ref = raw.session_login_with_password("root", "opensesame")["Value"]
    assert raw.host_metrics_get_all(ref) == raw.host_metrics.get_all(ref)


def test_a_host_tells_its_versions(api: Any, generation: str) -> None:
    [host] = api.host.get_all_records().values()
    versions = {"xcp-1.6": (1, 10), "xcp-ng-8.2": (2, 15), "xcp-ng-8.3": (2, 21)}
    schemas = {"xcp-1.6": "5.66", "xcp-ng-8.2": "5.603", "xcp-ng-8.3": "5.786"}
    told = int(host["API_version_major"]), int(host["API_version_minor"])
    assert told == versions[generation]
    assert host["software_version"]["db_schema"] == schemas[generation]
    assert ("xapi_build" in host["software_version"]) == (generation == "xcp-ng-8.3")


def test_the_processor_is_told_as_the_release_levels_it(api: Any, generation: str) -> None:
    [host] = api.host.get_all_records().values()
    info = host["cpu_info"]
    assert ("physical_features" in info) == (generation == "xcp-1.6")
    assert ("features_hvm" in info) == (generation != "xcp-1.6")
    assert ("features_hvm_host" in info) == (generation == "xcp-ng-8.3")
    [pool] = api.pool.get_all_records().values()
    if generation == "xcp-1.6":
        assert "cpu_info" not in pool
        assert [len(each) for each in info["features"].split("-")] == [8, 8, 8, 8]
    else:
        assert pool["cpu_info"]["features_hvm"] == info["features_hvm"]


@pytest.mark.parametrize("generation", GENERATIONS[:2])
def test_hosts_of_an_older_release_make_a_pool(tmp_path: Path, generation: str) -> None:
    computer = Computer(tmp_path / "sim", speed=0.001)
    try:
        for name in ("xcp00", "xcp01"):
            computer.add(name, generation)
        computer.login("xcp01").Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
        computer.passes(120)
        master = computer.login("xcp00")
        hosts = master.host.get_all_records().values()
        assert [host["enabled"] for host in hosts] == [True, True]
        # One tools repository, though this release does not say which that is.
        assert len(master.SR.get_by_name_label("XCP-ng Tools")) == 1
    finally:
        computer.close()
