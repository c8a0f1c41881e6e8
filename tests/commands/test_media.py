"""`labkit media`: ISOs looked at, media looked at, and a plain ISO that installs by itself."""

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from labkit.scenario.generations import GENERATIONS
from labkit.sim.vendor_iso import write_vendor_iso
from labkit.sim.viso import open_disc
from tests.commands.conftest import Labkit

PRETENDED = ("xcp-1.6", "xcp-ng-8.2", "xcp-ng-8.3")
BIOS_ONLY = ("xcp-1.6", "xenserver-6.2")
WITHOUT_INSTALL = ("xcp-ng-8.3", "xenserver-8")
NOWHERE = {"VBOX_INSTALL_PATH": "/nowhere"}


@pytest.mark.parametrize("generation", GENERATIONS)
def test_inspect_tells_what_is_on_an_iso(labkit: Labkit, generation: str) -> None:
    iso = labkit.folder / "some.iso"
    write_vendor_iso(iso, generation)
    found = json.loads(labkit.good("media", "inspect", str(iso), "--json"))
    assert found["generation"] == generation
    assert found["unattended"] is True
    assert found["why_not"] is None
    assert found["bytes"] == iso.stat().st_size
    assert found["firmware"] == (["bios"] if generation in BIOS_ONLY else ["bios", "efi"])
    assert found["boot"][0]["primary"] == "/boot/isolinux/isolinux.cfg"
    if generation not in BIOS_ONLY:
        assert found["boot"][1]["primary"] == "/EFI/XENSERVE/grub.cfg"
    for boot in found["boot"]:
        assert boot["entry"].startswith("/boot/vmlinuz ")
        assert boot["entry"].endswith("atexit=poweroff console=tty0 console=hvc0")
        assert (" install " in boot["entry"]) is (generation not in WITHOUT_INSTALL)
    said = labkit.good("media", "inspect", str(iso))
    assert f"generation  {generation}" in said
    assert "unattended  yes" in said


def test_inspect_says_why_an_iso_cannot_be_driven(labkit: Labkit) -> None:
    iso = labkit.folder / "some.iso"
    write_vendor_iso(iso)
    data = iso.read_bytes()
    iso.write_bytes(data.replace(b"version = 8.3.0", b"version = 7.9.0"))
    found = json.loads(labkit.good("media", "inspect", str(iso), "--json"))
    assert (found["generation"], found["unattended"]) == (None, False)
    assert "does not know its installer" in found["why_not"]
    iso.write_bytes(data.replace(b"DEFAULT install", b"DEFAULT inst000"))
    said = labkit.good("media", "inspect", str(iso))
    assert "unattended  no: labkit does not understand" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "There is no ISO"), (b"<html>", "is not an ISO"), (b"", "is not an ISO")],
)
def test_inspect_of_what_is_no_iso_says_so(
    labkit: Labkit, content: bytes | None, said: str
) -> None:
    if content is not None:
        (labkit.folder / "x.iso").write_bytes(content)
    assert said in labkit.bad(3, "media", "inspect", "x.iso")


def test_render_writes_all_there_is_and_no_secret(labkit: Labkit) -> None:
    (labkit.folder / "tune.sh").write_text("#!/bin/sh\ntrue\n")
    path = labkit.scenario(
        (
            "  timezone: Europe/Madrid  # labkit's default",
            "  scripts:\n    - {stage: filesystem-populated, file: tune.sh}",
        )
    )
    said = labkit.good("media", "render", str(path), "xcp01", "--out", "look")
    look = labkit.folder / "look"
    names = {str(file.relative_to(look)) for file in look.rglob("*") if file.is_file()}
    boot = ("answerfile.xml", "boot.viso", "grub.cfg", "isolinux.cfg", "postinstall.sh")
    assert names == {
        *(f"boot/{name}" for name in boot),
        "boot/scripts/tune.sh",
        "identity/identity",
        "identity/identity.viso",
    }
    assert all(str(look / name) in said for name in names)
    assert "placeholder" in said
    assert "$6$placeholder$" in (look / "boot/answerfile.xml").read_text()
    assert "HOSTNAME='xcp01'" in (look / "identity/identity").read_text()
    disc = open_disc(look / "boot" / "boot.viso")
    assert disc.read("/xsinst/tune.sh") == b"#!/bin/sh\ntrue\n"
    assert labkit.machines() == {}


def test_render_takes_a_password_that_is_given(labkit: Labkit) -> None:
    labkit.good("media", "render", "6J", "xcp00", LABKIT_ROOT_PASSWORD="correct horse")
    text = (labkit.folder / "6J-xcp00-media/boot/answerfile.xml").read_text()
    assert "placeholder" not in text
    assert "correct horse" not in text


def test_render_of_a_host_that_is_there_has_its_own_uuid(lab_up: Labkit) -> None:
    lab_up.good("media", "render", "6J", "xcp00", "--out", "there")
    uuid = next(
        machine["hardware_uuid"]
        for machine in lab_up.machines().values()
        if machine["labels"].get("host") == "xcp00"
    )
    assert f"HOST_UUID='{uuid}'" in (lab_up.folder / "there/identity/identity").read_text()


def test_render_needs_no_virtualbox(labkit: Labkit) -> None:
    write_vendor_iso(labkit.folder / "isos" / "vendor.iso")
    labkit.good("media", "render", "6J", "xcp00", "--on", "virtualbox", **NOWHERE)


def test_an_unknown_host_names_those_there_are(labkit: Labkit) -> None:
    said = labkit.bad(2, "media", "render", "6J", "xcp07")
    assert "has no host `xcp07`" in said
    assert "xcp00, xcp01" in said


@pytest.mark.parametrize("generation", PRETENDED)
def test_build_writes_a_plain_iso_that_holds_the_same(labkit: Labkit, generation: str) -> None:
    path = labkit.scenario(("xcp-ng-8.3", generation))
    labkit.good("media", "build", str(path), "--flat", "flat.iso", **NOWHERE)
    flat = labkit.folder / "flat.iso"
    [vendor] = (labkit.home / "sim").rglob("*.iso")
    before, after = open_disc(vendor), open_disc(flat)
    assert (after.label, after.boots) == (before.label, before.boots)
    # VirtualBox's ISO maker puts a TRANS.TBL into every folder.
    assert set(after.folder("xsinst")) - {"TRANS.TBL"} == {"answerfile.xml", "postinstall.sh"}
    config = after.read_short("/boot/isolinux/isolinux.cfg").decode()
    assert "rt_answerfile=file:///tmp/ramdisk/answerfile.xml" in config
    for name in ("/install.img", "/boot/vmlinuz", "/boot/xen.gz"):
        assert after.read(name) == before.read(name)
    if generation != "xcp-1.6":
        assert b"rt_answerfile" in after.read("/EFI/xenserver/grub.cfg")
    if os.name == "posix":
        assert stat.S_IMODE(flat.stat().st_mode) == 0o600
    assert [file.name for file in labkit.folder.glob(".*")] == []
    assert "answers on it already" in labkit.bad(3, "media", "inspect", "flat.iso")


def test_build_never_writes_over_a_file_unless_told_to(labkit: Labkit) -> None:
    flat = labkit.folder / "flat.iso"
    flat.write_text("mine")
    said = labkit.bad(2, "media", "build", "6J", "--flat", "flat.iso", **NOWHERE)
    assert "There is already a file" in said
    assert "--force" in said
    assert flat.read_text() == "mine"
    labkit.good("media", "build", "6J", "--flat", "flat.iso", "--force", **NOWHERE)
    assert flat.stat().st_size > 100_000


def test_build_never_writes_over_the_vendors_iso(labkit: Labkit) -> None:
    iso = labkit.folder / "isos" / "vendor.iso"
    write_vendor_iso(iso)
    before = iso.read_bytes()
    said = labkit.bad(2, "media", "build", "6J", "--flat", str(iso), "--force", **NOWHERE)
    assert "which labkit never changes" in said
    assert iso.read_bytes() == before


def test_build_into_a_folder_that_is_not_there_says_so(labkit: Labkit) -> None:
    assert "There is no folder" in labkit.bad(2, "media", "build", "6J", "--flat", "no/x.iso")


def test_a_full_disk_keeps_no_half_iso(labkit: Labkit, full_disk: Path) -> None:
    said = labkit.bad(3, "media", "build", "6J", "--flat", str(full_disk / "x.iso"), **NOWHERE)
    # Python's words or those of VirtualBox's ISO maker, whichever is here.
    assert "No space left on device" in said or "VERR_DISK_FULL" in said
    assert list(full_disk.iterdir()) == []


MAKER = """#!{python}
import pathlib, shutil, sys
out = next(w.partition("=")[2] for w in sys.argv if w.startswith("--output="))
assert sys.argv[1] == "createiso" and sys.argv[-1] == "@boot.viso"
assert pathlib.Path("boot.viso").is_file()
pathlib.Path(out).write_text("half")
if {broken}:
    sys.exit("vbox-img: error: VERR_DISK_FULL")
pathlib.Path(out).write_text("made by VirtualBox")
"""


@pytest.mark.skipif(os.name != "posix", reason="a script stands for VirtualBox's program")
@pytest.mark.parametrize("broken", [False, True])
def test_virtualboxs_own_iso_maker_is_preferred(labkit: Labkit, broken: bool) -> None:
    programs = labkit.folder / "vbox"
    programs.mkdir()
    (programs / "VBoxSVC").touch()
    (programs / "vbox-img").write_text(MAKER.format(python=sys.executable, broken=broken))
    (programs / "vbox-img").chmod(0o755)
    words = ("media", "build", "6J", "--flat", "flat.iso")
    if broken:
        said = labkit.bad(3, *words, VBOX_INSTALL_PATH=str(programs))
        assert "VERR_DISK_FULL" in said
        assert not (labkit.folder / "flat.iso").exists()
    else:
        labkit.good(*words, VBOX_INSTALL_PATH=str(programs))
        assert (labkit.folder / "flat.iso").read_text() == "made by VirtualBox"
    assert [file.name for file in labkit.folder.glob(".*")] == []
