"""labkit's own commands on VirtualBox itself, as far as its machines start without a driver."""

import hashlib
from ipaddress import IPv4Interface
from pathlib import Path

import pytest

from labkit.vbox.pyvbox import VirtualBoxDriver
from tests.commands.conftest import Labkit
from tests.contract.witness import VBoxManage
from tests.vbox.installer_disc import FAILURE, SUCCESS, write_installer

pytestmark = pytest.mark.vbox


@pytest.fixture
def labkit(tmp_path: Path) -> Labkit:
    """labkit on VirtualBox, with a vendor's ISO, in the LAN that this computer is in."""
    home = Labkit(tmp_path, env={"LABKIT_ON": "virtualbox", "LABKIT_ROOT_PASSWORD": "secret"})
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
    )
    return home


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


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
