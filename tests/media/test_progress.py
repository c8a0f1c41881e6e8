"""An installer's log, read while it grows, as a serial port brings it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.media.progress import InstallLog, read_log

STAMP = "INFO     [2025-03-01 10:00:0{0}] "


def log(*lines: str) -> str:
    return "".join(f"{STAMP.format(n % 10)}{line}\r\n" for n, line in enumerate(lines))


PACKAGES = 37
INSTALLATION = (
    "\x1b[H\x1b[J(XEN) Xen version 4.17.5\r\n"
    "\x1b[0;32m[    1.234567] Linux version 4.19.0+1\x1b[0m\r\n"
    "Welcome to \x1b[0;34mXCP-ng\x1b[0m\r\n"
    + log(
        "Fetching answerfile from file:///tmp/ramdisk/answerfile.xml",
        "Processing XML answerfile for installation.",
        "root-password := ('pwdhash', '< not printed >') <type 'tuple'>",
        "Starting actual installation",
        "DISPATCH: NEW PHASE: Preparing for installation...",
        "TASK: Evaluating <function partitionTargetDisk at 0x7f>['/dev/sda']",
        "DISPATCH: NEW PHASE: Reading package information...",
        "YUM: Resolving Dependencies",
        *(
            f"YUM:   Installing : package-{n}-1.x86_64          {n}/{PACKAGES}"
            for n in range(1, PACKAGES + 1)
        ),
        *(
            f"YUM:   Verifying  : package-{n}-1.x86_64          {n}/{PACKAGES}"
            for n in range(1, PACKAGES + 1)
        ),
        "DISPATCH: NEW PHASE: Completing installation...",
        "Running script for stage filesystem-populated: file:///tmp/ramdisk/postinstall.sh",
        "Script returned 0",
        "The installation completed successfully.",
        "Finished.",
    )
)

FAILURE = log(
    "Starting actual installation",
    "DISPATCH: NEW PHASE: Preparing for installation...",
    "INSTALL FAILED.",
    "A fatal exception occurred:",
) + (
    "Traceback (most recent call last):\r\n"
    '  File "/opt/xensource/installer/install.py", line 272, in go\r\n'
    "RuntimeError: The disk /dev/sda is smaller than 46GB.\r\n"
)


def test_nothing_said_yet() -> None:
    for text in ("", "\r\n", "\x1b[H", "\x00\x00", "\n \n"):
        assert read_log(text) == InstallLog()


@pytest.mark.parametrize(
    ("until", "phase", "fraction"),
    [
        ("Welcome to", "Starting the installer", None),
        ("Starting actual installation", "Starting the installation", 0.0),
        ("NEW PHASE: Preparing", "Preparing the disk", 0.02),
        ("NEW PHASE: Reading", "Reading the packages", 0.05),
        ("Installing : package-1-", f"Installing packages: 1 of {PACKAGES}", 0.08),
        ("Installing : package-37-", f"Installing packages: 37 of {PACKAGES}", 0.80),
        ("Verifying  : package-37-", f"Verifying packages: 37 of {PACKAGES}", 0.90),
        ("NEW PHASE: Completing", "Completing the installation", 0.90),
        ("completed successfully", "Installed", 1.0),
    ],
)
def test_the_phase_and_how_far_it_is(until: str, phase: str, fraction: float | None) -> None:
    end = INSTALLATION.index("\n", INSTALLATION.index(until)) + 1
    found = read_log(INSTALLATION[:end])
    assert found.phase == phase
    assert found.fraction == (None if fraction is None else pytest.approx(fraction, abs=0.005))
    assert found.finished == (fraction == 1.0)
    assert until in found.last_line
    assert not found.failed


def test_a_finished_installation() -> None:
    found = read_log(INSTALLATION)
    assert (found.finished, found.failed, found.fraction) == (True, False, 1.0)
    assert found.last_line == "Finished."


def test_a_failed_installation_in_the_installers_own_words() -> None:
    found = read_log(FAILURE)
    assert (found.finished, found.failed) == (False, True)
    assert found.failure.splitlines() == [
        "A fatal exception occurred:",
        "Traceback (most recent call last):",
        '  File "/opt/xensource/installer/install.py", line 272, in go',
        "RuntimeError: The disk /dev/sda is smaller than 46GB.",
    ]
    assert found.fraction == pytest.approx(0.02)


def test_all_that_the_installer_knows_is_not_part_of_the_failure() -> None:
    found = read_log(FAILURE + log(*(f"answer-{n} := x" for n in range(500))))
    assert len(found.failure.splitlines()) < 100


def test_a_failure_that_says_nothing_more_is_one_all_the_same() -> None:
    found = read_log(log("INSTALL FAILED."))
    assert found.failed
    assert found.failure == "INSTALL FAILED."


def test_a_script_of_labkits_that_fails_is_a_failure_though_the_installer_goes_on() -> None:
    found = read_log(INSTALLATION.replace("Script returned 0", "Script returned 1"))
    assert (found.finished, found.failed) == (False, True)
    assert "postinstall.sh" in found.failure
    assert found.failure.endswith("Script returned 1")


def test_half_a_line_is_no_number() -> None:
    whole = log("Starting actual installation", "YUM:   Installing : a  12/612")
    assert read_log(whole).phase == "Installing packages: 12 of 612"
    for short in range(2, 6):
        assert read_log(whole[:-short]).phase == "Starting the installation"


def test_the_last_sentence_counts_also_without_an_end_of_line() -> None:
    end = INSTALLATION.index("completed successfully") + len("completed successfully")
    assert read_log(INSTALLATION[:end]).finished


def test_a_line_that_is_written_over_is_several_lines() -> None:
    assert read_log("10%\r20%\r30%\r\n").last_line == "30%"


def test_a_very_long_line_is_shown_in_part() -> None:
    assert len(read_log("x" * 100_000 + "\n").last_line) == 200


@settings(max_examples=200, deadline=None)
@given(
    cuts=st.tuples(
        st.integers(0, len(INSTALLATION)),
        st.integers(0, len(INSTALLATION)),
    )
)
def test_a_growing_log_never_goes_back(cuts: tuple[int, int]) -> None:
    earlier, later = (read_log(INSTALLATION[:cut]) for cut in sorted(cuts))
    assert (earlier.fraction or 0.0) <= (later.fraction or 0.0)
    assert earlier.finished <= later.finished
    assert not earlier.failed
    assert not later.failed
    assert not any(mark in later.last_line for mark in "\x1b\r\n")


@settings(max_examples=100, deadline=None)
@given(
    noise=st.text(st.sampled_from("\x1b[]0;?ABm\x07\\\r\n /%XYZé\x00"), max_size=80),
    place=st.integers(0, len(INSTALLATION)),
)
def test_noise_on_the_line_breaks_nothing(noise: str, place: int) -> None:
    found = read_log(f"{INSTALLATION[:place]}{noise}")
    assert found.fraction is None or 0.0 <= found.fraction <= 1.0
    assert "\x1b" not in found.last_line
