"""The answer file, and the answers that never become one."""

from collections.abc import Callable
from typing import Any
from xml.dom import minidom

import pytest

from labkit.errors import ScenarioError
from labkit.media.answers import Answers, answer_file
from tests.media.conftest import HASH

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
def test_the_answer_file_is_as_the_installer_wants_it(sr_type: str, golden: Golden) -> None:
    golden(f"answerfile-{sr_type}.xml", answer_file(_answers(sr_type=sr_type)))


def test_the_answer_file_holds_what_was_asked(golden: Golden) -> None:
    answers = _answers(keymap="es", timezone="Europe/Madrid", ntp=("0.pool.ntp.org", "192.168.1.1"))
    golden("answerfile-all.xml", answer_file(answers))


def test_what_stops_or_crashes_an_installer_is_never_written() -> None:
    for answers in (_answers(), _answers(sr_type="none"), _answers(ntp=("a.example",))):
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


BAD: list[tuple[str, Any]] = [
    ("generation", "xcp-ng-9.9"),
    ("generation", ""),
    ("sr_type", "EXT"),
    ("sr_type", "xfs"),
    ("sr_type", ""),
    ("keymap", ""),
    ("keymap", "us;reboot"),
    ("keymap", "</keymap>"),
    ("keymap", "us\nes"),
    ("timezone", ""),
    ("timezone", "Europe/Atlantis"),
    ("timezone", "europe madrid"),
    ("timezone", "/etc/shadow"),
    ("timezone", "../../etc/shadow"),
    ("timezone", "Etc/UTC\n"),
    ("timezone", "Europe/<b>"),
    ("ntp", ("",)),
    ("ntp", ("pool.ntp.org", "a b")),
    ("ntp", ("-x.example",)),
    ("ntp", ("a..b",)),
    ("ntp", ("a&b",)),
    ("ntp", ("x" * 64,)),
    ("ntp", ("a.example iburst\nserver b",)),
    ("hostname", ""),
    ("hostname", "no_underscores"),
    ("hostname", "two words"),
    ("hostname", "ends-"),
    ("hostname", "a." * 130),
    ("hostname", "ñ"),
    ("root_password_hash", "secret"),
    ("root_password_hash", "$1$salt$0123456789012345678901"),
    ("root_password_hash", "!!"),
    ("root_password_hash", HASH + "\n"),
    ("root_password_hash", HASH.replace("x", ":", 1)),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_what_the_vendor_does_not_check_is_checked(name: str, value: Any) -> None:
    with pytest.raises(ScenarioError) as caught:
        _answers(**{name: value})
    assert caught.value.details
    assert caught.value.hint
    if name == "root_password_hash":
        assert value not in f"{caught.value.what}{caught.value.details}{caught.value.hint}"


@pytest.mark.parametrize("timezone", ["UTC", "Etc/GMT+3", "America/Argentina/Ushuaia"])
def test_time_zones_of_every_depth_are_known(timezone: str) -> None:
    assert f"<timezone>{timezone}</timezone>" in answer_file(_answers(timezone=timezone))


def test_markup_in_a_value_would_be_escaped() -> None:
    # Answers let none through; the template does not rely on it.
    answers = _answers()
    object.__setattr__(answers, "hostname", "<bootloader>&")
    assert "<hostname>&lt;bootloader&gt;&amp;</hostname>" in answer_file(answers)
