"""The answer file, and the answers that never become one."""

from collections.abc import Callable
from typing import Any
from xml.dom import minidom

import pytest

from labkit.errors import ScenarioError
from labkit.media.answers import Answers, Script, answer_file
from labkit.media.generations import GENERATIONS
from tests.media.conftest import GOLDEN, HASH

Golden = Callable[[str, str], None]


def _answers(**values: Any) -> Answers:
    return Answers(
        **{
            "generation": "xcp-ng-8.3",
            "sr_type": "ext",
            "root_password_hash": HASH,
            **values,
        }
    )


@pytest.mark.parametrize("sr_type", ["ext", "lvm", "none"])
@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_answer_file_is_as_the_installer_wants_it(
    generation: str, sr_type: str, golden: Golden
) -> None:
    answers = _answers(generation=generation, sr_type=sr_type)
    golden(f"answers/{generation}-{sr_type}.xml", answer_file(answers))


@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_answer_file_holds_what_was_asked(generation: str, golden: Golden) -> None:
    services = (("chronyd", "enabled"), ("snmpd", "disabled"))
    answers = _answers(
        generation=generation,
        keymap="es",
        timezone="Europe/Madrid",
        ntp=("0.pool.ntp.org", "192.168.1.1"),
        disk="/dev/sdb",
        services=services if GENERATIONS[generation].services else (),
        scripts=(
            Script("installation-start", "before.py", "#!/usr/bin/python\n"),
            Script("filesystem-populated", "tune", "#!/bin/bash -e\n"),
        ),
    )
    golden(f"answers/{generation}-all.xml", answer_file(answers))


@pytest.mark.parametrize("generation", GENERATIONS)
def test_what_stops_or_crashes_an_installer_is_never_written(generation: str) -> None:
    for answers in (
        _answers(generation=generation),
        _answers(generation=generation, sr_type="none"),
        _answers(generation=generation, ntp=("a.example",)),
    ):
        xml = minidom.parseString(answer_file(answers))
        for element in ("bootloader", "ui-confirmation-prompt", "network-backend"):
            assert not xml.getElementsByTagName(element)
        sources = [element.getAttribute("source") for element in xml.getElementsByTagName("ntp")]
        assert sources in ([], ["default"])
        # Servers beside any source but `manual` are an error.
        assert not (sources and xml.getElementsByTagName("ntp-server"))
        assert xml.documentElement is not None
        assert xml.documentElement.getAttribute("sr-type") in ("ext", "lvm")
        assert xml.getElementsByTagName("root-password")[0].getAttribute("type") == "hash"


def test_no_answer_file_without_a_root_password() -> None:
    with pytest.raises(ValueError, match="root password"):
        answer_file(_answers(root_password_hash=""))


def test_the_hash_is_in_no_representation() -> None:
    assert HASH not in repr(_answers())


SH = "#!/bin/sh\n"


def _script(name: str = "a.sh", text: str = SH, stage: Any = "installation-start") -> Script:
    return Script(stage, name, text)


BAD: list[dict[str, Any]] = [
    {"generation": "xcp-ng-9.9"},
    {"generation": ""},
    {"generation": "XCP-ng-8.3"},
    {"sr_type": "EXT"},
    {"sr_type": "xfs"},
    {"sr_type": ""},
    {"sr_type": "lvm "},
    {"keymap": ""},
    {"keymap": "us;reboot"},
    {"keymap": "</keymap>"},
    {"keymap": "us\nes"},
    {"keymap": "ñ"},
    {"timezone": ""},
    {"timezone": "Europe/Atlantis"},
    {"timezone": "europe madrid"},
    {"timezone": "/etc/shadow"},
    {"timezone": "../../etc/shadow"},
    {"timezone": "Etc/UTC\n"},
    {"timezone": "Europe/<b>"},
    {"timezone": "America/Coyhaique"},
    {"timezone": "Europe/Kyiv", "generation": "xcp-ng-8.2"},
    {"timezone": "Asia/Yangon", "generation": "xcp-1.6"},
    {"timezone": "America/Nuuk", "generation": "xenserver-7"},
    {"ntp": ("",)},
    {"ntp": ("pool.ntp.org", "a b")},
    {"ntp": ("-x.example",)},
    {"ntp": ("a..b",)},
    {"ntp": ("a&b",)},
    {"ntp": ("x" * 64,)},
    {"ntp": ("a.example iburst\nserver b",)},
    {"ntp": ("none/",)},
    {"disk": ""},
    {"disk": "sda1"},
    {"disk": "sda; reboot"},
    {"disk": "/dev/sr0"},
    {"disk": "iscsi:"},
    {"disk": "/dev/disk/by-id/../sda"},
    {"disk": "nvme0n1", "generation": "xcp-1.6"},
    {"disk": "vda", "generation": "xenserver-6.2"},
    {"services": (("chronyd", "enabled"),), "generation": "xcp-1.6"},
    {"services": (("chronyd", "enabled"),), "generation": "xenserver-6.2"},
    {"services": (("chronyd", "enabled"),), "generation": "xenserver-7"},
    {"services": (("", "enabled"),)},
    {"services": (("chronyd.service", "enabled"),)},
    {"services": (("a b", "enabled"),)},
    {"services": (('a" state="', "enabled"),)},
    {"services": (("chronyd", "on"),)},
    {"services": (("chronyd", ""),)},
    {"services": (("chronyd", "enabled"), ("chronyd", "disabled"))},
    {"services": (("xapi", "disabled"),)},
    {"services": (("labkit-identity", "disabled"),)},
    {"scripts": (_script(name=""),)},
    {"scripts": (_script(name="../a.sh"),)},
    {"scripts": (_script(name="a b.sh"),)},
    {"scripts": (_script(name="answerfile.xml"),)},
    {"scripts": (_script(name="PostInstall.sh"),)},
    {"scripts": (_script(), _script(name="A.SH"))},
    {"scripts": (_script(text=""),)},
    {"scripts": (_script(text="true\n"),)},
    {"scripts": (_script(text="#!/bin/sh\r\ntrue\r\n"),)},
    {"scripts": (_script(text="#!/usr/bin/perl\n"),)},
    {"scripts": (_script(text="#!/bin/shells\n"),)},
    {"scripts": (_script(text="#!/usr/bin/python3\n"),)},
    {"scripts": (_script(text="#!/bin/sh" + " -e" * 20),)},
    {"scripts": (_script(stage="filesystem-polulated"),)},
    {"scripts": (_script(stage=""),)},
    {"hostname": ""},
    {"hostname": "no_underscores"},
    {"hostname": "two words"},
    {"hostname": "ends-"},
    {"hostname": "a." * 130},
    {"hostname": "ñ"},
    {"root_password_hash": "secret"},
    {"root_password_hash": "$1$salt$0123456789012345678901"},
    {"root_password_hash": "$1$salt$short", "generation": "xcp-1.6"},
    {"root_password_hash": "$2b$12$" + "x" * 53, "generation": "xenserver-6.2"},
    {"root_password_hash": "!!"},
    {"root_password_hash": HASH + "\n"},
    {"root_password_hash": HASH.replace("x", ":", 1)},
]


def test_there_are_enough_of_them() -> None:
    assert len(BAD) >= 60


@pytest.mark.parametrize("number", range(len(BAD)), ids=lambda number: str(BAD[number])[:60])
def test_what_the_vendor_does_not_check_is_checked(number: int, golden: Golden) -> None:
    with pytest.raises(ScenarioError) as caught:
        _answers(**BAD[number])
    error = caught.value
    assert error.hint
    secret = BAD[number].get("root_password_hash")
    said = f"{error.what}\n{error.details}\n"
    assert not secret or secret not in f"{said}{error.hint}"
    golden(f"bad/{number + 1:02}.txt", f"{said}")


def test_every_expected_error_is_of_bad_answers() -> None:
    expected = {f"{number + 1:02}.txt" for number in range(len(BAD))}
    assert {file.name for file in (GOLDEN / "bad").iterdir()} == expected


def test_hosts_of_2012_take_the_hash_they_make_themselves() -> None:
    md5 = "$1$salt$0123456789012345678901"
    assert md5 in answer_file(_answers(generation="xcp-1.6", root_password_hash=md5))


@pytest.mark.parametrize("first", ["#!/bin/sh", "#!/bin/bash -e", "#! /usr/bin/env python"])
def test_the_interpreters_of_the_installer_are_taken(first: str) -> None:
    answers = _answers(scripts=(_script(text=f"{first}\ntrue\n"),))
    assert "file:///tmp/ramdisk/a.sh" in answer_file(answers)


def test_labkits_own_script_is_the_last() -> None:
    text = answer_file(_answers(scripts=(_script(stage="filesystem-populated"),)))
    assert text.index("a.sh") < text.index("postinstall.sh")


@pytest.mark.parametrize("timezone", ["UTC", "Etc/GMT+3", "America/Argentina/Ushuaia"])
def test_time_zones_of_every_depth_are_known(timezone: str) -> None:
    assert f"<timezone>{timezone}</timezone>" in answer_file(_answers(timezone=timezone))


def test_markup_in_a_value_would_be_escaped() -> None:
    # Answers let none through; the template does not rely on it.
    answers = _answers()
    object.__setattr__(answers, "hostname", "<bootloader>&")
    assert "<hostname>&lt;bootloader&gt;&amp;</hostname>" in answer_file(answers)
