"""VirtualBox's own ISO maker says what is wrong with a VISO; where there is none, nobody does."""

import os
import sys
from pathlib import Path

import pytest

from labkit.media.answers import NO_PASSWORD, Answers
from labkit.media.boot import write_boot_medium
from labkit.media.iso import inspect
from labkit.scenario.generations import GENERATIONS
from labkit.sim.vendor_iso import write_vendor_iso
from labkit.sim.viso import open_disc
from labkit.vbox.iso_maker import iso_maker, viso_refused, write_iso

FAKE = """#!{python}
import sys
from pathlib import Path
assert sys.argv[1:4] == ["createiso", "--dry-run", "--output=/nonexistent.iso"]
lines = Path(sys.argv[4].removeprefix("@")).read_text().splitlines()
missing = [line for line in lines[1:] if not Path(line.rpartition("=")[2]).exists()]
if missing:
    sys.exit(f"vbox-img: error: opening {{missing[0]}}: VERR_FILE_NOT_FOUND")
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a script stands for the program")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A VirtualBox without an ISO maker."""
    folder = tmp_path / "vbox"
    folder.mkdir()
    (folder / "VBoxSVC").touch()
    monkeypatch.setenv("VBOX_INSTALL_PATH", str(folder))
    return folder


@pytest.fixture
def maker(programs: Path) -> Path:
    program = programs / "vbox-img"
    program.write_text(FAKE.format(python=sys.executable))
    program.chmod(0o755)
    return program


@pytest.fixture
def medium(tmp_path: Path) -> Path:
    folder = tmp_path / "a medium"
    folder.mkdir()
    (folder / "boot.viso").write_text("--marker\n/answerfile.xml=answerfile.xml\n")
    return folder / "boot.viso"


def test_it_is_found_beside_virtualboxs_service(maker: Path) -> None:
    assert iso_maker() == maker


def test_a_file_that_is_missing_is_named(maker: Path, medium: Path) -> None:
    said = viso_refused(medium)
    assert "answerfile.xml" in said
    assert "VERR_FILE_NOT_FOUND" in said


def test_names_are_relative_to_the_visos_own_folder(maker: Path, medium: Path) -> None:
    (medium.parent / "answerfile.xml").touch()
    assert viso_refused(medium) == ""


def test_without_an_iso_maker_nothing_is_said(programs: Path, medium: Path) -> None:
    assert iso_maker() is None
    assert viso_refused(medium) == ""


@pytest.mark.vbox
@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_real_one_takes_labkits_media_and_names_what_is_missing(
    tmp_path: Path, generation: str
) -> None:
    real = iso_maker()
    assert real is not None
    iso = tmp_path / "isos of mine" / "vendor's.iso"
    write_vendor_iso(iso, generation)
    answers = Answers(generation, "ext", root_password_hash=NO_PASSWORD)
    made = write_boot_medium(tmp_path / "medium", inspect(iso), answers)
    assert viso_refused(made) == ""
    write_iso(made, tmp_path / "flat.iso", real)
    flat = open_disc(tmp_path / "flat.iso")
    assert flat.read("/xsinst/answerfile.xml") == (made.parent / "answerfile.xml").read_bytes()
    assert b"rt_answerfile" in flat.read_short("/boot/isolinux/isolinux.cfg")
    (made.parent / "answerfile.xml").unlink()
    assert "answerfile.xml" in viso_refused(made)
