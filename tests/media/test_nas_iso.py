"""Debian's netinst ISO is told from everything else that Debian calls an ISO."""

from pathlib import Path

import pytest

from labkit.errors import ComputerError
from labkit.media.iso import find_iso, inspect
from tests.media.conftest import vendor_iso
from tests.media.nas import GRUB, INFO, debian_iso


def test_the_netinst_iso_is_told_by_its_contents(tmp_path: Path) -> None:
    found = inspect(debian_iso(tmp_path / "download (1).ISO"))
    assert (found.product, found.version) == ("Debian GNU/Linux", "12.7.0")
    assert found.generation == "debian-12"
    assert found.isolinux.path == found.isolinux.primary == "/isolinux/isolinux.cfg"
    assert found.grub is not None
    assert found.grub.path == found.grub.primary == "/boot/grub/grub.cfg"
    assert found.grub.text == GRUB
    assert found.marker.startswith("Debian GNU/Linux 12.7.0")


@pytest.mark.parametrize(
    ("version", "info", "generation"),
    [
        ("12.0.0", INFO, "debian-12"),
        ("12.11.0", INFO, "debian-12"),
        ("12.7.0", 'Debian GNU/Linux {version} "Bookworm" - Unofficial {kind} 1', "debian-12"),
        ("11.6.0", 'Debian GNU/Linux {version} "Bullseye" - Official {kind} 20221217', None),
        ("13.1.0", INFO, None),
        ("120.1", INFO, None),
        ("testing", 'Debian GNU/Linux {version} "Trixie" - Official Snapshot {kind} 2', None),
    ],
)
def test_other_releases_are_recognised_but_of_no_generation(
    tmp_path: Path, version: str, info: str, generation: str | None
) -> None:
    found = inspect(debian_iso(tmp_path / "a.iso", version=version, info=info))
    assert (found.product, found.version) == ("Debian GNU/Linux", version)
    assert found.generation == generation


LIVE = "Official Debian GNU/Linux Live {version} gnome 2024-08-31T10:38"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind": "amd64 DVD Binary-1"}, "It is a DVD of Debian 12.7.0"),
        ({"kind": "amd64 DVD Binary-1", "version": "11.6.0"}, "It is a DVD of Debian 11.6.0"),
        ({"kind": "amd64 BD Binary-1"}, "It is a BD"),
        ({"kind": "i386 NETINST"}, "It is for i386 computers"),
        ({"kind": "arm64 NETINST"}, "It is for arm64 computers"),
        ({"kind": "amd64/i386 NETINST"}, "It is for amd64/i386 computers"),
        ({"info": LIVE}, "It is a live system: `Official Debian"),
        ({"info": 'Ubuntu 24.04 LTS "Noble" - Release amd64'}, "no Debian that labkit knows"),
        ({"info": ""}, "no Debian that labkit knows"),
        ({"info": None, "files": {"/linux": "x", "/initrd.gz": "x"}}, "It is a `mini.iso`"),
        ({"files": {"/labkit/preseed.cfg": "x"}}, "with answers on it already"),
        ({"info": None}, "netinstall"),
    ],
)
def test_other_media_say_what_they_are(tmp_path: Path, values: dict[str, str], said: str) -> None:
    path = debian_iso(tmp_path / "a.iso", **values)  # type: ignore[arg-type]
    with pytest.raises(ComputerError) as caught:
        inspect(path)
    error = caught.value
    assert said in error.details
    assert str(path) in error.what
    assert "isos/README" in error.hint


def test_it_is_found_among_the_hosts(tmp_path: Path) -> None:
    vendor_iso(tmp_path / "a.iso")
    wanted = debian_iso(tmp_path / "b.iso")
    assert find_iso("debian-12", [tmp_path], None).path == wanted
    assert find_iso("xcp-ng-8.3", [tmp_path], None).path == tmp_path / "a.iso"


def test_a_missing_one_names_what_was_found_instead(tmp_path: Path) -> None:
    debian_iso(tmp_path / "old.iso", version="11.6.0")
    debian_iso(tmp_path / "dvd.iso", kind="amd64 DVD Binary-1")
    with pytest.raises(ComputerError) as caught:
        find_iso("debian-12", [tmp_path], None)
    error = caught.value
    assert "no ISO of Debian GNU/Linux 12" in error.what
    assert "old.iso: this is Debian GNU/Linux 11.6.0" in error.details
    assert "dvd.iso is not an installer" in error.details
    assert "debian-12-amd64-netinst.iso" in error.hint
