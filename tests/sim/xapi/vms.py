"""VMs for tests."""

from typing import Any

import pytest
import XenAPI

from tests.sim.xapi.conftest import Computer

MIB = 1024 * 1024


def record(name: str = "vm", memory: int = 256, **more: Any) -> dict[str, Any]:
    """What `VM.create` is given: a virtualized PC whose guest has Xen's tools."""
    size = str(memory * MIB)
    return {
        "name_label": name,
        "name_description": "",
        "memory_static_max": size,
        "memory_dynamic_max": size,
        "memory_dynamic_min": size,
        "memory_static_min": "0",
        "VCPUs_max": "1",
        "VCPUs_at_startup": "1",
        "HVM_boot_policy": "BIOS order",
        "HVM_boot_params": {"order": "cd"},
        "platform": {},
        "other_config": {"labkit-guest": "tools"},
    } | more


def made(api: Any, name: str = "vm", memory: int = 256, **more: Any) -> str:
    """A halted VM."""
    return str(api.VM.create(record(name, memory, **more)))


def refusal(call: Any, *args: object, **more: object) -> list[str]:
    """What a call is refused with."""
    with pytest.raises(XenAPI.Failure) as refused:
        call(*args, **more)
    return list(refused.value.details)


def done(computer: Computer, api: Any, task: str, seconds: float = 60) -> str:
    """The result of a task, once some time has passed."""
    computer.passes(seconds)
    assert api.task.get_status(task) == "success", api.task.get_error_info(task)
    return str(api.task.get_result(task)).removeprefix("<value>").removesuffix("</value>")


def failed(computer: Computer, api: Any, task: str, seconds: float = 60) -> list[str]:
    """What a task failed with."""
    computer.passes(seconds)
    assert api.task.get_status(task) == "failure"
    return list(api.task.get_error_info(task))


def started(computer: Computer, api: Any, name: str = "vm", memory: int = 256, **more: Any) -> str:
    """A VM that runs, and whose guest has told of itself."""
    vm = made(api, name, memory, **more)
    done(computer, api, api.Async.VM.start(vm, False, False))
    return vm


def in_state(computer: Computer, api: Any, state: str) -> str:
    """A VM of that power state."""
    if state == "Halted":
        return made(api)
    vm = started(computer, api)
    if state == "Paused":
        done(computer, api, api.Async.VM.pause(vm))
    elif state == "Suspended":
        done(computer, api, api.Async.VM.suspend(vm))
    assert api.VM.get_power_state(vm) == state
    return vm
