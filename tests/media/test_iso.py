"""The vendor's ISO is told by what is in it; what is no installer says so, and what to do."""

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from labkit.errors import ComputerError
from labkit.media.generations import GENERATIONS
from labkit.media.iso import find_iso, inspect
from labkit.scenario.models import GenerationName
from tests.media.conftest import GRUB, ISOLINUX, vendor_iso


def test_every_generation_a_scenario_can_name_has_its_rules() -> None:
    assert set(GENERATIONS) == set(get_args(GenerationName))
    assert all(name == rules.name for name, rules in GENERATIONS.items())


def test_an_iso_is_told_by_its_contents(iso_file: Path) -> None:
    found = inspect(iso_file.rename(iso_file.with_name("download (1).ISO")))
    assert (found.product, found.version) == ("XCP-ng", "8.3.0")
    assert found.generation == "xcp-ng-8.3"
    assert found.volume_id == "XCP-ng 8.3.0"
    assert found.size == found.path.stat().st_size
    assert found.path.is_absolute()
    assert found.isolinux.text == ISOLINUX
    assert found.grub is not None
    assert found.grub.text == GRUB


def test_the_primary_names_are_those_of_the_iso(iso_file: Path) -> None:
    found = inspect(iso_file)
    assert found.isolinux.primary == "/boot/isolinux/isolinux.cfg"
    assert found.grub is not None
    assert found.grub.primary == "/EFI/XENSERVE/grub.cfg"


def test_an_iso_without_uefi_boot_is_one_all_the_same(tmp_path: Path) -> None:
    assert inspect(vendor_iso(tmp_path / "bios.iso", grub=None)).grub is None


def test_another_version_is_recognised_but_of_no_generation(tmp_path: Path) -> None:
    found = inspect(vendor_iso(tmp_path / "a.iso", version="8.30.1"))
    assert (found.version, found.generation) == ("8.30.1", None)


def test_the_older_form_of_treeinfo_is_understood(tmp_path: Path) -> None:
    old = "[platform]\nname = XCP\nversion = 3.2.1\n[branding]\nname = XCP-ng\nversion = 8.2.1\n"
    found = inspect(vendor_iso(tmp_path / "old.iso", treeinfo=old))
    assert (found.product, found.version, found.generation) == ("XCP-ng", "8.2.1", "xcp-ng-8.2")


def repository(folder: str, origin: str, product: str, version: str) -> dict[str, str]:
    """A repository of the old kind."""
    return {
        f"/{folder}/XS-REPOSITORY".replace("//", "/"): f'<repository originator="{origin}" '
        f'name="main" product="{product}" version="{version}" build="1p">\n'
        "<description>x</description></repository>",
        f"/{folder}/XS-PACKAGES".replace("//", "/"): "<packages></packages>",
    }


@pytest.mark.parametrize(
    ("generation", "product", "version"),
    [
        ("xenserver-7", "XenServer", "7.0.0"),
        ("xenserver-7", "XenServer", "7.6.0"),
        ("xcp-ng-8.2", "XCP-ng", "8.2.1"),
        ("xcp-ng-8.3", "XCP-ng", "8.3.0"),
        ("xenserver-8", "XenServer", "8.4.0"),
        ("xenserver-8", "XenServer", "8"),
        (None, "XenServer", "6.5.0"),
        (None, "Citrix Hypervisor", "8.2.0"),
        (None, "XCP-ng", "7.6.0"),
        (None, "XCP-ng", "8.20.0"),
    ],
)
def test_newer_generations_are_told_by_treeinfo(
    tmp_path: Path, generation: str | None, product: str, version: str
) -> None:
    found = inspect(vendor_iso(tmp_path / "a.iso", product=product, version=version))
    assert (found.product, found.version, found.generation) == (product, version, generation)


@pytest.mark.parametrize(
    ("generation", "files"),
    [
        ("xcp-1.6", repository("packages.main", "xcp", "XCP", "1.6.10")),
        ("xcp-1.6", repository("", "xcp", "XCP", "1.6.10")),
        # XenServer is made of XCP, and says both.
        (
            "xenserver-6.2",
            {
                "/XS-REPOSITORY-LIST": "packages.main\npackages.xenserver\n",
                **repository("packages.main", "xcp", "XCP", "1.6.10"),
                **repository("packages.xenserver", "xs", "XenServer", "6.2.0"),
            },
        ),
        (None, repository("packages.main", "xs", "XenServer", "6.5.0")),
        (None, repository("packages.main", "xcp", "XCP", "1.5.0")),
    ],
    ids=["xcp", "xcp at the top", "xenserver 6.2", "xenserver 6.5", "xcp 1.5"],
)
def test_the_old_ones_are_told_by_their_repositories(
    tmp_path: Path, generation: str | None, files: dict[str, str]
) -> None:
    found = inspect(vendor_iso(tmp_path / "a.iso", treeinfo=None, grub=None, files=files))
    assert found.generation == generation
    assert found.grub is None


@pytest.mark.parametrize(
    "files",
    [
        # A supplemental pack without packages, and a marker that says nothing.
        {"/packages/XS-REPOSITORY": "<repository product='XCP' version='1.6'/>"},
        {"/packages/XS-REPOSITORY": "?", "/packages/XS-PACKAGES": ""},
    ],
)
def test_half_a_repository_is_none(tmp_path: Path, files: dict[str, str]) -> None:
    with pytest.raises(ComputerError, match="not an installer that labkit knows"):
        inspect(vendor_iso(tmp_path / "a.iso", treeinfo=None, files=files))


def test_an_iso_with_answers_on_it_is_not_the_vendors(tmp_path: Path) -> None:
    with pytest.raises(ComputerError, match="not the vendor's own"):
        inspect(vendor_iso(tmp_path / "a.iso", files={"/xsinst/answerfile.xml": "<x/>"}))


def test_an_iso_that_changes_is_looked_at_again(tmp_path: Path) -> None:
    path = vendor_iso(tmp_path / "a.iso", version="8.2.1")
    assert inspect(path).generation == "xcp-ng-8.2"
    vendor_iso(path, version="8.3.0")
    assert inspect(path).generation == "xcp-ng-8.3"


def test_inspecting_reads_little_and_changes_nothing(iso_file: Path) -> None:
    before = iso_file.stat()
    inspect(iso_file)
    after = iso_file.stat()
    assert (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)


def _cut_short(path: Path) -> Path:
    vendor_iso(path)
    path.write_bytes(path.read_bytes()[:-20_000])
    return path


def _garbled(path: Path) -> Path:
    vendor_iso(path)
    data = bytearray(path.read_bytes())
    data[17 * 2048 :] = b"\x5a" * (len(data) - 17 * 2048)
    path.write_bytes(data)
    return path


def _web_page(path: Path) -> Path:
    path.write_text("<html>Choose a mirror</html>")
    return path


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


BAD: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda path: path, "There is no ISO"),
    "a folder": (_folder, "cannot be read"),
    "a saved web page": (_web_page, "is not an ISO"),
    "truncated": (_cut_short, "is truncated"),
    "garbled": (_garbled, "cannot be read"),
    "netinstall": (lambda path: vendor_iso(path, treeinfo=None), "netinstall"),
    "another product": (
        lambda path: vendor_iso(path, treeinfo="[general]\nfamily = CentOS\nversion = 7\n"),
        "not an installer",
    ),
    "a marker of nonsense": (lambda path: vendor_iso(path, treeinfo="???"), "not an installer"),
    "no boot configuration": (lambda path: vendor_iso(path, isolinux=None), "not an installer"),
    "no Joliet": (lambda path: vendor_iso(path, joliet=False), "no Joliet"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_installer_says_so(what: str, tmp_path: Path) -> None:
    make, said = BAD[what]
    path = make(tmp_path / "some.iso")
    with pytest.raises(ComputerError) as caught:
        inspect(path)
    assert said in f"{caught.value.what} {caught.value.details}"
    assert str(path) in caught.value.what
    assert caught.value.hint


def test_the_first_iso_that_fits_is_taken(tmp_path: Path) -> None:
    vendor_iso(tmp_path / "b" / "a.iso", version="8.2.1")
    _web_page(tmp_path / "b" / "b.iso")
    fits = vendor_iso(tmp_path / "b" / "c.ISO")
    vendor_iso(tmp_path / "c" / "later.iso")
    folders = [tmp_path / "nowhere", tmp_path / "b", tmp_path / "c"]
    assert find_iso("xcp-ng-8.3", folders, None).path == fits


def test_a_missing_iso_names_what_was_found_instead(tmp_path: Path) -> None:
    vendor_iso(tmp_path / "old.iso", version="8.2.1")
    _web_page(tmp_path / "page.iso")
    with pytest.raises(ComputerError) as caught:
        find_iso("xcp-ng-8.3", [tmp_path, tmp_path / "more"], None)
    error = caught.value
    assert "XCP-ng 8.3" in error.what
    assert f"Looked in: {tmp_path}, {tmp_path / 'more'}." in error.details
    assert "old.iso: this is XCP-ng 8.2.1" in error.details
    assert "page.iso is not an ISO" in error.details
    assert "isos/README" in error.hint
    assert error.exit_code == 3


def test_the_wanted_iso_has_to_be_of_the_generation(tmp_path: Path, iso_file: Path) -> None:
    assert find_iso("xcp-ng-8.3", [], iso_file).path == iso_file
    old = vendor_iso(tmp_path / "old.iso", version="8.2.1")
    with pytest.raises(ComputerError, match="not of the generation") as caught:
        find_iso("xcp-ng-8.3", [iso_file.parent], old)
    assert "XCP-ng 8.2.1" in caught.value.details


def test_a_wanted_iso_that_is_missing_is_not_replaced_by_another(iso_file: Path) -> None:
    with pytest.raises(ComputerError, match="There is no ISO"):
        find_iso("xcp-ng-8.3", [iso_file.parent], iso_file.with_name("typo.iso"))
