"""Messages that follow from the fields, and what is said to those that are none."""

from typing import Any

import pytest
import XenAPI

from tests.sim.xapi.conftest import Computer


@pytest.fixture
def api(computer: Computer) -> Any:
    return computer.login("xcp00")


def refusal(call: Any, *args: object) -> list[str]:
    with pytest.raises(XenAPI.Failure) as refused:
        call(*args)
    return list(refused.value.details)


def test_fields_that_may_be_written_are(api: Any) -> None:
    [pool] = api.pool.get_all()
    api.pool.set_name_label(pool, "pool <&> 6J")
    assert api.pool.get_name_label(pool) == "pool <&> 6J"
    api.pool.add_to_other_config(pool, "color", "red")
    assert api.pool.get_other_config(pool) == {"color": "red"}
    assert refusal(api.pool.add_to_other_config, pool, "color", "blue") == [
        "MAP_DUPLICATE_KEY",
        "pool",
        "other_config",
        pool,
        "color",
    ]
    api.pool.remove_from_other_config(pool, "color")
    api.pool.remove_from_other_config(pool, "color")
    api.pool.add_tags(pool, "course")
    api.pool.add_tags(pool, "course")
    assert api.pool.get_tags(pool) == ["course"]
    api.pool.remove_tags(pool, "course")
    record = api.pool.get_record(pool)
    assert (record["tags"], record["other_config"]) == ([], {})


def test_fields_that_may_only_be_read_have_no_setter(api: Any) -> None:
    [pool] = api.pool.get_all()
    assert refusal(api.pool.set_master, pool, pool) == ["MESSAGE_METHOD_UNKNOWN", "pool.set_master"]


def test_a_message_nobody_knows(api: Any) -> None:
    assert refusal(api.VM.levitate) == ["MESSAGE_METHOD_UNKNOWN", "VM.levitate"]
    assert refusal(api.Unicorn.get_all) == ["MESSAGE_METHOD_UNKNOWN", "Unicorn.get_all"]


def test_a_message_that_is_not_pretended_is_refused_by_name(api: Any) -> None:
    [host] = api.host.get_all()
    assert refusal(api.host.dmesg, host) == ["NOT_IMPLEMENTED", "host.dmesg"]


def test_a_message_that_was_removed(api: Any) -> None:
    [pool] = api.pool.get_all()
    assert refusal(api.pool.enable_ssl_legacy, pool) == ["MESSAGE_REMOVED"]


def test_parameters_are_counted_without_the_session(computer: Computer, api: Any) -> None:
    assert refusal(api.pool.get_name_label) == [
        "MESSAGE_PARAMETER_COUNT_MISMATCH",
        "pool.get_name_label",
        "1",
        "0",
    ]
    answer = computer.client("xcp00").session.login_with_password("root")
    assert answer["ErrorDescription"] == [
        "MESSAGE_PARAMETER_COUNT_MISMATCH",
        "session.login_with_password",
        "2",
        "1",
    ]


def test_an_unknown_message_is_told_to_those_who_are_logged_in(computer: Computer) -> None:
    raw = computer.client("xcp00")
    assert raw.VM.levitate("OpaqueRef:none")["ErrorDescription"] == [
        "SESSION_INVALID",
        "OpaqueRef:none",
    ]
    assert raw.VM.levitate()["ErrorDescription"] == ["MESSAGE_METHOD_UNKNOWN", "VM.levitate"]


def test_parameters_are_read_by_their_types(api: Any) -> None:
    [pool] = api.pool.get_all()
    assert refusal(api.pool.set_name_label, pool, 7) == ["FIELD_TYPE_ERROR", "value"]
    assert refusal(api.pool.set_ha_allow_overcommit, pool, "yes") == ["FIELD_TYPE_ERROR", "value"]
    [host] = api.host.get_all()
    assert refusal(api.host.set_display, host, "cinema") == ["INVALID_VALUE", "cinema"]
    network = api.network.get_all()[0]
    api.network.set_MTU(network, "9000")
    assert api.network.get_MTU(network) == "9000"


def test_objects_nobody_knows(api: Any) -> None:
    assert refusal(api.VM.get_record, "OpaqueRef:gone") == [
        "HANDLE_INVALID",
        "VM",
        "OpaqueRef:gone",
    ]
    assert refusal(api.host.get_by_uuid, "nobody") == ["UUID_INVALID", "host", "nobody"]
    assert api.SR.get_by_name_label("nowhere") == []


def test_records_are_chosen_by_an_expression(api: Any) -> None:
    def types(expression: str) -> set[str]:
        return {sr["type"] for sr in api.SR.get_all_records_where(expression).values()}

    assert types('field "type" = "ext"') == {"ext"}
    assert types('not (field "type" = "udev" or field "shared" = "true")') == {"ext"}
    assert types('field "type"="ext" and false') == set()
    assert refusal(types, "field =")[0] == "INTERNAL_ERROR"
    assert refusal(types, "(" * 5000)[0] == "INTERNAL_ERROR"


def test_a_call_may_run_as_a_task(api: Any) -> None:
    [sr] = api.SR.get_by_name_label("Local storage")
    task = api.Async.SR.scan(sr)
    assert (api.task.get_status(task), api.task.get_result(task)) == ("success", "")
    api.task.destroy(task)
    assert api.task.get_all() == []
    failing = api.Async.SR.scan("OpaqueRef:gone")
    assert api.task.get_status(failing) == "failure"
    assert api.task.get_error_info(failing) == ["HANDLE_INVALID", "SR", "OpaqueRef:gone"]


def test_getters_do_not_run_as_tasks(api: Any) -> None:
    assert refusal(api.Async.pool.get_all) == [
        "Fault",
        "No async mode for this operation (rpc: Async.pool.get_all)",
    ]


def test_a_host_is_disabled_and_enabled(api: Any) -> None:
    [host] = api.host.get_all()
    assert refusal(api.host.shutdown, host) == ["HOST_NOT_DISABLED"]
    api.host.disable(host)
    assert api.host.get_enabled(host) is False
    api.host.enable(host)
    assert api.host.get_enabled(host) is True


def test_the_old_spelling_of_a_message_is_understood(computer: Computer) -> None:
    raw = computer.client("xcp00")
    ref = raw.session.login_with_password("root", "opensesame")["Value"]
    assert raw.host_metrics_get_all(ref) == raw.host_metrics.get_all(ref)
