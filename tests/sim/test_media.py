"""Images, as the pretend computer reads them: a VISO, and the stand-in for the vendor's ISO."""

import shutil
import subprocess
from pathlib import Path

import pytest

from labkit.sim.disc import Disc
from labkit.sim.product import product_on
from labkit.sim.vendor_iso import write_vendor_iso
from labkit.sim.viso import BadMedium, open_disc
from tests.sim.pretend import MARKER, Medium


@pytest.fixture
def iso(tmp_path: Path) -> Path:
    write_vendor_iso(tmp_path / "vendor's own.iso")
    return tmp_path / "vendor's own.iso"


def viso(folder: Path, text: str, marker: str = MARKER) -> Disc:
    (folder / "x.viso").write_text(marker + text)
    return open_disc(folder / "x.viso")


def test_the_stand_in_is_the_same_every_time(iso: Path, tmp_path: Path) -> None:
    write_vendor_iso(tmp_path / "again.iso")
    assert (tmp_path / "again.iso").read_bytes() == iso.read_bytes()
    assert iso.stat().st_size < 500_000
    assert {path.name for path in tmp_path.iterdir()} == {"again.iso", iso.name}


def test_the_stand_in_has_the_vendors_layout(iso: Path) -> None:
    disc = open_disc(iso)
    assert disc.label == "XCP-ng 8.3.0"
    assert disc.boots == {"bios", "efi"}
    for path in (
        ".treeinfo",
        "repodata/repomd.xml",
        "install.img",
        "boot/vmlinuz",
        "boot/xen.gz",
        "boot/efiboot.img",
        *(f"boot/isolinux/{name}" for name in ("isolinux.bin", "boot.cat", "mboot.c32")),
        *(f"boot/isolinux/{name}" for name in ("menu.c32", "pg_main", "pg_help")),
        "EFI/xenserver/grub.cfg",
    ):
        assert disc.read(path), path
    assert disc.read_short("/EFI/XENSERVE/grub.cfg") == disc.read("/EFI/xenserver/grub.cfg")
    with pytest.raises(FileNotFoundError):
        disc.read_short("/EFI/xenserver/grub.cfg")
    assert b"name = XCP-ng\nversion = 8.3.0" in disc.read(".treeinfo")


@pytest.mark.parametrize("generation", ["xenserver-6.2", "xenserver-7", "xenserver-8"])
def test_a_stand_in_of_an_installer_nobody_pretends_is_none_of_the_pretended(
    tmp_path: Path, generation: str
) -> None:
    write_vendor_iso(tmp_path / "other.iso", generation)
    product = product_on(open_disc(tmp_path / "other.iso"))
    assert product is not None
    assert product.generation is None


@pytest.mark.skipif(shutil.which("xorriso") is None, reason="xorriso is not installed")
def test_another_program_reads_the_stand_in(iso: Path) -> None:
    asked = ("xorriso", "-indev", iso, "-report_el_torito", "plain", "-lsl", "/EFI/xenserver")
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert "boot-info-table" in told
    assert "UEFI" in told
    assert "grub.cfg" in told


def test_a_medium_replaces_the_boot_configuration_and_adds_answers(
    iso: Path, tmp_path: Path
) -> None:
    disc = open_disc(Medium(answers="<a/>").write(tmp_path / "m", iso))
    assert disc.label == "XCP-ng 8.3.0"
    assert disc.boots == {"bios", "efi"}
    assert b"atexit=poweroff" in disc.read("/boot/isolinux/isolinux.cfg")
    assert b"atexit=poweroff" in disc.read("/EFI/xenserver/grub.cfg")
    assert disc.folder("/xsinst").keys() == {"answers.xml", "post.sh"}
    assert disc.read("/boot/vmlinuz") == open_disc(iso).read("/boot/vmlinuz")


def test_a_label_and_a_file_are_a_medium(tmp_path: Path) -> None:
    (tmp_path / "who").write_text("me")
    disc = viso(tmp_path, "-V LABKIT /identity=who 'with space'=who")
    assert disc.label == "LABKIT"
    assert disc.read("identity") == disc.read("with space") == b"me"
    assert disc.boots == frozenset()


def test_windows_quoting_is_read(tmp_path: Path) -> None:
    (tmp_path / "to me.txt").write_text("me")
    marker = MARKER.replace("bourne-sh", "ms")
    disc = viso(tmp_path, '--volume-id=LABKIT\r\n"/identity=to me.txt"\r\n', marker)
    assert (disc.label, disc.read("identity")) == ("LABKIT", b"me")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("--import-iso=missing.iso", "VERR_FILE_NOT_FOUND"),
        ("/a=missing", "VERR_FILE_NOT_FOUND"),
        ("/a=who\n/a=who", "VERR_ALREADY_EXISTS"),
        ("/a=who\n/A=who", "VERR_ALREADY_EXISTS"),
        ("/a=:must-remove:", "VERR_PATH_NOT_FOUND"),
        ("--no-such-option", "VERR_GETOPT_UNKNOWN_OPTION: --no-such-option"),
        ("--volume-id", "VERR_GETOPT_REQUIRED_ARGUMENT_MISSING"),
        ("/a=/b=who", "too many names"),
        ("--name-setup=iso,klingon", "klingon"),
        ("'/a=who", "VERR_PARSE_ERROR"),
        ("--import-iso=who", "no ISO"),
    ],
)
def test_what_virtualbox_would_refuse_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "who").write_text("me")
    with pytest.raises(BadMedium, match=reason):
        viso(tmp_path, text)


def test_files_of_the_iso_are_not_replaced_unasked(iso: Path, tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with pytest.raises(BadMedium, match="VERR_ALREADY_EXISTS"):
        viso(tmp_path, f'--import-iso="{iso}"\n/boot/vmlinuz=x')


def test_one_name_for_both_trees_hides_the_boot_configuration_from_uefi(
    iso: Path, tmp_path: Path
) -> None:
    (tmp_path / "grub.cfg").touch()
    name = "/EFI/xenserver/grub.cfg"
    disc = viso(tmp_path, f'--import-iso="{iso}"\n{name}=:must-remove:\n{name}=grub.cfg')
    with pytest.raises(FileNotFoundError):
        disc.read(name)


def test_a_truncated_iso_is_an_empty_disc(iso: Path, tmp_path: Path) -> None:
    for size in (0, 2048, 40_000):
        (tmp_path / "half.iso").write_bytes(iso.read_bytes()[:size])
        assert open_disc(tmp_path / "half.iso").boots == frozenset()
