"""labkit's boot medium, taken apart by VirtualBox itself and read back by somebody else."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from labkit.media.answers import Answers, answer_file
from labkit.media.boot import write_boot_medium
from labkit.media.identity import Identity, write_identity
from labkit.media.iso import inspect
from labkit.sha512crypt import hash_password
from labkit.sim.vendor_iso import write_vendor_iso
from tests.contract.rigs import Rig
from tests.contract.witness import run

pytestmark = pytest.mark.vbox


class Flat:
    """An ISO, read with xorriso."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def ask(self, *words: str) -> str:
        assert shutil.which("xorriso"), "xorriso is not installed"
        done = subprocess.run(
            ["xorriso", "-abort_on", "FATAL", "-indev", str(self.path), *words],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def read(self, path: str, into: Path) -> bytes:
        self.ask("-osirrox", "on", "-extract", path, str(into))
        return into.read_bytes()

    def files(self, into: Path) -> dict[str, str]:
        """Every file with the digest of what is in it."""
        self.ask("-osirrox", "on", "-extract", "/", str(into))
        return {
            str(file.relative_to(into)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in into.rglob("*")
            if file.is_file()
        }


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    path = tmp_path / "isos of mine" / "vendor's.iso"
    write_vendor_iso(path, "xcp-ng-8.3")
    return path


@pytest.fixture
def answers() -> Answers:
    return Answers(
        generation="xcp-ng-8.3",
        sr_type="ext",
        timezone="Europe/Madrid",
        root_password_hash=hash_password("a secret"),
    )


@pytest.fixture
def flat(real: Rig, vendor: Path, answers: Answers, tmp_path: Path) -> Flat:
    """The medium, flattened by VirtualBox."""
    medium = write_boot_medium(tmp_path / "medium", inspect(vendor), answers)
    return flattened(medium, tmp_path / "flat.iso")


def flattened(medium: Path, path: Path) -> Flat:
    run("clonemedium", "dvd", str(medium), str(path), "--format", "RAW")
    run("closemedium", "dvd", str(path))
    run("closemedium", "dvd", str(medium))
    return Flat(path)


def test_it_boots_as_the_vendors_does(flat: Flat, vendor: Path) -> None:
    def entries(text: str) -> list[str]:
        # Type, emulation and load size of each; where on the disc differs.
        return [line.rsplit(None, 1)[0] for line in text.splitlines() if "boot img" in line]

    ours = flat.ask("-report_el_torito", "plain")
    theirs = Flat(vendor).ask("-report_el_torito", "plain")
    assert "BIOS" in ours
    assert "UEFI" in ours
    assert len(entries(ours)) == len(entries(theirs))
    assert "isolinux.bin" in ours
    assert "boot-info-table" in ours


def test_its_label_is_the_vendors(flat: Flat, vendor: Path) -> None:
    def label(iso: Flat) -> str:
        (line,) = (line for line in iso.ask("-pvd_info").splitlines() if "Volume Id" in line)
        return line.partition(":")[2].strip()

    assert label(flat) == label(Flat(vendor)) != ""


def test_its_boot_configuration_starts_an_unattended_installation(
    flat: Flat, tmp_path: Path
) -> None:
    for number, path in enumerate(("/boot/isolinux/isolinux.cfg", "/EFI/xenserver/grub.cfg")):
        text = flat.read(path, tmp_path / f"config{number}").decode()
        (line,) = {line for line in text.splitlines() if "answerfile=" in line} or {""}
        assert "file:///" in line, path
        # What copies /xsinst off the medium.
        assert "make-ramdisk=/dev/sr0" in line, path


def test_its_answers_are_where_the_installer_looks(
    flat: Flat, answers: Answers, tmp_path: Path
) -> None:
    assert flat.read("/xsinst/answerfile.xml", tmp_path / "a.xml").decode() == answer_file(answers)
    assert flat.read("/xsinst/postinstall.sh", tmp_path / "p.sh").startswith(b"#!")


def test_all_else_is_the_vendors_byte_for_byte(flat: Flat, vendor: Path, tmp_path: Path) -> None:
    ours = flat.files(tmp_path / "ours")
    theirs = Flat(vendor).files(tmp_path / "theirs")
    added = {path for path in set(ours) - set(theirs) if not path.endswith("TRANS.TBL")}
    assert added == {"xsinst/answerfile.xml", "xsinst/postinstall.sh"}
    assert not set(theirs) - set(ours)
    changed = {path for path in theirs if ours[path] != theirs[path]}
    assert changed <= {
        "boot/isolinux/isolinux.cfg",
        "EFI/xenserver/grub.cfg",
        # Where things are on the disc stands in these.
        "boot/isolinux/boot.cat",
        "boot/isolinux/isolinux.bin",
    }
    assert {"boot/isolinux/isolinux.cfg", "EFI/xenserver/grub.cfg"} <= changed


def test_the_medium_is_small_and_the_vendors_iso_untouched(
    real: Rig, vendor: Path, answers: Answers, tmp_path: Path
) -> None:
    before = vendor.read_bytes()
    medium = write_boot_medium(tmp_path / "medium", inspect(vendor), answers)
    assert medium.stat().st_size < 1024
    real.create()
    real.driver.insert("xcp00", 0, medium)
    real.driver.start("xcp00")
    real.driver.remove("xcp00")
    assert vendor.read_bytes() == before


def test_an_identity_medium_is_read_by_others(real: Rig, tmp_path: Path) -> None:
    identity = Identity(
        host_uuid="8e9d90f3-205a-4405-bca2-2235b720f673",
        control_domain_uuid="0b9c2f5e-9a1f-4f6a-8f8b-0b8a5a5d2c11",
        machine_id="0123456789abcdef0123456789abcdef",
        hostname="xcp00",
        address="192.168.1.200",
        netmask="255.255.255.0",
        gateway="192.168.1.1",
        dns=("192.168.1.1",),
        root_password_hash=hash_password("a secret"),
        macs=("08:00:27:00:00:01", "08:00:27:00:00:02", "08:00:27:00:00:03"),
    )
    medium = write_identity(tmp_path / "medium", identity)
    real.create()
    real.driver.insert("xcp00", 0, medium)
    real.driver.start("xcp00")
    real.driver.remove("xcp00")
    flat = Flat(medium) if medium.suffix == ".iso" else flattened(medium, tmp_path / "flat.iso")
    files = flat.files(tmp_path / "files")
    assert files
    assert any(
        "192.168.1.200" in (tmp_path / "files" / path).read_text(errors="replace") for path in files
    )
