"""Linked clones: the source's disk, and nothing else of it."""

import pytest

from labkit.errors import LabError
from labkit.vbox.driver import AdapterSpec, Attachment, Power
from tests.contract.discs import write_iso
from tests.contract.rigs import Rig


def test_a_clone_is_a_machine_of_its_own(rig: Rig) -> None:
    golden = rig.golden()
    made = [
        rig.clone(name, cpus=2, memory_mib=96, group="/labkit/6J") for name in ("xcp00", "xcp01")
    ]
    everyone = [golden, *made]
    for fact in ("uuid", "hardware_uuid", "folder"):
        assert len({getattr(machine, fact) for machine in everyone}) == 3
    assert len({machine.adapters[0].mac for machine in everyone}) == 3
    for machine in made:
        seen = rig.see(machine.name)
        assert machine == rig.found(machine.name)
        assert (seen.uuid, seen.hardware_uuid) == (machine.uuid, machine.hardware_uuid)
        assert (seen.cpus, seen.memory_mib, seen.group) == (2, 96, "/labkit/6J")
        assert (seen.power, seen.snapshots) == (Power.OFF, ())
        assert [nic.mac for nic in seen.nics] == [found.mac for found in machine.adapters]


def test_a_clone_has_its_own_labels_and_none_of_its_sources(rig: Rig) -> None:
    rig.golden()
    made = rig.clone(labels={"lab": "6J", "role": "host"})
    assert made.labels == {"lab": "6J", "role": "host"}
    assert rig.see().labels == {"lab": "6J", "role": "host"}
    assert rig.see("golden").labels == {"role": "golden", "generation": "any"}


def test_a_clone_has_the_adapters_it_was_given(rig: Rig) -> None:
    rig.golden()
    made = rig.clone(
        adapters=(
            AdapterSpec(Attachment.BRIDGED, rig.interface(), promiscuous=True),
            AdapterSpec(Attachment.NAT, mac="080027123456"),
            AdapterSpec(Attachment.INTERNAL, "storage", promiscuous=True),
        )
    )
    seen = rig.see().nics
    assert [nic.attachment for nic in seen] == ["bridged", "nat", "internal"]
    assert [nic.promiscuous for nic in seen] == [True, False, True]
    assert seen[1].mac == "080027123456"
    assert len({nic.mac for nic in seen}) == 3
    assert all(len(nic.mac) == 12 for nic in seen)
    assert [nic.mac for nic in seen] == [found.mac for found in made.adapters]


def test_a_clone_can_have_fewer_adapters(rig: Rig) -> None:
    rig.create("golden", adapters=(AdapterSpec(Attachment.NAT),) * 3)
    rig.driver.take_snapshot("golden", "installed")
    assert len(rig.clone(adapters=(AdapterSpec(Attachment.NAT),)).adapters) == 1
    assert len(rig.see().nics) == 1


def test_a_clones_drives_are_empty(rig: Rig) -> None:
    iso = write_iso(rig.folder / "vendor.iso")
    rig.create("golden")
    rig.driver.insert("golden", 0, iso)
    rig.driver.take_snapshot("golden", "installed")
    assert rig.clone().media == ()
    assert rig.see().media == ()
    assert rig.see("golden").media == (str(iso),)


def test_a_clones_console_is_its_own(rig: Rig) -> None:
    rig.golden()
    rig.clone()
    (rig.folder / "xcp00").mkdir(exist_ok=True)
    rig.driver.start("xcp00")
    assert (rig.folder / "xcp00" / "console.log").exists()
    assert not (rig.folder / "golden" / "console.log").exists()


def test_the_source_stays_as_it_was(rig: Rig) -> None:
    rig.golden()
    before = rig.see("golden")
    rig.clone()
    assert rig.see("golden") == before


def test_a_source_or_snapshot_that_is_not_there_is_an_error(rig: Rig) -> None:
    rig.golden()
    for source, snapshot in (("nobody", "installed"), ("golden", "never")):
        with pytest.raises(LabError, match=r"nobody|never"):
            rig.driver.clone(source, snapshot, rig.spec())
    assert rig.witness.names() == {"golden"}
    assert not rig.spec().folder.exists()


def test_a_clones_name_that_is_taken_is_refused(rig: Rig) -> None:
    rig.golden()
    rig.foreign("xcp00")
    with pytest.raises(LabError, match="xcp00"):
        rig.clone(folder=rig.folder / "elsewhere")
    assert rig.witness.names() == {"golden", "xcp00"}


def test_leftovers_of_a_killed_clone_are_cleared_away(rig: Rig) -> None:
    rig.golden()
    folder = rig.spec().folder
    (folder / "Snapshots").mkdir(parents=True)
    (folder / "Snapshots" / "{old}.vdi").write_text("half")
    (folder / "xcp00.vbox").write_text("half")
    rig.clone()
    assert not (folder / "Snapshots" / "{old}.vdi").exists()


def test_a_source_stays_while_a_clone_needs_its_disk(rig: Rig) -> None:
    golden = rig.golden()
    rig.clone()
    with pytest.raises(LabError, match="golden") as error:
        rig.driver.remove("golden")
    assert "xcp00" in error.value.details
    assert rig.found("golden") == rig.found("golden")
    assert rig.see("golden").snapshots == ("installed",)
    assert golden.folder.exists()
    rig.driver.start("xcp00")
    rig.driver.remove("xcp00")
    rig.driver.remove("golden")
    assert rig.witness.names() == set()
