"""What storage drivers refuse, each with the code and the three parameters XAPI makes of it."""

from typing import Any

import pytest

from labkit.sim.xapi.places import system_of
from labkit.sim.xapi.storage.codes import refused
from labkit.sim.xapi.storage.driver import Access
from labkit.sim.xapi.storage.lvm import Lvm
from tests.sim.xapi.conftest import Computer
from tests.sim.xapi.storage import SERVER, SHARE, failure, host, made

ISO = {"location": f"{SERVER}:/srv/isos", "type": "nfs_iso"}
ISCSI = {"target": SERVER, "targetIQN": "iqn.lab:disks", "SCSIid": "36001"}
TARGETS = {"iqn.lab:disks": {"units": {"36001": {"size": 1 << 36}}}}

Room = dict[str, Any]


def without(device: dict[str, str], *keys: str) -> dict[str, str]:
    return {key: value for key, value in device.items() if key not in keys}


def ill(name: str, path: str = "/srv/vms") -> Room:
    return {"folders": {path: {"ills": [name]}}}


ROWS: list[tuple[str, str, dict[str, str], Room, int, str]] = [
    ("no server", "nfs", without(SHARE, "server"), {}, 102, ""),
    ("no path", "nfs", without(SHARE, "serverpath"), {"shares": ["/a"]}, 101, "<Path>/a</Path>"),
    ("no NFS service", "nfs", SHARE, {"off": True}, 108, ""),
    ("version", "nfs", SHARE | {"nfsversion": "4.1"}, {"versions": ["3"]}, 72, ""),
    ("not exported", "nfs", SHARE, {"shares": ["/srv/other"]}, 73, ""),
    ("not for this host", "nfs", SHARE, {"clients": ["10.0.0.0/8"]}, 73, ""),
    ("no folder made", "nfs", SHARE, ill("no-mkdir"), 88, ""),
    ("read-only", "nfs", SHARE, ill("read-only"), 461, ""),
    ("mounted already", "nfs", SHARE, ill("mounted"), 75, ""),
    ("there already", "nfs", SHARE, ill("leftovers"), 42, ""),
    ("no such name", "nfs", SHARE | {"server": "nas.nowhere"}, {}, 140, ""),
    ("ISO: no location", "iso", {}, {}, 94, ""),
    ("ISO: no local path", "iso", {"location": "/no", "legacy_mode": "true"}, {}, 226, ""),
    ("ISO: not mounted", "iso", ISO, {"off": True}, 222, ""),
    ("ISO: no CIFS", "iso", {"location": f"//{SERVER}/isos", "type": "cifs"}, {}, 222, ""),
    ("ISO: no share", "iso", ISO | {"iso_path": "/linux"}, {}, 224, ""),
    ("ISO: format", "iso", ISO | {"location": "/srv/isos"}, {}, 225, ""),
    ("ISO: CIFS format", "iso", {"location": "share", "type": "cifs"}, {}, 225, ""),
    ("ext: no device", "ext", {}, {}, 90, ""),
    ("ext: no such device", "ext", {"device": "/dev/sdz"}, {}, 91, ""),
    ("file: no location", "file", {}, {}, 94, ""),
    ("file: not made", "file", {"location": "/proc/vms"}, {}, 61, ""),
    ("file: not empty", "file", {"location": "/etc"}, {}, 42, ""),
    ("iSCSI: no target", "lvmoiscsi", {}, {}, 95, ""),
    ("iSCSI: no service", "lvmoiscsi", ISCSI, {}, 141, ""),
    (
        "iSCSI: no IQN",
        "lvmoiscsi",
        without(ISCSI, "targetIQN"),
        {"iscsi": TARGETS},
        96,
        "<TargetIQN>iqn.lab:disks</TargetIQN>",
    ),
    (
        "iSCSI: no unit",
        "lvmoiscsi",
        without(ISCSI, "SCSIid"),
        {"iscsi": TARGETS},
        107,
        "<SCSIid>36001</SCSIid>",
    ),
    (
        "iSCSI: no login",
        "lvmoiscsi",
        ISCSI,
        {"iscsi": {"iqn.lab:disks": {"chapuser": "lab", "units": {}}}},
        68,
        "",
    ),
]


@pytest.mark.parametrize(
    ("kind", "device", "room", "number", "stderr"),
    [row[1:] for row in ROWS],
    ids=[row[0] for row in ROWS],
)
def test_a_storage_that_cannot_be_made_says_which_number_of_the_drivers(
    computer: Computer, kind: str, device: dict[str, str], room: Room, number: int, stderr: str
) -> None:
    with computer.store.turn() as world:
        world.shares[SERVER] = room
    before = computer.login("xcp00").SR.get_all()
    code, *params = failure(made, computer, kind, device)
    assert code == f"SR_BACKEND_FAILURE_{number}"
    assert len(params) == 3
    assert params[0] == ""
    assert params[1].startswith(refused(number).description[2])
    assert stderr in params[2]
    assert (params[2] == "") == (stderr == "")
    api = computer.login("xcp00")
    assert api.SR.get_all() == before
    assert len(api.PBD.get_all()) == len(before)


@pytest.mark.parametrize("kind", ["ext", "lvm"])
@pytest.mark.parametrize("device", ["/dev/sda", "/dev/sda1", "/dev/sda3"])
def test_a_device_in_use_has_a_code_of_its_own(computer: Computer, kind: str, device: str) -> None:
    assert failure(made, computer, kind, {"device": device}) == ["SR_DEVICE_IN_USE"]


@pytest.mark.parametrize(
    ("kind", "wrong", "number"), [("ext", "lvm", 50), ("lvm", "lvm", 77), ("lvm", "leftovers", 42)]
)
def test_a_disk_that_takes_no_volumes(
    computer: Computer, kind: str, wrong: str, number: int
) -> None:
    with computer.store.turn() as world:
        volumes = system_of(world.machines["xcp00"]).volumes
        volumes["/dev/sdb"] = {"ills": [wrong]}
    [code, *_] = failure(made, computer, kind, {"device": "/dev/sdb"})
    assert code == f"SR_BACKEND_FAILURE_{number}"


def test_volumes_are_the_masters_to_make(computer: Computer) -> None:
    with computer.store.turn() as world:
        there = Access(world, world.machines["xcp01"], {"device": "/dev/sdb"}, master=False)
        with pytest.raises(Exception, match="SR_BACKEND_FAILURE_58"):
            Lvm().create(there)


def test_a_type_of_storage_there_is_no_driver_for(computer: Computer) -> None:
    api = computer.login("xcp00")
    me = host(api, "xcp00")
    unknown = ["SR_UNKNOWN_DRIVER", "tape"]
    assert failure(api.SR.create, me, {}, "0", "x", "", "Tape", "user", True, {}) == unknown
    assert failure(api.SR.probe, me, {}, "Tape", {}) == unknown
    [code, *_] = failure(api.SR.create, me, {}, "0", "x", "", "lvmohba", "user", True, {})
    assert code == "NOT_IMPLEMENTED"
    deprecated = failure(api.SR.make, me, {}, "0", "x", "", "nfs", "user", {})
    assert deprecated == ["MESSAGE_DEPRECATED"]
