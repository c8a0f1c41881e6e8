"""How the hosts of a lab are reached, and what they answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from labkit.errors import LabError
from labkit.lab import Lab
from labkit.vbox.driver import Machine, Power
from labkit.wait import NotYet, wait_for
from labkit.xapi.pool import Pool, read_pool
from labkit.xapi.session import Unreachable, XapiFailure, login

_LONGEST_BOOT = 20 * 60.0
"""Seconds from power on to XAPI; the first boot of a host makes its storage and certificates."""

Answer = Literal["silent", "starting", "member", "master"]
"""What a host's XAPI says: nothing, that it is still starting, that it is a member of a pool
whose master one should ask, or everything."""


@contextmanager
def on(lab: Lab, host: str) -> Iterator[Any]:
    """A XAPI session on a host: `with on(lab, "xcp00") as api: api.host.get_all()`."""
    url = lab.backend.reach(str(lab.scenario.hosts[host].address))
    with login(url, lab.root_password()) as api:
        yield api


def answer_of(lab: Lab, host: str) -> Answer:
    """What the host's XAPI says now. A wrong password is raised: waiting does not help."""
    try:
        with on(lab, host):
            return "master"
    except Unreachable:
        return "silent"
    except XapiFailure as refusal:
        if refusal.code == "HOST_IS_SLAVE":
            return "member"
        if refusal.code == "HOST_STILL_BOOTING":
            return "starting"
        raise


def pool_of(lab: Lab) -> Pool | None:
    """The pool as the lab's master has it; None while the master does not answer."""
    master = master_of(lab)
    if not runs(lab, master):
        return None
    try:
        with on(lab, master) as api:
            return read_pool(api)
    except Unreachable:
        return None
    except XapiFailure as refusal:
        if refusal.code in {"HOST_STILL_BOOTING", "HOST_IS_SLAVE"}:
            return None
        raise


def master_of(lab: Lab) -> str:
    """The host the scenario makes master."""
    if lab.scenario.pool is None:
        raise LabError(f"{lab.name} has no pool.", hint="Give the scenario a `pool`.")
    return lab.scenario.pool.master


def runs(lab: Lab, host: str) -> bool:
    """Whether the host's machine runs."""
    machine = lab.machine(host)
    return machine is not None and machine.power is Power.RUNNING


def machine_of(lab: Lab, host: str) -> Machine:
    """The host's machine, which has to be there."""
    machine = lab.machine(host)
    if machine is None:
        raise LabError(
            f"The machine of {host} is gone.",
            details=f"There was to be one called {lab.host(host).machine} in VirtualBox.",
            hint=f"Run `labkit up {lab.name}` to make it again.",
        )
    return machine


def uuid_of(lab: Lab, host: str) -> str:
    """The host's uuid in XAPI: the machine's own, which the identity medium gave it."""
    return machine_of(lab, host).hardware_uuid


def await_xapi(lab: Lab, host: str) -> None:
    """Wait until the host's XAPI is up. Raises `LabError` when its machine stops meanwhile."""
    place, spec = lab.host(host), lab.scenario.hosts[host]
    hint = f"Open {place.machine} in VirtualBox to see its screen. What its console said is in "
    hint += f"{place.serial_file}."
    if spec.management_mode == "dhcp":
        hint += f" See whether the room's DHCP server keeps {spec.address} for "
        hint += f"{spec.management_nic.mac}."
    wait_for(
        f"XAPI on {host}",
        lambda: _up(lab, host),
        seconds=_LONGEST_BOOT,
        hint=hint,
        clock=lab.backend.clock,
    )


def _up(lab: Lab, host: str) -> None:
    if not runs(lab, host):
        raise LabError(
            f"The machine of {host} has stopped.",
            details=f"What its console said is in {lab.host(host).serial_file}.",
            hint=f"Run `labkit up {lab.name}` to start it again.",
        )
    answer = answer_of(lab, host)
    if answer in ("silent", "starting"):
        raise NotYet(f"XAPI on {host} is {answer}")
