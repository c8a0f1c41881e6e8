"""Golden machines on VirtualBox itself: sealed, carried in a file, cloned, told from edited."""

from pathlib import Path

import pytest

from labkit.backend import Backend, RealClock
from labkit.errors import LabError
from labkit.golden import carried
from labkit.golden.found import Origin, check_disk, golden_called, now, seal, sealed, spec
from labkit.lab import GOLDEN_SNAPSHOT, Home, Place
from labkit.vbox.driver import Power
from tests.contract.rigs import Rig

pytestmark = pytest.mark.vbox

ORIGIN = Origin("xcp-ng-8.3", "0123456789ab", "ba9876543210", "XCP-ng 8.3.0", now())
_GIB = 1024**3


def on(rig: Rig) -> Backend:
    return Backend(
        "virtualbox",
        rig.driver,
        RealClock(),
        reach=lambda address: address,
        listens=lambda address, port: False,
        free=lambda folder: 100 * _GIB,
    )


def home(rig: Rig, name: str) -> Home:
    return Home(rig.folder / name)


def made(rig: Rig) -> Backend:
    place = Place(ORIGIN.name, home(rig, "here").golden / ORIGIN.name)
    place.folder.mkdir(parents=True)
    backend = on(rig)
    seal(rig.driver, rig.driver.create(spec(place, ORIGIN, memory_mib=64, disk_mib=64 * 1024)))
    return backend


def clone(rig: Rig, name: str) -> None:
    rig.driver.clone(ORIGIN.name, GOLDEN_SNAPSHOT, rig.spec(name))


def test_a_golden_machine_goes_into_a_file_and_comes_out_to_be_cloned(real: Rig) -> None:
    backend = made(real)
    machine = golden_called(backend, "xcp-ng-8.3")
    contents = real.driver.disk(machine.name).read_bytes()
    file: Path = real.folder / "golden.tar"
    carried.export(backend, home(real, "here"), machine, file, lambda fraction: None)
    manifest = carried.read(backend, file)
    assert not carried.bring_in(backend, home(real, "here"), file, manifest, lambda fraction: None)
    real.driver.remove(machine.name)
    assert carried.bring_in(backend, home(real, "there"), file, manifest, lambda fraction: None)
    brought = golden_called(backend, "xcp-ng-8.3")
    assert sealed(brought)
    assert {**brought.labels, "disk": ""} == {**machine.labels, "disk": ""}
    disk = real.driver.disk(brought.name)
    # All but the header, in which its new UUID is.
    assert disk.read_bytes()[4096:] == contents[4096:]
    for name in ("xcp00", "xcp01"):
        clone(real, name)
        real.driver.start(name)
        assert real.found(name).power is Power.RUNNING
        real.driver.remove(name)
    real.driver.remove(brought.name)


def test_a_golden_machine_stays_as_it_was_sealed_whatever_its_clones_do(real: Rig) -> None:
    backend = made(real)
    clone(real, "xcp00")
    real.driver.start("xcp00")
    real.driver.take_snapshot("xcp00", "labkit-hosts")
    check_disk(real.driver, golden_called(backend, ORIGIN.name))
    real.driver.remove("xcp00")
    machine = golden_called(backend, ORIGIN.name)
    check_disk(real.driver, machine)
    with real.driver.disk(machine.name).open("ab") as disk:
        disk.write(b"edited")
    with pytest.raises(LabError, match="not the one that was sealed"):
        check_disk(real.driver, machine)
    real.driver.disk(machine.name).unlink()
    with pytest.raises(LabError, match="missing"):
        check_disk(real.driver, machine)
    real.driver.remove(machine.name)
