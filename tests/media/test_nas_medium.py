"""The storage server's media: a recipe, a few small files, and who it is."""

import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, cast

import pytest

from labkit.media.debian.identity import write_identity
from labkit.media.debian.medium import digest, write_boot_medium
from labkit.media.iso import inspect
from tests.media.conftest import HASH
from tests.media.nas import debian_iso, nas_answers, nas_identity

Golden = Callable[[str, str], None]


@pytest.mark.parametrize("windows", [False, True])
def test_the_recipe_is_what_virtualbox_wants(windows: bool, tmp_path: Path, golden: Golden) -> None:
    kind = PureWindowsPath if windows else PurePosixPath
    where = kind("C:/Users/José Núñez/isos/a.iso" if windows else "/home/josé/O'Hara's ISOs/a.iso")
    iso = replace(inspect(debian_iso(tmp_path / "a.iso")), path=cast(Path, where))
    medium = write_boot_medium(tmp_path / "medium", iso, nas_answers(), windows=windows)
    golden(f"nas/boot-{'windows' if windows else 'bourne'}.viso", medium.read_bytes().decode())
    assert {file.name for file in medium.parent.iterdir()} == {
        "boot.viso",
        "grub.cfg",
        "isolinux.cfg",
        "nas-late.sh",
        "preseed.cfg",
    }


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_nobody_else_may_read_the_password_hash(tmp_path: Path) -> None:
    iso = inspect(debian_iso(tmp_path / "a.iso"))
    write_boot_medium(tmp_path / "medium", iso, nas_answers())
    write_identity(tmp_path / "medium", nas_identity())
    for file in (tmp_path / "medium").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_writing_it_twice_changes_nothing(tmp_path: Path) -> None:
    iso = inspect(debian_iso(tmp_path / "a.iso"))
    folder = tmp_path / "medium"
    for _ in range(2):
        write_boot_medium(folder, iso, nas_answers())
        write_identity(folder, nas_identity())
        times = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    assert {file: file.stat().st_mtime_ns for file in folder.iterdir()} == times


def test_the_digest_is_of_what_decides_the_golden_machine(tmp_path: Path) -> None:
    iso = inspect(debian_iso(tmp_path / "a.iso"))
    answers = nas_answers()
    own = digest(iso, answers, 8192)
    assert len(own) == 12
    assert digest(iso, replace(answers, root_password_hash=""), 8192) == own
    differ = [
        digest(None, answers, 8192),
        digest(iso, answers, 8193),
        digest(iso, replace(answers, keymap="es"), 8192),
        digest(iso, replace(answers, vhd_share="/export/sr"), 8192),
        digest(iso, replace(answers, ntp=("a.example",)), 8192),
        digest(iso, replace(answers, mirror="http://mirror.lab/debian"), 8192),
        digest(replace(iso, marker=iso.marker + "x"), answers, 8192),
    ]
    assert len({own, *differ}) == len(differ) + 1


def test_the_identity_is_a_file_of_keys_and_values(tmp_path: Path, golden: Golden) -> None:
    medium = write_identity(tmp_path, nas_identity(), windows=False)
    assert medium == tmp_path / "identity.viso"
    golden("nas/identity", (tmp_path / "identity").read_bytes().decode())
    golden("nas/identity.viso", medium.read_bytes().decode())
    assert HASH not in repr(nas_identity())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("machine_id", "0123456789ABCDEF0123456789ABCDEF"),
        ("machine_id", ""),
        ("hostname", "it's"),
        ("hostname", "nas\nROOT_HASH='x'"),
        ("hostname", ""),
        ("address", "192.168.1.256"),
        ("netmask", ""),
        ("netmask", "255.0.255.0"),
        ("netmask", "24"),
        ("gateway", "router"),
        ("dns", ("",)),
        ("clients", ()),
        ("clients", ("*",)),
        ("clients", ("192.168.1.5/24",)),
        ("clients", ("fe80::/64",)),
        ("interface", "eth0; reboot"),
        ("mac", "08:00:27"),
        ("mac", "080027000001"),
        ("root_password_hash", "secret"),
    ],
)
def test_a_value_a_shell_could_trip_over_never_gets_on_it(name: str, value: Any) -> None:
    with pytest.raises(ValueError):
        nas_identity(**{name: value})
