"""Machines are made as they were wanted, and only once."""

from pathlib import Path

import pytest

from labkit.errors import LabError
from labkit.vbox.driver import AdapterSpec, Attachment, Power
from tests.contract.rigs import Rig
from tests.contract.witness import Nic


def three_adapters(rig: Rig) -> tuple[AdapterSpec, ...]:
    """The course's: two bridged, one on an internal network, all promiscuous."""
    bridged = AdapterSpec(Attachment.BRIDGED, rig.interface(), promiscuous=True)
    return bridged, bridged, AdapterSpec(Attachment.INTERNAL, "storage", promiscuous=True)


def test_a_version_is_told_in_numbers(rig: Rig) -> None:
    assert all(part.isdigit() for part in rig.driver.version().split("."))


def test_no_machine_at_first(rig: Rig) -> None:
    assert rig.driver.machines() == ()


def test_a_machine_is_made_as_it_was_wanted(rig: Rig) -> None:
    made = rig.create(cpus=2, memory_mib=128)
    assert rig.driver.machines() == (made,)
    assert made.power is Power.OFF
    assert made.folder == rig.folder / "xcp00" / "machine"
    assert (made.snapshots, made.media) == ((), ())
    seen = rig.see()
    assert (seen.uuid, seen.hardware_uuid) == (made.uuid, made.hardware_uuid)
    assert (seen.power, seen.group) == (Power.OFF, "/labkit/contract")
    assert (seen.cpus, seen.memory_mib) == (made.cpus, made.memory_mib) == (2, 128)
    assert (seen.snapshots, seen.media) == ((), ())


def test_one_machine_is_found_by_its_name(rig: Rig) -> None:
    made = [rig.create(name) for name in ("xcp00", "xcp01")]
    rig.foreign("mine")
    assert [rig.driver.machine(name) for name in ("xcp00", "xcp01")] == made
    assert rig.driver.machine("mine") == rig.found("mine")
    assert rig.driver.machine("nobody") is None


def test_its_settings_and_disk_lie_in_its_own_folder(rig: Rig) -> None:
    made = rig.create()
    assert {file.suffix for file in made.folder.iterdir()} >= {".vbox", ".vdi"}


def test_three_promiscuous_adapters_are_plugged_where_they_were_wanted(rig: Rig) -> None:
    made = rig.create(adapters=three_adapters(rig))
    assert rig.see().nics == tuple(
        Nic(attachment, network, True, found.mac)
        for (attachment, network), found in zip(
            [
                (Attachment.BRIDGED, rig.interface()),
                (Attachment.BRIDGED, rig.interface()),
                (Attachment.INTERNAL, "storage"),
            ],
            made.adapters,
            strict=True,
        )
    )
    assert [found.attachment for found in made.adapters] == ["bridged", "bridged", "internal"]
    assert all(found.promiscuous for found in made.adapters)
    assert len({found.mac for found in made.adapters}) == 3


def test_a_machine_can_have_no_adapter_at_all(rig: Rig) -> None:
    assert rig.create(adapters=()).adapters == ()
    assert rig.see().nics == ()


def test_an_adapter_has_the_address_it_was_given(rig: Rig) -> None:
    made = rig.create(adapters=(AdapterSpec(Attachment.NAT, mac="080027ABCDEF"),))
    assert [found.mac for found in made.adapters] == ["080027ABCDEF"]
    assert [nic.mac for nic in rig.see().nics] == ["080027ABCDEF"]
    assert not rig.see().nics[0].promiscuous


def test_labels_come_back_as_they_were_given(rig: Rig) -> None:
    labels = {"lab": "6J", "hosts": "xcp00,xcp01", "pool": "", "title": "niño's = lab"}
    made = rig.create(labels=labels)
    # An empty label is as good as none.
    assert {key: text for key, text in made.labels.items() if text} == {
        key: text for key, text in labels.items() if text
    }
    assert rig.see().labels["title"] == "niño's = lab"


def test_a_machine_labkit_did_not_make_is_seen_and_has_no_labels(rig: Rig) -> None:
    rig.foreign("mine")
    assert rig.found("mine").labels == {}


def test_a_name_that_is_taken_is_refused_and_the_machine_left_alone(rig: Rig) -> None:
    rig.foreign("xcp00")
    before = rig.see()
    with pytest.raises(LabError, match="xcp00"):
        rig.create(folder=rig.folder / "elsewhere")
    assert rig.see() == before
    assert not (rig.folder / "elsewhere").exists()


def test_a_folder_that_belongs_to_a_machine_is_refused(rig: Rig) -> None:
    made = rig.create()
    for folder in (made.folder, made.folder.parent):
        with pytest.raises(LabError, match="xcp00"):
            rig.create("xcp01", folder=folder)
    assert rig.driver.machines() == (made,)
    assert {file.suffix for file in made.folder.iterdir()} >= {".vbox", ".vdi"}


def test_leftovers_of_a_killed_creation_are_cleared_away(rig: Rig) -> None:
    folder = rig.folder / "xcp00" / "machine"
    (folder / "Snapshots").mkdir(parents=True)
    for name in ("xcp00.vbox", "xcp00.vbox-prev", "xcp00.vdi", "Snapshots/{old}.vdi"):
        (folder / name).write_text("half")
    rig.create()
    assert not (folder / "Snapshots" / "{old}.vdi").exists()
    assert rig.seen_power() is Power.OFF


def test_a_name_nobody_knows_is_an_error(rig: Rig, tmp_path: Path) -> None:
    driver = rig.driver
    for act in (
        lambda: driver.start("nobody"),
        lambda: driver.pause("nobody"),
        lambda: driver.reset("nobody"),
        lambda: driver.take_snapshot("nobody", "s"),
        lambda: driver.insert("nobody", 0, None),
        lambda: driver.clone("nobody", "s", rig.spec()),
        lambda: driver.screenshot("nobody"),
    ):
        with pytest.raises(LabError, match="nobody") as error:
            act()
        assert error.value.hint


def test_the_computers_interfaces_are_listed_with_the_default_route(rig: Rig) -> None:
    interfaces = rig.driver.interfaces()
    assert len({found.name for found in interfaces}) == len(interfaces)
    assert sum(found.default_route for found in interfaces) <= 1
    assert all(found.address for found in interfaces if found.default_route)
