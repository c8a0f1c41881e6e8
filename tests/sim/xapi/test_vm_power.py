"""What a VM may be asked in which power state, and what becomes of it."""

from typing import Any

import pytest

from labkit.sim.xapi.places import database_of
from tests.sim.xapi.conftest import Computer
from tests.sim.xapi.vms import done, failed, in_state, made, refusal, started

ALL = ("halted", "paused", "suspended", "running")
ROWS = {
    "start": ("halted",),
    "start_on": ("halted",),
    "provision": ("halted",),
    "make_into_template": ("halted",),
    "pause": ("running",),
    "suspend": ("running",),
    "clean_shutdown": ("running",),
    "clean_reboot": ("running",),
    "pool_migrate": ("running",),
    "changing_VCPUs_live": ("running",),
    "unpause": ("paused",),
    "resume": ("suspended",),
    "resume_on": ("suspended",),
    "hard_shutdown": ("paused", "suspended", "running"),
    "checkpoint": ("paused", "suspended", "running"),
    "hard_reboot": ("paused", "running"),
    "destroy": ("halted", "suspended"),
    "export": ("halted", "suspended"),
    "clone": ("halted",),
    "copy": ("halted",),
    "snapshot": ALL,
    "revert": ALL,
    "migrate_send": ("halted", "suspended", "running"),
}
_OF_OTHERS = {"provision", "revert"}
"""Of templates and snapshots alone, which is asked only in the right power state."""


@pytest.fixture
def api(computer: Computer) -> Any:
    return computer.login("xcp00")


@pytest.mark.parametrize("state", ["Halted", "Paused", "Suspended", "Running"])
def test_each_operation_has_its_power_states(computer: Computer, api: Any, state: str) -> None:
    vm = in_state(computer, api, state)
    allowed = set(api.VM.get_allowed_operations(vm))
    for operation, states in ROWS.items():
        possible = state.lower() in states
        assert (operation in allowed) == (possible and operation not in _OF_OTHERS), operation
        if not possible:
            assert refusal(api.VM.assert_operation_valid, vm, operation) == [
                "VM_BAD_POWER_STATE",
                vm,
                ", ".join(states),
                state.lower(),
            ]


@pytest.mark.parametrize(
    ("verb", "args"),
    [
        ("pause", ()),
        ("unpause", ()),
        ("suspend", ()),
        ("resume", (False, False)),
        ("clean_shutdown", ()),
        ("hard_shutdown", ()),
        ("clean_reboot", ()),
        ("hard_reboot", ()),
    ],
)
def test_a_halted_vm_is_asked_to_stop_in_vain(
    computer: Computer, api: Any, verb: str, args: tuple[object, ...]
) -> None:
    vm = made(api)
    told = ["VM_BAD_POWER_STATE", vm, ", ".join(ROWS[verb]), "halted"]
    assert refusal(getattr(api.VM, verb), vm, *args) == told
    task = getattr(api.Async.VM, verb)(vm, *args)
    assert failed(computer, api, task, seconds=0) == told


def _free(api: Any, host: str) -> int:
    """What the host has left, in both places that tell it."""
    free = int(api.host.compute_free_memory(host))
    # XAPI removed the getter, but its records still have the field.
    assert int(api.host_metrics.get_record(api.host.get_metrics(host))["memory_free"]) == free
    return free


def test_a_vm_runs_on_a_host(computer: Computer, api: Any) -> None:
    vm = made(api)
    [host] = api.host.get_all()
    before = _free(api, host)
    task = api.Async.VM.start(vm, False, False)
    assert api.VM.get_current_operations(vm) == {task: "start"}
    assert api.VM.get_scheduled_to_be_resident_on(vm) == host
    assert api.VM.get_power_state(vm) == "Halted"
    done(computer, api, task, seconds=5)
    record = api.VM.get_record(vm)
    assert (record["power_state"], record["resident_on"]) == ("Running", host)
    assert int(record["domid"]) > 0
    assert record["current_operations"] == {}
    assert vm in api.host.get_resident_VMs(host)
    taken = int(record["memory_target"]) + int(record["memory_overhead"])
    assert _free(api, host) == before - taken
    assert api.console.get_protocol(record["consoles"][0]) == "rfb"
    assert record["last_boot_CPU_flags"]["vendor"] == "GenuineIntel"
    assert record["guest_metrics"] == "OpaqueRef:NULL"
    assert "clean_shutdown" not in record["allowed_operations"]
    computer.passes(15)
    assert api.VM_guest_metrics.get_PV_drivers_up_to_date(api.VM.get_guest_metrics(vm))
    assert "clean_shutdown" in api.VM.get_allowed_operations(vm)
    done(computer, api, api.Async.VM.clean_shutdown(vm))
    record = api.VM.get_record(vm)
    assert record["power_state"] == "Halted"
    assert (record["resident_on"], record["domid"]) == ("OpaqueRef:NULL", "-1")
    assert (record["consoles"], record["guest_metrics"]) == ([], "OpaqueRef:NULL")
    assert _free(api, host) == before
    records = database_of(computer.machine("xcp00"))
    names = [records.get("message", each, "name") for each in records.refs("message")]
    assert names == ["VM_STARTED", "VM_SHUTDOWN"]


def test_a_vm_may_be_started_paused(computer: Computer, api: Any) -> None:
    vm = made(api)
    done(computer, api, api.Async.VM.start(vm, True, False))
    assert api.VM.get_power_state(vm) == "Paused"
    done(computer, api, api.Async.VM.unpause(vm))
    assert api.VM.get_power_state(vm) == "Running"


def test_a_reboot_is_a_new_domain(computer: Computer, api: Any) -> None:
    vm = started(computer, api)
    before = int(api.VM.get_domid(vm))
    done(computer, api, api.Async.VM.clean_reboot(vm))
    done(computer, api, api.Async.VM.hard_reboot(vm))
    assert int(api.VM.get_domid(vm)) == before + 2
    assert api.VM.get_power_state(vm) == "Running"


def test_a_guest_without_tools_cannot_be_asked(computer: Computer, api: Any) -> None:
    vm = started(computer, api, other_config={})
    for verb in ("clean_shutdown", "clean_reboot", "suspend"):
        assert refusal(getattr(api.VM, verb), vm) == ["VM_LACKS_FEATURE", vm]
    done(computer, api, api.Async.VM.shutdown(vm))
    assert api.VM.get_power_state(vm) == "Halted"


def test_a_paravirtualized_guest_always_can(computer: Computer, api: Any) -> None:
    vm = started(computer, api, other_config={}, HVM_boot_policy="")
    assert "clean_shutdown" in api.VM.get_allowed_operations(vm)
    assert api.console.get_protocol(api.VM.get_consoles(vm)[0]) == "vt100"


def test_one_thing_at_a_time(computer: Computer, api: Any) -> None:
    other = computer.login("xcp00")
    vm = started(computer, api)
    task = api.Async.VM.clean_shutdown(vm)
    told = ["OTHER_OPERATION_IN_PROGRESS", "VM", vm, "clean_shutdown", task]
    assert refusal(other.VM.pause, vm) == told
    assert failed(computer, other, other.Async.VM.suspend(vm), seconds=0) == told
    assert other.VM.get_allowed_operations(vm) == ["hard_reboot", "hard_shutdown"]


def test_pulling_the_plug_waits_for_nobody(computer: Computer, api: Any) -> None:
    vm = started(computer, api)
    slow = api.Async.VM.clean_shutdown(vm)
    quick = api.Async.VM.hard_shutdown(vm)
    assert api.task.get_error_info(slow) == ["TASK_CANCELLED", slow]
    assert refusal(api.VM.hard_shutdown, vm)[0] == "OTHER_OPERATION_IN_PROGRESS"
    done(computer, api, quick, seconds=2)
    assert api.VM.get_power_state(vm) == "Halted"


def test_the_plug_is_pulled_while_it_starts(computer: Computer, api: Any) -> None:
    vm = started(computer, api)
    done(computer, api, api.Async.VM.pause(vm))
    done(computer, api, api.Async.VM.hard_shutdown(vm))
    assert api.VM.get_power_state(vm) == "Halted"


def test_what_is_blocked_is_told_first(computer: Computer, api: Any) -> None:
    vm = made(api)
    api.VM.add_to_blocked_operations(vm, "start", "not on Sundays")
    assert refusal(api.VM.start, vm, False, False) == ["OPERATION_BLOCKED", vm, "not on Sundays"]
    api.VM.add_to_blocked_operations(vm, "pause", "never")
    assert refusal(api.VM.pause, vm) == ["OPERATION_BLOCKED", vm, "never"]
    api.VM.remove_from_blocked_operations(vm, "start")
    assert "start" in api.VM.get_allowed_operations(vm)


def test_a_template_does_not_run(computer: Computer, api: Any) -> None:
    vm = made(api)
    api.VM.set_is_a_template(vm, True)
    assert refusal(api.VM.start, vm, False, False) == ["VM_IS_TEMPLATE", vm, "start"]
    assert refusal(api.VM.pause, vm)[0] == "VM_BAD_POWER_STATE"
    assert "clone" in api.VM.get_allowed_operations(vm)
    api.VM.set_is_a_template(vm, False)
    running = started(computer, api)
    assert refusal(api.VM.set_is_a_template, running, True)[0] == "VM_BAD_POWER_STATE"


def test_the_control_domain_is_left_alone(api: Any) -> None:
    [host] = api.host.get_all()
    dom0 = api.host.get_control_domain(host)
    for verb in ("pause", "hard_shutdown", "suspend"):
        assert refusal(getattr(api.VM, verb), dom0) == [
            "OPERATION_NOT_ALLOWED",
            "Operations on domain 0 are not allowed",
        ]
    assert refusal(api.VM.destroy, dom0)[0] == "OPERATION_NOT_ALLOWED"


def test_only_provisioning_asks_for_a_template_and_reverting_for_a_snapshot(api: Any) -> None:
    vm = made(api)
    assert refusal(api.VM.provision, vm) == ["PROVISION_ONLY_ALLOWED_ON_TEMPLATE"]
    assert refusal(api.VM.revert, vm) == ["ONLY_REVERT_SNAPSHOT"]


def test_a_vm_that_uses_virtualization_itself_stays_where_it_is(
    computer: Computer, api: Any
) -> None:
    vm = started(computer, api, platform={"nested-virt": "true"})
    assert refusal(api.VM.suspend, vm) == ["VM_IS_IMMOBILE", vm]
