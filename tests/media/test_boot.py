"""The boot medium: the vendor's ISO with other answers, and nothing else about it changed."""

import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import cast

import pytest

from labkit.errors import ComputerError
from labkit.media.answers import Answers
from labkit.media.boot import digest, write_boot_medium
from labkit.media.boot_config import grub_config, isolinux_config
from labkit.media.generations import GENERATIONS
from labkit.media.iso import BootFile, inspect
from labkit.media.viso import viso
from tests.media.conftest import GRUB, HASH, ISOLINUX, vendor_iso

RULES = GENERATIONS["xcp-ng-8.3"]
ANSWERS = Answers("xcp-ng-8.3", "ext", root_password_hash=HASH)
PARAMETERS = (
    "make-ramdisk=/dev/sr0 rt_answerfile=file:///tmp/ramdisk/answerfile.xml atexit=poweroff "
    "console=tty0 console=hvc0"
)

Golden = Callable[[str, str], None]


def _isolinux(text: str) -> str:
    path = "/boot/isolinux/isolinux.cfg"
    return isolinux_config(BootFile(path, path, text), RULES)


def _grub(text: str) -> str:
    return grub_config(BootFile("/EFI/xenserver/grub.cfg", "/EFI/XENSERVE/grub.cfg", text), RULES)


def test_isolinux_boots_the_installer_unattended_and_at_once(golden: Golden) -> None:
    golden("isolinux.cfg", _isolinux(ISOLINUX))


def test_grub_boots_the_installer_unattended_and_at_once(golden: Golden) -> None:
    golden("grub.cfg", _grub(GRUB))


def test_only_the_entry_that_boots_by_itself_is_changed() -> None:
    assert _isolinux(ISOLINUX).count(PARAMETERS) == 1
    assert _grub(GRUB).count(PARAMETERS) == 1


def test_the_hypervisor_keeps_its_own_consoles() -> None:
    line = next(line for line in _isolinux(ISOLINUX).splitlines() if PARAMETERS in line)
    assert line.split(" --- ")[0].endswith("com1=115200,8n1 console=com1,vga")
    assert line.split(" --- ")[1] == f"/boot/vmlinuz vendor=kept {PARAMETERS}"


@pytest.mark.parametrize(
    "default",
    ["set default=0", "set default=install", 'set default="Install it"', "set default='install'"],
)
def test_grubs_default_is_found_by_number_id_or_title(default: str) -> None:
    config = (
        f"{default}\n"
        'menuentry "Install it" --class os --id install {\n  module2 /boot/vmlinuz a\n}\n'
        'menuentry "install-not" --id safe {\n  module2 /boot/vmlinuz b\n}\n'
    )
    assert f"/boot/vmlinuz a {PARAMETERS}\n" in _grub(config)


def test_no_default_of_grubs_is_the_first_entry() -> None:
    config = 'menuentry "a" {\n\tmodule /boot/vmlinuz x\n\tmodule /install.img\n}\n'
    assert f"\tmodule /boot/vmlinuz x {PARAMETERS}\n" in _grub(config)


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (_isolinux, ""),
        (_isolinux, "DEFAULT menu.c32\nLABEL install\n APPEND a --- /boot/vmlinuz --- b\n"),
        (_isolinux, "DEFAULT install\nLABEL install\n KERNEL memtest\n"),
        (_grub, ""),
        (_grub, "configfile /elsewhere.cfg\n"),
        (_grub, 'set default=7\nmenuentry "a" {\n module2 /boot/vmlinuz\n}\n'),
        (_grub, 'menuentry "a" {\n chainloader /x.efi\n}\nmodule2 /boot/vmlinuz\n'),
    ],
)
def test_a_configuration_that_is_not_understood_is_not_used(
    config: Callable[[str], str], text: str
) -> None:
    with pytest.raises(ComputerError, match="does not understand"):
        config(text)


def test_the_medium_is_one_recipe_and_a_few_small_files(iso_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "lab" / "medium"
    medium = write_boot_medium(folder, inspect(iso_file), ANSWERS, windows=False)
    assert medium == folder / "boot.viso"
    assert {file.name for file in folder.iterdir()} == {
        "answerfile.xml",
        "boot.viso",
        "grub.cfg",
        "isolinux.cfg",
        "postinstall.sh",
    }
    assert medium.stat().st_size < 1000


@pytest.mark.parametrize("windows", [False, True])
def test_the_recipe_is_what_virtualbox_wants(
    windows: bool, iso_file: Path, tmp_path: Path, golden: Golden
) -> None:
    kind = PureWindowsPath if windows else PurePosixPath
    where = kind("C:/Users/José Núñez/isos/a.iso" if windows else "/home/josé/O'Hara's ISOs/a.iso")
    iso = replace(inspect(iso_file), path=cast(Path, where))
    medium = write_boot_medium(tmp_path, iso, ANSWERS, windows=windows)
    text = medium.read_bytes().decode()
    golden(f"boot-{'windows' if windows else 'bourne'}.viso", text)
    assert not text.startswith("\ufeff")
    assert text.startswith("--iprt-iso-maker-file-marker-")
    removed = [line for line in text.splitlines() if line.endswith("=:must-remove:")]
    assert len(removed) == 2
    for line in removed:
        # The same names again, right after, with labkit's file.
        names = line.removesuffix(":must-remove:")
        assert f"{line}\n{names}" in text


def test_an_iso_that_boots_under_bios_only_gets_no_uefi_configuration(tmp_path: Path) -> None:
    iso = inspect(vendor_iso(tmp_path / "a.iso", grub=None))
    medium = write_boot_medium(tmp_path / "medium", iso, ANSWERS)
    assert "EFI" not in medium.read_text()
    assert not (tmp_path / "medium" / "grub.cfg").exists()


def test_writing_it_twice_changes_nothing(iso_file: Path, tmp_path: Path) -> None:
    iso, folder = inspect(iso_file), tmp_path / "medium"
    write_boot_medium(folder, iso, ANSWERS)
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}
    # What a killed run leaves.
    (folder / "boot.viso.new").write_text("half")
    (folder / "boot.viso").unlink()
    write_boot_medium(folder, iso, ANSWERS)
    after = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}
    assert {file: content for file, (content, _) in before.items()} == {
        file: content for file, (content, _) in after.items()
    }
    assert after[folder / "answerfile.xml"] == before[folder / "answerfile.xml"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_nobody_else_may_read_the_password_hash(iso_file: Path, tmp_path: Path) -> None:
    write_boot_medium(tmp_path / "medium", inspect(iso_file), ANSWERS)
    for file in (tmp_path / "medium").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_says_so(iso_file: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ComputerError, match="could not be written") as caught:
        write_boot_medium(tmp_path / "file" / "medium", inspect(iso_file), ANSWERS)
    assert caught.value.hint


def test_the_same_recipe_has_the_same_marker_and_another_one_has_not() -> None:
    assert viso(["--a"]) == viso(["--a"])
    assert viso(["--a"]).splitlines()[0] != viso(["--b"]).splitlines()[0]


@pytest.mark.parametrize(
    ("option", "bourne", "windows"),
    [
        ("--import-iso=/a/b-1.2_c.iso", "--import-iso=/a/b-1.2_c.iso", None),
        ("--x=a b", "'--x=a b'", '"--x=a b"'),
        ("--x=ñ", "'--x=ñ'", "--x=ñ"),
        ("--x=it's", "'--x=it'\"'\"'s'", "--x=it's"),
        ("--x=$HOME`x`", "'--x=$HOME`x`'", "--x=$HOME`x`"),
        (r"--x=C:\a b\c.iso", r"'--x=C:\a b\c.iso'", r'"--x=C:\a b\c.iso"'),
        ("--x=\\\\server\\a b\\", "'--x=\\\\server\\a b\\'", '"--x=\\\\server\\a b\\\\"'),
    ],
)
def test_options_are_quoted_as_the_marker_says(
    option: str, bourne: str, windows: str | None
) -> None:
    assert viso([option], windows=False).splitlines()[1] == bourne
    assert viso([option], windows=True).splitlines()[1] == (windows or option)


def test_the_digest_is_of_what_decides_the_golden_machine(iso_file: Path, tmp_path: Path) -> None:
    iso = inspect(iso_file)
    own = digest(iso, ANSWERS, 65536)
    assert len(own) == 12
    # Neither the password nor where the ISO lies.
    other = replace(ANSWERS, root_password_hash="")
    moved = inspect(iso_file.rename(tmp_path / "moved.iso"))
    assert digest(moved, other, 65536) == own
    differ = [
        digest(iso, ANSWERS, 65537),
        digest(iso, replace(ANSWERS, sr_type="lvm"), 65536),
        digest(iso, replace(ANSWERS, keymap="es"), 65536),
        digest(iso, replace(ANSWERS, ntp=("pool.ntp.org",)), 65536),
        digest(replace(iso, marker=iso.marker + "x"), ANSWERS, 65536),
        digest(replace(iso, volume_id="x"), ANSWERS, 65536),
        digest(replace(iso, size=1), ANSWERS, 65536),
    ]
    assert len({own, *differ}) == len(differ) + 1
