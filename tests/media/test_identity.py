"""A clone's identity, as its hook will read it."""

import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labkit.media.identity import Identity, write_identity
from tests.media.conftest import HASH

Golden = Callable[[str, str], None]


def identity(**values: Any) -> Identity:
    return Identity(
        **{
            "host_uuid": "1b1c1d1e-0000-4000-8000-00000000000A",
            "control_domain_uuid": "2b2c2d2e-0000-4000-8000-00000000000b",
            "machine_id": "0123456789abcdef0123456789abcdef",
            "hostname": "xcp00",
            "address": "192.168.1.10",
            "netmask": "255.255.255.0",
            "gateway": "192.168.1.1",
            "dns": ("192.168.1.1", "9.9.9.9"),
            "root_password_hash": HASH,
            "macs": ("08:00:27:00:00:0a", "08:00:27:00:00:0b", "08:00:27:00:00:0c"),
            **values,
        }
    )


def test_it_is_a_file_of_keys_and_values(tmp_path: Path, golden: Golden) -> None:
    medium = write_identity(tmp_path / "medium", identity(), windows=False)
    assert medium == tmp_path / "medium" / "identity.viso"
    golden("identity", (tmp_path / "medium" / "identity").read_bytes().decode())
    golden("identity.viso", medium.read_bytes().decode())


def test_an_isolated_host_has_no_gateway_and_no_name_servers(tmp_path: Path) -> None:
    write_identity(tmp_path, identity(gateway="", dns=()))
    assert "\nGATEWAY=''\nDNS=''\n" in (tmp_path / "identity").read_text()


def test_it_names_the_management_adapter_and_how_that_comes_by_its_address(
    tmp_path: Path, golden: Golden
) -> None:
    write_identity(tmp_path, identity(adapter=2, mode="dhcp"), windows=False)
    golden("identity-dhcp", (tmp_path / "identity").read_bytes().decode())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_nobody_else_may_read_the_password_hash(tmp_path: Path) -> None:
    write_identity(tmp_path, identity())
    assert stat.S_IMODE((tmp_path / "identity").stat().st_mode) == 0o600


def test_writing_it_twice_changes_nothing(tmp_path: Path) -> None:
    write_identity(tmp_path, identity())
    before = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    write_identity(tmp_path, identity())
    assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == before


def test_the_hash_is_in_no_representation() -> None:
    assert HASH not in repr(identity())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("host_uuid", "xcp00"),
        ("control_domain_uuid", ""),
        ("machine_id", "0123456789ABCDEF0123456789ABCDEF"),
        ("machine_id", "1b1c1d1e-0000-4000-8000-00000000000a"),
        ("hostname", "it's"),
        ("hostname", "xcp00\nROOT_HASH='x'"),
        ("hostname", ""),
        ("address", "192.168.1.256"),
        ("address", ""),
        ("netmask", ""),
        ("gateway", "router"),
        ("dns", ("",)),
        ("mode", "static; reboot"),
        ("mode", ""),
        ("macs", ()),
        ("macs", ("080027000001",)),
        ("macs", ("08:00:27:00:00:0A",)),
        ("macs", ("08:00:27:00:00:01'",)),
        ("adapter", 3),
        ("adapter", -1),
        ("root_password_hash", ""),
        ("root_password_hash", "secret"),
    ],
)
def test_a_value_a_shell_could_trip_over_never_gets_on_it(name: str, value: Any) -> None:
    with pytest.raises(ValueError):
        identity(**{name: value})
