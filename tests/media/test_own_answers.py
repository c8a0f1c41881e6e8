"""A host that is installed to be itself answers for itself."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from labkit.media.answers import Answers, answer_file
from labkit.media.boot import write_boot_medium
from labkit.media.generations import GENERATIONS
from labkit.media.identity import Identity
from labkit.media.iso import inspect
from tests.media.conftest import HASH

Golden = Callable[[str, str], None]

IDENTITY = Identity(
    host_uuid="11111111-2222-4333-8444-555555555555",
    control_domain_uuid="11111111-2222-4333-8444-666666666666",
    machine_id="0" * 32,
    hostname="xcp01",
    address="192.168.1.201",
    netmask="255.255.255.0",
    gateway="",
    dns=("192.168.1.1", "192.168.1.2"),
    root_password_hash=HASH,
    macs=("08:00:27:00:00:01", "08:00:27:00:00:02", "08:00:27:00:00:03"),
)
OWN = Answers("xcp-ng-8.3", "ext", root_password_hash=HASH, hostname="xcp01", identity=IDENTITY)


def test_the_answers_are_static_and_its_own() -> None:
    tree = ElementTree.fromstring(answer_file(OWN))
    [interface] = tree.findall("admin-interface")
    assert interface.attrib == {"hwaddr": "08:00:27:00:00:01", "proto": "static"}
    # All three have to be there, the gateway also where there is none.
    assert {child.tag: child.text for child in interface} == {
        "ip": "192.168.1.201",
        "subnet": "255.255.255.0",
        "gateway": None,
    }
    assert [server.text for server in tree.findall("nameserver")] == ["192.168.1.1", "192.168.1.2"]
    assert tree.findtext("hostname") == "xcp01"


@pytest.mark.parametrize("mode", ["static", "dhcp"])
@pytest.mark.parametrize("generation", GENERATIONS)
def test_they_name_the_management_adapter_by_its_mac_address(
    generation: str, mode: Any, golden: Golden
) -> None:
    third = replace(IDENTITY, adapter=2, mode=mode, gateway="192.168.1.1")
    text = answer_file(replace(OWN, generation=generation, identity=third))
    golden(f"answers/{generation}-own-{mode}.xml", text)
    [interface] = ElementTree.fromstring(text).findall("admin-interface")
    assert interface.attrib == {"hwaddr": "08:00:27:00:00:03", "proto": mode}
    # What the room's DHCP server says is not said here.
    assert len(interface) == (3 if mode == "static" else 0)
    assert ("<nameserver>" in text) is (mode == "static")


def test_those_of_a_golden_machine_are_as_they_were() -> None:
    tree = ElementTree.fromstring(answer_file(replace(OWN, identity=None)))
    [interface] = tree.findall("admin-interface")
    assert interface.attrib == {"name": "eth0", "proto": "dhcp"}
    assert tree.findall("nameserver") == []


@pytest.fixture
def script(iso_file: Path, tmp_path: Path) -> Path:
    write_boot_medium(tmp_path / "medium", inspect(iso_file), OWN)
    return tmp_path / "medium" / "postinstall.sh"


def test_its_script_gives_it_the_uuid_of_its_machine_and_nothing_else(
    script: Path, tmp_path: Path
) -> None:
    inventory = tmp_path / "root" / "etc" / "xensource-inventory"
    inventory.parent.mkdir(parents=True)
    lines = [
        "PRODUCT_BRAND='XCP-ng'",
        "INSTALLATION_UUID='99999999-2222-4333-8444-555555555555'",
        "CONTROL_DOMAIN_UUID='88888888-2222-4333-8444-555555555555'",
    ]
    inventory.write_text("\n".join(lines) + "\n")
    inventory.chmod(0o640)
    for _ in range(2):
        subprocess.run(["sh", script, tmp_path / "root"], check=True)
        lines[1] = f"INSTALLATION_UUID='{IDENTITY.host_uuid}'"
        assert inventory.read_text().splitlines() == lines
        assert inventory.stat().st_mode & 0o777 == 0o640
        assert [file.name for file in inventory.parent.iterdir()] == ["xensource-inventory"]


def test_its_script_fails_where_there_is_no_host(script: Path, tmp_path: Path) -> None:
    ended = subprocess.run(["sh", script, tmp_path], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "there is no host" in ended.stderr
