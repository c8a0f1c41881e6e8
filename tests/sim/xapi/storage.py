"""What tests of storage have in common: repositories, disks, and calls that take their time."""

from typing import Any

from tests.sim.xapi.conftest import Computer

SERVER = "192.168.1.9"
SHARE = {"server": SERVER, "serverpath": "/srv/vms"}
NULL = "OpaqueRef:NULL"
GIB = 1024**3


class Failed(AssertionError):
    """A call that went wrong; `args` is what it answered."""


def after(computer: Computer, call: Any, *args: Any, seconds: float = 30) -> Any:
    """The value of a long call: made as a task, since time stands still unless it is let pass."""
    session = computer.login("xcp00")
    task = call(*args)
    computer.passes(seconds)
    record = session.task.get_record(task)
    session.task.destroy(task)
    if record["status"] != "success":
        assert record["status"] == "failure", record["status"]
        raise Failed(*record["error_info"])
    return record["result"].removeprefix("<value>").removesuffix("</value>")


def host(api: Any, name: str) -> Any:
    [found] = api.host.get_by_name_label(name)
    return found


def made(
    computer: Computer,
    kind: str,
    device: dict[str, str],
    *,
    shared: bool = True,
    on: str = "xcp00",
    content: str = "user",
    settings: dict[str, str] | None = None,
) -> Any:
    """A new storage repository."""
    api = computer.login("xcp00")
    args = (host(api, on), device, "0", kind, "", kind, content, shared, settings or {})
    return after(computer, api.Async.SR.create, *args)


def failure(call: Any, *args: Any) -> list[str]:
    """What a call answers that goes wrong."""
    import XenAPI

    try:
        call(*args)
    except XenAPI.Failure as refused:
        return list(refused.details)
    except Failed as failed:
        return list(failed.args)
    raise AssertionError("it went well")


def disk(api: Any, sr: Any, size: int = GIB, **fields: Any) -> Any:
    """A new VDI."""
    return api.VDI.create(
        {
            "name_label": "disk",
            "name_description": "",
            "SR": sr,
            "virtual_size": str(size),
            "type": "user",
            "sharable": False,
            "read_only": False,
            "other_config": {},
            **fields,
        }
    )


def attached(computer: Computer, sr: Any) -> dict[str, bool]:
    """By host: whether it is plugged into a repository."""
    api = computer.login("xcp00")
    pbds = [api.PBD.get_record(pbd) for pbd in api.SR.get_PBDs(sr)]
    return {api.host.get_name_label(pbd["host"]): pbd["currently_attached"] for pbd in pbds}
