"""Machines have the hardware that installers and nested hosts want."""

import pytest

from labkit.errors import ComputerError
from labkit.vbox.driver import AdapterSpec, Attachment
from tests.contract.rigs import Rig
from tests.contract.witness import VBoxManage

pytestmark = pytest.mark.vbox


def facts(name: str = "xcp00") -> dict[str, str]:
    return VBoxManage().facts(name)


def test_a_machine_is_fit_for_a_nested_xen(real: Rig) -> None:
    real.create(nested=True, disk_mib=65536)
    seen = facts()
    wanted = {
        "chipset": "ich9",
        "firmware": "BIOS",
        "paravirtprovider": "none",
        "rtcuseutc": "on",
        "ioapic": "on",
        "pae": "on",
        "longmode": "on",
        "apic": "on",
        "nested-hw-virt": "on",
        "vrde": "off",
        "audio": "none",
        "boot1": "disk",
        "boot2": "dvd",
        "boot3": "none",
        "nictype1": "82540EM",
        "cableconnected1": "on",
        "storagecontrollername0": "SATA",
        "storagecontrollertype0": "IntelAhci",
        "SATA-1-0": "emptydrive",
        "SATA-2-0": "emptydrive",
        "uart1": "0x03f8,4",
        "uartmode1": f"file,{real.folder}/xcp00/console.log",
    }
    assert {key: seen.get(key) for key in wanted} == wanted
    assert seen["SATA-0-0"].endswith("/xcp00/machine/xcp00.vdi")


def test_what_is_not_wanted_is_not_there(real: Rig) -> None:
    real.create(nested=False, serial_file=None, disk_mib=0, firmware="efi")
    seen = facts()
    assert (seen["nested-hw-virt"], seen["uart1"], seen["firmware"]) == ("off", "off", "EFI")
    assert seen["SATA-0-0"] == "none"


def test_a_clone_has_the_hardware_of_its_source(real: Rig) -> None:
    real.create("golden", firmware="efi")
    real.driver.take_snapshot("golden", "installed")
    real.clone(nested=True)
    own, sources = facts(), facts("golden")
    for key in ("chipset", "firmware", "paravirtprovider", "rtcuseutc", "pae", "boot1", "boot2"):
        assert own[key] == sources[key]
    assert (own["nested-hw-virt"], sources["nested-hw-virt"]) == ("on", "off")
    assert own["uartmode1"] == f"file,{real.folder}/xcp00/console.log"
    assert own["SATA-0-0"].startswith(str(real.folder / "xcp00" / "machine"))


def test_a_host_only_adapter_is_on_its_interface(real: Rig) -> None:
    made = real.create(adapters=(AdapterSpec(Attachment.HOST_ONLY, "vboxnet7"),))
    assert real.see().nics[0].attachment == "host-only"
    assert (made.adapters[0].attachment, made.adapters[0].network) == ("host-only", "vboxnet7")


def test_an_adapter_labkit_has_no_word_for_is_still_seen(real: Rig) -> None:
    from tests.contract.witness import run

    real.create()
    run("modifyvm", "xcp00", "--nic1", "generic")
    assert [found.attachment for found in real.found().adapters] == [None]
    run("modifyvm", "xcp00", "--nic1", "natnetwork", "--nat-network1", "any")
    assert [found.attachment for found in real.found().adapters] == [None]


def test_a_host_only_network_that_cannot_be_had_is_told(real: Rig) -> None:
    """The rig has no VirtualBox network driver."""
    with pytest.raises(ComputerError, match=r"192\.168\.56\.1") as error:
        real.driver.host_only("192.168.56.1", "255.255.255.0")
    assert "vboxnetctl" in error.value.details
    assert "vboxnetadp" in error.value.hint


def test_pyvbox_has_the_numbers_that_are_asked_through_it(real: Rig) -> None:
    """Its enumerations are of VirtualBox 6.1; these have not moved."""
    from labkit.vbox.bindings import connect

    bindings = connect()
    for enumeration, members in {
        "LockType": {"write": "Write", "shared": "Shared"},
        "DeviceType": {"dvd": "DVD", "hard_disk": "HardDisk"},
        "AccessMode": {"read_only": "ReadOnly", "read_write": "ReadWrite"},
        "StorageBus": {"sata": "SATA"},
        "MediumVariant": {"standard": "Standard"},
        "BitmapFormat": {"png": "PNG"},
        "CleanupMode": {
            "unregister_only": "UnregisterOnly",
            "detach_all_return_hard_disks_only": "DetachAllReturnHardDisksOnly",
        },
    }.items():
        for ours, theirs in members.items():
            said = int(getattr(getattr(bindings.library, enumeration), ours))
            assert said == getattr(bindings.constants, f"{enumeration}_{theirs}"), enumeration
