"""What Debian's installer says on the serial port, read while it grows."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.media.debian.progress import FAILED, FINISHED, read_log
from labkit.media.progress import InstallLog

START = (
    "\x1b[2J\x1b[H[    0.000000] Linux version 6.1.0-48-amd64\r\n"
    "Starting system log daemon: syslogd, klogd.\r\n"
    "labkit: the installer has its answers\r\n"
    "Detecting network hardware  ... 2%... 95%... 100%\r\n"
    "Configuring the network with DHCP  ... 4%... 12%... 100%\r\n"
)
INSTALLATION = START + (
    "Starting up the partitioner  ... 4%... 100%\r\n"
    "Partitions formatting  ... 33%\r\n"
    "Installing the base system  ... 0%... 17%... 50%... 83%... 100%\r\n"
    "Configuring apt  ... 14%... 100%\r\n"
    "Select and install software  ... 1%... 10%... 60%... 100%\r\n"
    "Installing GRUB boot loader  ... 16%... 100%\r\n"
    "Finishing the installation  ... 2%... 40%\r\n"
    f"{FINISHED}\r\n"
    "Finishing the installation  ... 97%... 100%\r\n"
)
QUESTION = START + (
    "Checking the Debian archive mirror  ... 25%... 50%... 75%... 100%\r\n"
    "Download installer components\r\n"
    "-----------------------------\r\n"
    "\r\n"
    "The installer failed to download a file from the mirror.\r\n"
    "Downloading a file failed:\r\n"
    "  1: Retry [*],  2: Change mirror,      3: Cancel,    \r\n"
    "Prompt: '?' for help, default=1> "
)


def test_nothing_said_yet() -> None:
    for text in ("", "\r\n", "\x1b[H", "\x00\x00", "\n \n"):
        assert read_log(text) == InstallLog()


def test_an_installation_that_went_well() -> None:
    log = read_log(INSTALLATION)
    assert (log.finished, log.failed, log.fraction) == (True, False, 1.0)
    assert log.phase == "Installed"


def test_every_title_is_another_phase_and_further_on() -> None:
    told = [
        read_log("".join(INSTALLATION.splitlines(keepends=True)[:number]))
        for number in range(1, INSTALLATION.count("\n") - 1)
    ]
    assert [log.phase for log in told if log.phase] == [
        "Starting the installer",
        "Starting the installer",
        "Starting the installation",
        "Looking for the network",
        "Looking for the network",
        "Preparing the disk",
        "Preparing the disk",
        "Installing the smallest system",
        "Looking for more packages",
        "Installing the storage server",
        "Installing the boot loader",
        "Completing the installation",
    ]
    fractions = [log.fraction or 0.0 for log in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] < 1.0


def test_half_a_line_counts() -> None:
    log = read_log(START + "Installing the base system  ... 0%... 50%")
    assert log.phase == "Installing the smallest system"
    assert log.fraction == pytest.approx(0.325)


def test_a_question_is_a_failure_in_the_installers_own_words() -> None:
    log = read_log(QUESTION)
    assert (log.failed, log.finished) == (True, False)
    assert log.failure.startswith("Download installer components\n---")
    assert "failed to download a file from the mirror" in log.failure
    assert "Prompt:" in log.failure


def test_an_error_that_wants_a_key_pressed_is_one_too() -> None:
    shown = "!! ERROR: No installation media\r\n----\r\nThere is none.\r\n[Press enter to continue]"
    assert read_log(START + shown).failure.startswith("!! ERROR: No installation media")


def test_labkits_own_last_command_tells_what_it_missed() -> None:
    why = "labkit: there is no storage server in /target: it has no /usr/sbin/exportfs\r\n"
    log = read_log(START + why + FAILED + "\r\nFinishing the installation  ... 100%\r\n")
    assert log.failed
    assert "/usr/sbin/exportfs" in log.failure


def test_finished_is_not_what_comes_after_a_question() -> None:
    assert not read_log(QUESTION + "\r\n" + FINISHED).finished


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([INSTALLATION, QUESTION]), st.sets(st.integers(0, 2000), max_size=30))
def test_however_it_grows_it_never_goes_back(text: str, cuts: set[int]) -> None:
    told = [read_log(text[:cut]) for cut in sorted(cuts)] + [read_log(text)]
    for earlier, later in pairwise(told):
        assert (earlier.fraction or 0.0) <= (later.fraction or 0.0)
        assert earlier.failed <= later.failed
        assert earlier.finished <= later.finished
