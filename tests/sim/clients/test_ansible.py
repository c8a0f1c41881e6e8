"""Ansible's modules for XenServer, which never heard of labkit, drive a pretend pool.

Each runs as Ansible runs it: a program of its own that is given its arguments in a file and
prints what it did.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.sim.xapi.conftest import PASSWORD, Computer

_MODULES = "ansible_collections.community.general.plugins.modules"

pytestmark = pytest.mark.skipif(
    find_spec("ansible_collections") is None,
    reason="Ansible's modules are not installed: make .venv/clients",
)

_LOCAL = """
import runpy, sys
import XenAPI
class Session(XenAPI.Session):
    def xenapi_request(self, name, params):
        if name == "login_with_password":
            params = ("root", {password!r})
        return XenAPI.Session.xenapi_request(self, name, params)
XenAPI.xapi_local = lambda: Session({url!r})
runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
"""


class Ansible:
    """Runs modules against one host."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._arguments = folder / "arguments.json"

    def __call__(self, module: str, **arguments: Any) -> dict[str, Any]:
        """What a module printed. Raises `AssertionError` when it failed."""
        login = {"hostname": self._url, "username": "root", "password": PASSWORD}
        return self._run(["-m", f"{_MODULES}.{module}"], login | arguments)

    def facts(self) -> dict[str, Any]:
        """The module of facts is for the host's own control domain: it logs in without a password
        at XAPI's socket there. Here somebody shows it to the address, and has logged in."""
        module = f"{_MODULES}.xenserver_facts"
        shown = _LOCAL.format(url=self._url, password=PASSWORD, module=module)
        return self._run(["-c", shown], {})

    def _run(self, program: list[str], arguments: dict[str, Any]) -> dict[str, Any]:
        self._arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}))
        command = [sys.executable, *program, str(self._arguments)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        said: dict[str, Any] = json.loads(ran.stdout.strip().splitlines()[-1])
        assert not said.get("failed"), said.get("msg")
        return said


@pytest.fixture(scope="module")
def computer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Computer]:
    """One host, whose time passes as fast as on the command line."""
    found = Computer(tmp_path_factory.mktemp("sim"), speed=600.0)
    found.add("xcp00")
    yield found
    found.close()


@pytest.fixture
def ansible(computer: Computer, tmp_path: Path) -> Ansible:
    return Ansible(computer.url("xcp00"), tmp_path)


def test_the_facts_of_a_host(ansible: Ansible) -> None:
    found = ansible.facts()["ansible_facts"]
    assert found["xs_srs"]["Local storage"]["type"] == "ext"
    assert found["xs_pifs"]["eth0"]["management"] is True
    assert "Debian Bookworm 12" in found["xs_vms"]


def test_a_guest_lives_from_template_to_removal(ansible: Ansible, computer: Computer) -> None:
    api = computer.login("xcp00")
    wanted = {
        "name": "web",
        "template": "Debian Bookworm 12",
        "disks": [{"size_gb": 12, "name": "web root", "sr": "Local storage"}],
        "networks": [{"name": "Pool-wide network associated with eth0"}],
        "hardware": {"num_cpus": 2, "memory_mb": 512},
        "state": "poweredon",
        "wait_for_ip_address": True,
    }
    made = ansible("xenserver_guest", **wanted)
    assert made["changed"] is True
    guest = made["instance"]
    assert (guest["state"], guest["name"]) == ("poweredon", "web")
    assert (guest["hardware"]["num_cpus"], guest["hardware"]["memory_mb"]) == (2, 512)
    assert [disk["name"] for disk in guest["disks"]] == ["web root"]
    assert guest["networks"][0]["ip"].startswith("10.")
    assert ansible("xenserver_guest", **wanted)["changed"] is False
    [vm] = api.VM.get_by_name_label("web")
    assert api.VM.get_power_state(vm) == "Running"

    state = {"name": "web", "wait_for_ip_address": False}
    assert ansible("xenserver_guest_info", name="web")["instance"]["uuid"] == guest["uuid"]
    for power, told in (
        ("shutdown-guest", "poweredoff"),
        ("powered-on", "poweredon"),
        ("suspended", "suspended"),
        ("powered-on", "poweredon"),
        ("reboot-guest", "poweredon"),
        ("restarted", "poweredon"),
        ("powered-off", "poweredoff"),
    ):
        said = ansible("xenserver_guest_powerstate", **state, state=power)
        assert said["instance"]["state"] == told, power
    ansible("xenserver_guest", name="web", state="absent")
    assert api.VM.get_by_name_label("web") == []
    assert api.VDI.get_by_name_label("web root") == []
