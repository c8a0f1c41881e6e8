"""The pretend computer's older installers, each with the rules of its own."""

from pathlib import Path

import pytest

from labkit.sim.computer import Computer
from labkit.sim.viso import open_disc
from labkit.vbox.driver import Power
from tests.sim.pretend import ANSWERS, KEYS, MARKER, POST, UNATTENDED, XEN, power, screen, spec

SYSV = f"""#!/bin/sh
set -e
root=$1
hook=$root/usr/libexec/labkit-identity
cat >"$hook" <<'END'
#!/bin/sh
# reads {KEYS}
END
cat >"$root/etc/rc.d/init.d/labkit" <<'END'
#!/bin/sh
case $1 in start) /bin/sh /usr/libexec/labkit-identity ;; esac
END
for level in 2 3 4 5; do
    ln -sf ../init.d/labkit "$root/etc/rc.d/rc$level.d/S00labkit"
done
"""
OLD, NEWER = "xcp-1.6", "xcp-ng-8.2"
ISOS = {OLD: "XCP-1.6-61809c.iso", NEWER: "xcp-ng-8.2.1.iso"}


def install(
    computer: Computer,
    folder: Path,
    generation: str,
    *,
    kernel: str = f"install {UNATTENDED}",
    answers: str = ANSWERS,
    post: str = "",
    firmware: str = "bios",
    disk_mib: int = 64 * 1024,
) -> str:
    """Install a machine `golden` of a generation; what its serial file says in the end."""
    medium = folder / "medium"
    medium.mkdir()
    (medium / "answers.xml").write_text(answers)
    (medium / "post.sh").write_text(post or (SYSV if generation == OLD else POST))
    (medium / "isolinux.cfg").write_text(
        "DEFAULT install\nPROMPT 1\nTIMEOUT 10\nLABEL install\n  KERNEL mboot.c32\n"
        f"  APPEND {XEN} --- /boot/vmlinuz {kernel} --- /install.img\n"
    )
    iso = computer.isos_of(generation) / ISOS[generation]
    isolinux = "/boot/isolinux/isolinux.cfg=/boot/isolinux/isolinux.cfg"
    (medium / "boot.viso").write_text(
        f"{MARKER}--rational-rock\n--import-iso={iso}\n--name-setup=iso,joliet\n"
        f"{isolinux}=:must-remove:\n{isolinux}=isolinux.cfg\n"
        "/xsinst/answers.xml=answers.xml\n/xsinst/post.sh=post.sh\n"
    )
    computer.driver.create(spec(folder, "golden", firmware=firmware, disk_mib=disk_mib))
    computer.driver.insert("golden", 0, medium / "boot.viso")
    computer.driver.start("golden")
    for _ in range(20):
        computer.clock.sleep(30)
        if power(computer, "golden") is Power.OFF:
            break
    return (folder / "golden.log").read_text()


@pytest.mark.parametrize("generation", [OLD, NEWER])
def test_an_older_generation_installs(computer: Computer, tmp_path: Path, generation: str) -> None:
    text = install(computer, tmp_path, generation)
    assert "completed successfully" in text
    assert power(computer, "golden") is Power.OFF
    assert ("YUM:" in text) is (generation == NEWER)


@pytest.mark.parametrize("generation", [OLD, NEWER])
def test_without_install_it_waits_for_a_person(
    computer: Computer, tmp_path: Path, generation: str
) -> None:
    install(computer, tmp_path, generation, kernel=UNATTENDED)
    assert power(computer, "golden") is Power.RUNNING
    assert "Select Keymap" in screen(computer, "golden")


@pytest.mark.parametrize(("generation", "gib"), [(OLD, 12), (NEWER, 46)])
def test_each_has_a_smallest_disk_of_its_own(
    computer: Computer, tmp_path: Path, generation: str, gib: int
) -> None:
    text = install(computer, tmp_path, generation, disk_mib=gib * 1024 - 1)
    assert f"smaller than {gib}GB" in text


@pytest.mark.parametrize(
    ("generation", "element", "said"),
    [
        (OLD, "<bootloader/>", "Unsupported bootloader ''"),
        (OLD, "<bootloader>grub2</bootloader>", "Unsupported bootloader 'grub2'"),
        (OLD, "<bootloader>extlinux</bootloader>", "completed successfully"),
        (NEWER, "<bootloader/>", "completed successfully"),
        (NEWER, "<bootloader>extlinux</bootloader>", "Unsupported bootloader 'extlinux'"),
        (OLD, "<ntp source='none'/>", "completed successfully"),
        (OLD, "<service name='a' state='odd'/>", "completed successfully"),
        (NEWER, "<service name='a' state='odd'/>", "Invalid state odd"),
    ],
)
def test_what_one_refuses_another_passes_over(
    computer: Computer, tmp_path: Path, generation: str, element: str, said: str
) -> None:
    answers = ANSWERS.replace("<source", f"{element}<source")
    assert said in install(computer, tmp_path, generation, answers=answers)


def test_the_old_one_boots_under_bios_only(computer: Computer, tmp_path: Path) -> None:
    install(computer, tmp_path, OLD, firmware="efi")
    assert "No bootable medium" in screen(computer, "golden")


@pytest.mark.parametrize(
    ("generation", "post", "has_hook"),
    [
        (OLD, SYSV, True),
        (OLD, POST, False),
        (OLD, SYSV.replace("S00", "S99"), False),
        (OLD, SYSV.replace("/rc$level.d/S00labkit", "/nowhere"), False),
        (NEWER, SYSV, False),
        (NEWER, POST, True),
    ],
)
def test_a_hook_has_to_be_one_for_the_init_of_the_host(
    computer: Computer, tmp_path: Path, generation: str, post: str, has_hook: bool
) -> None:
    install(computer, tmp_path, generation, post=post)
    world = (tmp_path / "sim" / "world.json").read_text()
    assert ('"hook": true' in world or '"hook":true' in world) is has_hook


def test_a_stand_in_is_written_only_when_it_is_asked_for(computer: Computer) -> None:
    folder = computer.isos_of(OLD)
    assert [iso.name for iso in folder.iterdir()] == [ISOS[OLD]]
    assert computer.isos_of("xenserver-7") == folder
    assert [iso.name for iso in folder.iterdir()] == [ISOS[OLD]]
    disc = open_disc(folder / ISOS[OLD])
    assert disc.boots == {"bios"}
    assert not disc.holds("/.treeinfo")
    assert disc.read("/install.img")[:2] == b"\x1f\x8b"
