"""The pretend installer does what the vendor's does with the same medium, and refuses the same."""

import re
from pathlib import Path

import pytest

from labkit.sim.computer import Computer
from labkit.vbox.driver import Power, Stop
from tests.sim.pretend import ANSWERS, POST, UNATTENDED, XEN, Medium, install, power, screen, spec


def failure(text: str) -> str:
    """What the log says the installation died of."""
    assert "The installation completed successfully." not in text
    marker = text.index("INSTALL FAILED.")
    return text[text.index("Traceback", marker) :]


def answers(old: str, new: str) -> Medium:
    assert old in ANSWERS
    return Medium(answers=ANSWERS.replace(old, new))


def test_an_unattended_installation_tells_how_far_it_is_and_switches_off(
    computer: Computer, tmp_path: Path
) -> None:
    text = install(computer, tmp_path)
    assert power(computer, "golden") is Power.OFF
    stages = [
        "Starting actual installation",
        "DISPATCH: NEW PHASE: Preparing for installation...",
        "DISPATCH: NEW PHASE: Reading package information...",
        "YUM:   Installing : acpid",
        "DISPATCH: NEW PHASE: Completing installation...",
        "Running script file:///tmp/ramdisk/post.sh for stage filesystem-populated",
        "Script returned 0",
        "The installation completed successfully.",
    ]
    places = [text.index(stage) for stage in stages]
    assert places == sorted(places)
    counts = re.findall(r"YUM:   Installing : \S+ +(\d+)/(\d+)", text)
    assert [int(count) for count, _ in counts] == list(range(1, int(counts[0][1]) + 1))
    logged = [line for line in text.splitlines() if "INFO" in line]
    assert all(re.match(r"INFO     \[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] \S", x) for x in logged)
    assert "\r\n" in (tmp_path / "golden.log").read_bytes().decode()


def test_it_takes_minutes_of_the_worlds_time(computer: Computer, tmp_path: Path) -> None:
    # Written beforehand: at this speed a tenth of a second of ours is half an hour of theirs.
    assert computer.isos.exists()
    began = computer.clock.now()
    install(computer, tmp_path)
    assert 5 * 60 < computer.clock.now() - began < 15 * 60


def test_the_medium_is_ejected_and_only_read(computer: Computer, tmp_path: Path) -> None:
    iso = computer.isos / "xcp-ng-8.3.0.iso"
    before = iso.read_bytes()
    install(computer, tmp_path)
    (machine,) = computer.driver.machines()
    assert machine.media == ()
    assert iso.read_bytes() == before
    assert (tmp_path / "medium" / "boot.viso").exists()


def test_it_installs_under_uefi_too(computer: Computer, tmp_path: Path) -> None:
    computer.driver.create(spec(tmp_path, firmware="efi"))
    medium = Medium().write(tmp_path / "medium", computer.isos / "xcp-ng-8.3.0.iso")
    computer.driver.insert("xcp00", 0, medium)
    computer.driver.start("xcp00")
    computer.clock.sleep(900)
    assert power(computer) is Power.OFF
    assert "completed successfully" in (tmp_path / "xcp00.log").read_text()


def test_a_machine_cut_off_in_the_middle_has_no_system(computer: Computer, tmp_path: Path) -> None:
    computer.driver.create(spec(tmp_path))
    medium = Medium().write(tmp_path / "medium", computer.isos / "xcp-ng-8.3.0.iso")
    computer.driver.insert("xcp00", 0, medium)
    computer.driver.start("xcp00")
    computer.clock.sleep(200)
    assert "YUM:" in (tmp_path / "xcp00.log").read_text()
    computer.driver.stop("xcp00", Stop.CUT)
    computer.driver.insert("xcp00", 0, None)
    computer.driver.start("xcp00")
    computer.clock.sleep(10)
    assert "No bootable medium" in screen(computer)
    assert (tmp_path / "xcp00.log").read_text() == ""


def test_a_paused_and_saved_installation_goes_on(computer: Computer, tmp_path: Path) -> None:
    computer.driver.create(spec(tmp_path))
    medium = Medium().write(tmp_path / "medium", computer.isos / "xcp-ng-8.3.0.iso")
    computer.driver.insert("xcp00", 0, medium)
    computer.driver.start("xcp00")
    computer.clock.sleep(200)
    computer.driver.pause("xcp00")
    computer.clock.sleep(1000)
    assert power(computer) is Power.PAUSED
    computer.driver.stop("xcp00", Stop.SAVE)
    computer.driver.start("xcp00")
    computer.clock.sleep(400)
    assert power(computer) is Power.OFF
    assert "completed successfully" in (tmp_path / "xcp00.log").read_text()


@pytest.mark.parametrize(
    ("medium", "reason"),
    [
        (Medium(answers="no xml"), "AnswerfileException: Answerfile is incorrectly formatted."),
        (Medium(answers="<answers/>"), "AnswerfileException: Unexpected top level element"),
        (answers("<installation ", '<installation mode="odd" '), "Unknown mode, odd"),
        (answers('"ext"', '"EXT"'), "Unexpected key EXT for attribute"),
        (answers("primary-disk", "disk"), "Missing mandatory element primary-disk"),
        (answers('<source type="local"/>', ""), "Missing mandatory element source"),
        (answers('"local"', '"cd"'), "Invalid type for <source> media specified."),
        (answers('<source type="local"/>', "<source/>"), "Missing mandatory attribute type"),
        (answers("subnet-mask", "netmask"), "Missing mandatory element subnet-mask"),
        (answers("<gateway/>", ""), "Missing mandatory element gateway"),
        (answers(' name="eth0"', ""), "must have one of 'name' or 'hwaddr'"),
        (answers('"static"', '"none"'), "must have IPv4 or IPv6 defined"),
        (answers(' type="hash"', ' type="md5"'), "Unexpected key md5 for attribute"),
        (answers("<source", "<bootloader>extlinux</bootloader><source"), "Unsupported bootloader"),
        (answers(' type="url"', ""), "Missing mandatory attribute type"),
        (answers(">sda<", ">sdb<"), "The disk /dev/sdb could not be found."),
        (answers("<source", '<ntp source="none"/><source'), "TypeError"),
        (answers("<source", '<ntp source="dhcp"/><ntp-server>a</ntp-server><source'), "manual"),
        (answers("post.sh", "typo.sh"), "No such file or directory: '/tmp/ramdisk/typo.sh'"),
        (answers("file:///tmp/ramdisk/post.sh", "http://server/post.sh"), "no network"),
        (Medium(post=POST.replace("#!/bin/sh", "#!/bin/zsh")), "interpreter"),
        (Medium(kernel=UNATTENDED.replace("make-ramdisk=/dev/sr0", "")), "No such file"),
        (Medium(kernel=UNATTENDED.replace("sr0", "sr1")), "No such file"),
        (Medium(kernel=UNATTENDED + " xsinst=late"), ""),
        (Medium(kernel="xsinst=other " + UNATTENDED), "No such file"),
    ],
)
def test_what_the_installer_refuses_is_refused_in_its_words(
    computer: Computer, tmp_path: Path, medium: Medium, reason: str
) -> None:
    text = install(computer, tmp_path, medium)
    if reason:
        assert reason in failure(text)
    else:
        assert "completed successfully" in text
    assert power(computer, "golden") is Power.OFF


@pytest.mark.parametrize(
    "loose",
    [
        answers("<installation", "<installation unheard='of'").answers,
        ANSWERS.replace("<source", "<keymapp>es</keymapp><source"),
        ANSWERS.replace("ip>", "ipaddr>").replace("subnet-mask>", "subnet>"),
        ANSWERS.replace("192.168.1.201", "banana"),
        ANSWERS.replace("sda", "/dev/sda"),
        ANSWERS.replace('sr-type="ext"', 'srtype="lvm"'),
        ANSWERS.replace("<root-password", "<ui-confirmation-prompt/><root-password"),
    ],
)
def test_what_the_installer_passes_over_is_passed_over(
    computer: Computer, tmp_path: Path, loose: str
) -> None:
    assert "completed successfully" in install(computer, tmp_path, Medium(answers=loose))


def test_a_small_disk_is_refused(computer: Computer, tmp_path: Path) -> None:
    for size, fits in ((46 * 1024 - 1, False), (46 * 1024, True)):
        computer.driver.create(spec(tmp_path, disk_mib=size))
        medium = Medium().write(tmp_path / "medium", computer.isos / "xcp-ng-8.3.0.iso")
        computer.driver.insert("xcp00", 0, medium)
        computer.driver.start("xcp00")
        computer.clock.sleep(900)
        text = (tmp_path / "xcp00.log").read_text()
        assert ("smaller than 46GB" in text) is not fits
        assert ("completed successfully" in text) is fits
        computer.driver.remove("xcp00")


def test_without_an_answer_file_it_waits_for_ever(computer: Computer, tmp_path: Path) -> None:
    text = install(computer, tmp_path, Medium(kernel="console=tty0 console=hvc0 atexit=poweroff"))
    assert power(computer, "golden") is Power.RUNNING
    assert "Select Keymap" in screen(computer, "golden")
    assert "INFO" not in text


def test_screens_that_ask_wait_for_ever(computer: Computer, tmp_path: Path) -> None:
    asks = answers("<source", "<ui-confirmation-prompt>false</ui-confirmation-prompt><source")
    asks.kernel = UNATTENDED.replace("rt_answerfile", "answerfile")
    install(computer, tmp_path, asks)
    assert power(computer, "golden") is Power.RUNNING


@pytest.mark.parametrize(
    "medium",
    [
        Medium(kernel=UNATTENDED.replace("console=tty0 console=hvc0", "console=hvc0 console=tty0")),
        Medium(kernel=UNATTENDED.replace("rt_answerfile", "answerfile")),
        Medium(xen=XEN.replace("console=com1,vga", "console=vga")),
        Medium(xen=XEN.replace("com1=115200,8n1 ", "")),
    ],
)
def test_the_log_reaches_the_serial_port_only_by_the_last_console(
    computer: Computer, tmp_path: Path, medium: Medium
) -> None:
    text = install(computer, tmp_path, medium)
    assert power(computer, "golden") is Power.OFF
    assert "INFO" not in text


def test_a_failure_without_atexit_goes_round_and_round(computer: Computer, tmp_path: Path) -> None:
    medium = answers("<gateway/>", "")
    medium.kernel = UNATTENDED.replace("atexit=poweroff", "")
    text = install(computer, tmp_path, medium)
    assert power(computer, "golden") is Power.RUNNING
    assert text.count("INSTALL FAILED.") > 2


@pytest.mark.parametrize(
    ("medium", "stands"),
    [
        (Medium(menu="DEFAULT nothing\n"), "Could not find kernel image: nothing"),
        (Medium(menu="DEFAULT install\nPROMPT 1\n"), "boot:"),
        (Medium(xen="/boot/missing.gz"), "/boot/missing.gz... failed!"),
    ],
)
def test_a_boot_menu_that_starts_nothing_stays_on_the_screen(
    computer: Computer, tmp_path: Path, medium: Medium, stands: str
) -> None:
    install(computer, tmp_path, medium)
    assert power(computer, "golden") is Power.RUNNING
    assert stands in screen(computer, "golden")


def test_another_product_is_not_pretended(computer: Computer, tmp_path: Path) -> None:
    (tmp_path / "medium").mkdir()
    (tmp_path / "medium" / "treeinfo").write_text("[branding]\nname = XenServer\nversion = 8.0.0\n")
    other = Medium(options=["/.treeinfo=:must-remove:", "/.treeinfo=treeinfo"])
    install(computer, tmp_path, other)
    assert "does not know this installer" in screen(computer, "golden")
