"""labkit's own commands on VirtualBox itself, as far as its machines start without a driver."""

import hashlib
from ipaddress import IPv4Interface
from pathlib import Path

import pytest

from labkit.vbox.pyvbox import VirtualBoxDriver
from tests.commands.conftest import Labkit
from tests.contract.witness import VBoxManage
from tests.vbox.installer_disc import (
    DEBIAN_SUCCESS,
    FAILURE,
    SUCCESS,
    write_debian_installer,
    write_installer,
)

pytestmark = pytest.mark.vbox


@pytest.fixture
def labkit(tmp_path: Path) -> Labkit:
    """labkit on VirtualBox, with a vendor's ISO, in the LAN that this computer is in."""
    return in_this_lan(
        Labkit(tmp_path, env={"LABKIT_ON": "virtualbox", "LABKIT_ROOT_PASSWORD": "secret"}), "6J"
    )


def in_this_lan(home: Labkit, name: str, *more: tuple[str, str]) -> Labkit:
    """With a copy of a shipped scenario in its folder, moved to the LAN this computer is in."""
    up = next(found for found in VirtualBoxDriver().interfaces() if found.up and found.address)
    lan = IPv4Interface(f"{up.address}/{up.netmask}").network
    hosts = [str(address) for address in lan.hosts() if str(address) != up.address]
    home.scenario(
        ("cidr: 192.168.1.0/24", f"cidr: {lan}"),
        ("    gateway: 192.168.1.1\n    dns: [192.168.1.1]\n", ""),
        ("192.168.1.200", hosts[-2]),
        ("192.168.1.201", hosts[-1]),
        # The name must be the one listed, whichever has the default route.
        ("networks:  ", f"lan:\n  adapter: {up.name}\n\nnetworks:  "),
        *((old, new.format(hosts[-3])) for old, new in more),
        name=name,
    )
    return home


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def colons(mac: str) -> str:
    digits = mac.replace(":", "").lower()
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def nothing_is_left() -> bool:
    return VBoxManage().names() == set() and VBoxManage().media() == set()


def test_a_lab_is_made_and_removed_and_the_vendor_s_iso_stays(labkit: Labkit) -> None:
    iso = write_installer(labkit.folder / "isos" / "vendor.iso", SUCCESS)
    before, look = digest(iso), VBoxManage()

    said = labkit.good("up", "./6J.yaml", "--until", "golden")
    assert "xcp-ng-8.3 is installed and ready to clone" in said
    [golden] = look.names()
    seen = look.see(golden)
    assert (seen.power, seen.snapshots, seen.media) == ("off", ("installed",), ())
    assert "Nothing to do" in labkit.good("up", "./6J.yaml", "--until", "golden")

    # Without a kernel driver a bridged adapter does not start; until then all is real.
    said = labkit.bad(1, "up", "./6J.yaml")
    assert "`6J-xcp00` did not start" in said
    for host in ("xcp00", "xcp01"):
        seen = look.see(f"6J-{host}")
        assert [nic.attachment for nic in seen.nics] == ["bridged", "bridged", "internal"]
        assert all(nic.promiscuous for nic in seen.nics)
        assert (seen.cpus, seen.memory_mib, seen.group) == (2, 4096, "/labkit/6J")
        assert [Path(medium).name for medium in seen.media] == ["identity.viso"]
        assert seen.labels["host"] == host
        identity = labkit.home / "labs" / "6J" / host / "medium" / "identity"
        assert f"MACS='{','.join(map(colons, (nic.mac for nic in seen.nics)))}'" in (
            identity.read_text(encoding="utf-8")
        )
    assert len({look.see(f"6J-{host}").hardware_uuid for host in ("xcp00", "xcp01")}) == 2
    assert labkit.status()["state"] == "off"

    labkit.good("down", "6J", "--golden")
    assert nothing_is_left()
    assert not (labkit.home / "labs").exists()
    assert not (labkit.home / "golden").exists()
    assert digest(iso) == before


def test_a_failed_installation_says_the_installer_s_own_words(labkit: Labkit) -> None:
    write_installer(labkit.folder / "isos" / "vendor.iso", FAILURE)
    said = labkit.bad(1, "up", "./6J.yaml", "--until", "golden")
    assert "The installation of xcp-ng-8.3 failed" in said
    assert "no disk is large enough" in said
    assert nothing_is_left()


def test_a_storage_server_is_installed_cloned_and_removed_like_a_host(labkit: Labkit) -> None:
    in_this_lan(labkit, "6J-nas", ("192.168.1.210", "{}"))
    isos = labkit.folder / "isos"
    write_installer(isos / "vendor.iso", SUCCESS)
    before = digest(write_debian_installer(isos / "debian.iso", DEBIAN_SUCCESS))
    look = VBoxManage()

    said = labkit.good("up", "./6J-nas.yaml", "--until", "golden")
    assert "xcp-ng-8.3 and debian-12 are installed and ready to clone" in said
    assert len(look.names()) == 2

    # The server is started first, and its bridged adapter needs the kernel driver.
    said = labkit.bad(1, "up", "./6J-nas.yaml")
    assert "`6J-nas-nas00` did not start" in said
    seen = look.see("6J-nas-nas00")
    assert [nic.attachment for nic in seen.nics] == ["bridged"]
    assert (seen.cpus, seen.memory_mib, seen.labels["kind"]) == (1, 1024, "nas")
    identity = labkit.home / "labs" / "6J-nas" / "nas00" / "medium" / "identity"
    assert f"MAC='{colons(seen.nics[0].mac)}'" in identity.read_text(encoding="utf-8")

    labkit.good("down", "6J-nas", "--golden")
    assert nothing_is_left()
    assert digest(isos / "debian.iso") == before
