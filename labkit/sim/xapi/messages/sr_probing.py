"""SR: looking for storage repositories that are there already."""

from typing import Any

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.places import host_of
from labkit.sim.xapi.storage.driver import Access
from labkit.sim.xapi.storage.drivers import driver_of


@message("SR.probe")
def probe(
    call: Call,
    host: str,
    device: dict[str, str],
    driver: str,
    settings: dict[str, str] | None = None,
) -> str:
    access = _access(call, host, device, settings)
    return driver_of(call.db, driver.lower()).probe(access)


@message("SR.probe_ext")
def probe_ext(
    call: Call,
    host: str,
    device: dict[str, str],
    driver: str,
    settings: dict[str, str] | None = None,
) -> list[dict[str, Any]]:
    access = _access(call, host, device, settings)
    found = driver_of(call.db, driver.lower())
    uuids = found.found(access)
    volume = found.volume(access)
    return [
        {
            "configuration": dict(device),
            "complete": True,
            "sr": {
                "uuid": uuid,
                "name_label": "",
                "name_description": "",
                "free_space": volume.size - volume.used,
                "total_space": volume.size,
                "clustered": False,
                "health": "healthy",
            },
            "extra_info": {},
        }
        for uuid in uuids
    ]


def _access(
    call: Call, host: str, device: dict[str, str], settings: dict[str, str] | None
) -> Access:
    machine = host_of(call.world, call.db.get("host", host, "uuid"))
    if machine is None:
        raise Failure("HOST_OFFLINE", host)
    return Access(call.world, machine, device, dict(settings or {}))
