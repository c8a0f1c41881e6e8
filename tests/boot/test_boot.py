"""From power-on to the installer: firmware, boot loader, Xen, Linux and the vendor's start-up.

Every layout of the vendor's media is booted once, from the medium labkit made of it. Each test
then looks at what was told to whatever stands in the installer's place.
"""

import pytest

from labkit.media.answers import answer_file
from tests.boot.boots import Booted, Boots
from tests.boot.medium import LAYOUTS

pytestmark = pytest.mark.boot


@pytest.fixture(scope="module", params=LAYOUTS, ids=str)
def booted(request: pytest.FixtureRequest, boots: Boots) -> Booted:
    return boots[request.param].result()


def test_the_kernel_gets_the_parameters_of_its_generation(booted: Booted) -> None:
    rules = booted.medium.answers.rules
    consoles = [f"console={console}" for console in rules.consoles]
    assert booted.told.command_line.split() == [*rules.parameters, *consoles]


def test_the_installer_gets_its_answers_byte_for_byte(booted: Booted) -> None:
    wanted = answer_file(booted.medium.answers).encode()
    assert booted.told.files["answerfile.xml"] == wanted


def test_the_installer_gets_its_script_byte_for_byte(booted: Booted) -> None:
    wanted = booted.medium.viso.with_name("postinstall.sh").read_bytes()
    assert wanted.startswith(b"#!")
    assert booted.told.files["postinstall.sh"] == wanted


def test_the_answers_are_where_the_kernel_was_told_they_are(booted: Booted) -> None:
    (url,) = (
        word.partition("=")[2]
        for word in booted.told.command_line.split()
        if word.startswith(("answerfile=", "rt_answerfile="))
    )
    folder, _, name = url.rpartition("/")
    assert folder == "file:///tmp/ramdisk"
    assert name in booted.told.files
