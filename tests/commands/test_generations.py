"""Every generation that can be pretended, from its ISO to the pool."""

import json

import pytest

from tests.commands.conftest import Labkit


@pytest.mark.parametrize(
    ("generation", "version", "iso"),
    [("xcp-1.6", "1.6.10", "XCP-1.6-61809c.iso"), ("xcp-ng-8.2", "8.2.1", "xcp-ng-8.2.1.iso")],
)
def test_an_older_generation_comes_up_as_a_pool(
    labkit: Labkit, generation: str, version: str, iso: str
) -> None:
    path = labkit.scenario(("xcp-ng-8.3", generation))
    labkit.good("up", str(path))
    status = labkit.status()
    assert status["state"] == "up"
    assert [member["enabled"] for member in status["pool"]["members"]] == [True, True]
    systems = [machine["disk"]["system"] for machine in labkit.machines().values()]
    assert {system["inventory"]["PRODUCT_VERSION"] for system in systems} == {version}
    hosts = {system["hostname"] for system in systems if system["booted"]}
    assert hosts == {"xcp00", "xcp01"}
    assert "Nothing to do" in labkit.good("up", str(path))
    # The stand-in of another generation was never needed.
    assert [found.name for found in (labkit.home / "sim").rglob("*.iso")] == [iso]


def test_a_small_disk_is_enough_for_the_old_one(labkit: Labkit) -> None:
    small = ("    memory: 4 GiB          # labkit's default", "    memory: 4 GiB\n    disk: 12 GiB")
    path = labkit.scenario(("xcp-ng-8.3", "xcp-1.6"), small)
    labkit.good("up", str(path), "--until", "hosts")
    path = labkit.scenario(("xcp-ng-8.3", "xcp-ng-8.2"), small)
    said = labkit.bad(2, "up", str(path))
    assert "the installer of xcp-ng-8.2 refuses a smaller disk" in said


def test_a_generation_whose_iso_is_missing_says_which_one_to_get(labkit: Labkit) -> None:
    path = labkit.scenario(("xcp-ng-8.3", "xenserver-7"))
    said = labkit.bad(3, "up", str(path))
    assert "There is no ISO of XenServer 7" in said
    assert "XenServer-7.6.0-install-cd.iso" in said
    assert labkit.machines() == {}


def test_scripts_and_services_reach_the_answer_file(labkit: Labkit) -> None:
    (labkit.folder / "tune.sh").write_text("#!/bin/sh\ntrue\n")
    path = labkit.scenario(
        (
            "  timezone: Europe/Madrid  # labkit's default",
            "  services: {chronyd: enabled}\n"
            "  scripts:\n    - {stage: filesystem-populated, file: tune.sh}",
        )
    )
    labkit.good("up", str(path), "--until", "golden")
    shown = json.loads(labkit.good("up", str(path), "--until", "golden", "--json").splitlines()[-1])
    assert shown["changed"] is False
    # Another text makes another installation.
    (labkit.folder / "tune.sh").write_text("#!/bin/sh\nfalse\n")
    labkit.good("up", str(path), "--until", "golden")
    assert len(labkit.machines()) == 2


def test_a_disk_that_labkits_machines_do_not_have_is_refused(labkit: Labkit) -> None:
    path = labkit.scenario(("  timezone: Europe/Madrid", "  disk: nvme0n1\n  timezone: Etc/UTC"))
    said = labkit.bad(2, "up", str(path))
    assert "have no disk `nvme0n1`" in said
    assert labkit.machines() == {}
