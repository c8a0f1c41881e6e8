"""The storage server's preseed file, and the answers that never become one."""

from collections.abc import Callable
from typing import Any

import pytest

from labkit.errors import ScenarioError
from labkit.media.debian.medium import grub_config, isolinux_config, last_script, preseed
from labkit.scenario.generations import DEBIAN_GENERATIONS
from tests.media.conftest import GOLDEN, HASH
from tests.media.nas import nas_answers, nas_identity

Golden = Callable[[str, str], None]

ALL = nas_answers(
    keymap="la-latin1",
    timezone="America/Lima",
    ntp=("0.pool.ntp.org", "192.168.1.1"),
    mirror="http://mirror.lab:3142/debian/",
    disk="/dev/vdb",
    vhd_share="/srv/sr",
    iso_share="/srv/isos",
)
OWN = nas_answers(hostname="nas", identity=nas_identity())


@pytest.mark.parametrize(
    ("name", "answers"), [("plain", nas_answers()), ("all", ALL), ("own", OWN)], ids=str
)
def test_the_installer_gets_all_its_answers(name: str, answers: Any, golden: Golden) -> None:
    golden(f"nas/{name}.cfg", preseed(answers))
    golden(f"nas/{name}.sh", last_script(answers))


@pytest.mark.parametrize("generation", DEBIAN_GENERATIONS)
def test_both_boot_loaders_start_the_installer_at_once(generation: str, golden: Golden) -> None:
    rules = DEBIAN_GENERATIONS[generation]
    golden(f"nas/{generation}-isolinux.cfg", isolinux_config(rules))
    golden(f"nas/{generation}-grub.cfg", grub_config(rules))


def test_every_line_is_one_answer() -> None:
    for line in preseed(ALL).splitlines():
        if line and not line.startswith("#"):
            owner, question, kind = line.split(maxsplit=3)[:3]
            assert owner in ("d-i", "tasksel", "popularity-contest")
            assert "/" in question
            assert kind in ("string", "boolean", "select", "multiselect", "password", "note")


def test_no_question_is_answered_twice() -> None:
    for answers in (nas_answers(), ALL, OWN):
        lines = [line for line in preseed(answers).splitlines() if line and line[0] != "#"]
        questions = [line.split()[1] for line in lines]
        assert len(questions) == len(set(questions))


def test_no_preseed_file_without_a_root_password() -> None:
    with pytest.raises(ValueError, match="root password"):
        preseed(nas_answers(root_password_hash=""))


def test_the_hash_is_in_no_representation() -> None:
    assert HASH not in repr(nas_answers())
    assert HASH not in repr(OWN)


@pytest.mark.parametrize(
    ("console", "own"), [("us", "us"), ("es", "es"), ("uk", "gb"), ("de-latin1", "de")]
)
def test_keyboards_have_the_installers_own_names(console: str, own: str) -> None:
    assert f"xkb-keymap select {own}\n" in preseed(nas_answers(keymap=console))


BAD: list[dict[str, Any]] = [
    {"generation": "debian-11"},
    {"generation": "xcp-ng-8.3"},
    {"generation": ""},
    {"keymap": ""},
    {"keymap": "xx"},
    {"keymap": "us\nd-i preseed/run string x"},
    {"keymap": "US"},
    {"timezone": ""},
    {"timezone": "Europe/Atlantis"},
    {"timezone": "Etc/UTC\n"},
    {"timezone": "America/Coyhaique"},
    {"ntp": ("",)},
    {"ntp": ("a b",)},
    {"ntp": ("a\nEND",)},
    {"mirror": ""},
    {"mirror": "deb.debian.org"},
    {"mirror": "https://deb.debian.org/debian"},
    {"mirror": "http://deb.debian.org"},
    {"mirror": "http://a b/debian"},
    {"mirror": "http://deb.debian.org/debian\nd-i x/y string z"},
    {"mirror": "http://user:secret@mirror/debian"},
    {"mirror": "http://mirror:99999/debian"},
    {"disk": ""},
    {"disk": "sda1"},
    {"disk": "hda"},
    {"disk": "/dev/sr0"},
    {"disk": "sda; reboot"},
    {"vhd_share": ""},
    {"vhd_share": "export/vhd"},
    {"vhd_share": "/"},
    {"vhd_share": "/export"},
    {"vhd_share": "/export/../etc"},
    {"vhd_share": "/etc/vhd"},
    {"vhd_share": "/export/v h d"},
    {"vhd_share": "/export/$(reboot)"},
    {"vhd_share": "/export/vhd/"},
    {"iso_share": "/export/vhd"},
    {"iso_share": "/export/vhd/iso"},
    {"vhd_share": "/export/iso/vhd"},
    {"hostname": ""},
    {"hostname": "no_underscores"},
    {"hostname": "two words"},
    {"hostname": "x" * 64},
    {"root_password_hash": "secret"},
    {"root_password_hash": "$1$salt$0123456789012345678901"},
    {"root_password_hash": HASH + "\n"},
]


@pytest.mark.parametrize("number", range(len(BAD)), ids=lambda number: str(BAD[number])[:60])
def test_what_would_make_the_installer_ask_is_refused(number: int, golden: Golden) -> None:
    with pytest.raises(ScenarioError) as caught:
        nas_answers(**BAD[number])
    error = caught.value
    assert error.hint
    secret = BAD[number].get("root_password_hash")
    said = f"{error.what}\n{error.details}\n"
    assert not secret or secret not in f"{said}{error.hint}"
    golden(f"nas-bad/{number + 1:02}.txt", said)


def test_every_expected_error_is_of_bad_answers() -> None:
    expected = {f"{number + 1:02}.txt" for number in range(len(BAD))}
    assert {file.name for file in (GOLDEN / "nas-bad").iterdir()} == expected
