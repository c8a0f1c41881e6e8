"""Storage repositories: shared and local ones, forgotten and found again."""

from labkit.sim import power
from labkit.sim.world import copied
from labkit.sim.xapi.places import database_of, system_of
from tests.sim.xapi.conftest import ADDRESSES, PASSWORD, Computer, installed
from tests.sim.xapi.storage import (
    GIB,
    NULL,
    SERVER,
    SHARE,
    after,
    attached,
    disk,
    failure,
    host,
    made,
)

BOTH = {"xcp00": True, "xcp01": True}
ISOS = {"location": f"{SERVER}:/srv/isos"}


def test_a_shared_repository_is_plugged_everywhere_and_made_once(pool: Computer) -> None:
    # Made by the master, although another host was named.
    sr = made(pool, "nfs", SHARE, on="xcp01")
    assert attached(pool, sr) == BOTH
    api = pool.login("xcp00")
    record = api.SR.get_record(sr)
    assert (record["shared"], record["type"], record["physical_size"]) == (
        True,
        "nfs",
        str(1024 * GIB),
    )
    assert record["current_operations"] == {}
    assert api.SR.probe(host(api, "xcp01"), SHARE, "nfs", {}).count(record["uuid"]) == 1


def test_a_shared_repository_is_there_although_a_member_cannot_mount_it(pool: Computer) -> None:
    with pool.store.turn() as world:
        world.shares[SERVER] = {"clients": ["192.168.1.200"]}
    sr = made(pool, "nfs", SHARE)
    assert attached(pool, sr) == {"xcp00": True, "xcp01": False}
    api = pool.login("xcp00")
    [pbd] = [each for each in api.SR.get_PBDs(sr) if api.PBD.get_host(each) == host(api, "xcp01")]
    assert failure(after, pool, api.Async.PBD.plug, pbd)[0] == "SR_BACKEND_FAILURE_73"


def test_a_local_repository_is_one_hosts(pool: Computer) -> None:
    with pool.store.turn() as world:
        for name in BOTH:
            system_of(world.machines[name]).volumes["/dev/sdb"] = {"size": 100 * GIB}
    sr = made(pool, "lvm", {"device": "/dev/sdb"}, shared=False, on="xcp01")
    assert attached(pool, sr) == {"xcp01": True}
    api = pool.login("xcp00")
    assert api.SR.get_physical_size(sr) == str(100 * GIB)
    pbd = api.PBD.create(
        {
            "host": host(api, "xcp00"),
            "SR": sr,
            "device_config": {"device": "/dev/sdb"},
            "other_config": {},
        }
    )
    assert failure(after, pool, api.Async.PBD.plug, pbd) == [
        "SR_NOT_SHARABLE",
        sr,
        host(api, "xcp01"),
    ]


def test_the_local_repository_is_as_large_as_the_installer_left_it(computer: Computer) -> None:
    api = computer.login("xcp00")
    [sr] = api.SR.get_by_name_label("Local storage")
    assert api.SR.get_physical_size(sr) == str((64 - 46) * GIB)
    assert api.SR.get_physical_utilisation(sr) == "0"
    disk(api, sr, 4 * GIB)
    assert api.SR.get_virtual_allocation(sr) == str(4 * GIB)


def test_plugs_are_guarded(computer: Computer) -> None:
    api = computer.login("xcp00")
    [sr] = api.SR.get_by_name_label("Local storage")
    [pbd] = api.SR.get_PBDs(sr)
    me = host(api, "xcp00")
    fields = {"host": me, "SR": sr, "device_config": {}, "other_config": {}}
    assert failure(api.PBD.create, fields) == ["PBD_EXISTS", sr, me, pbd]
    assert failure(api.PBD.create, {**fields, "SR": "OpaqueRef:x"})[:2] == ["HANDLE_INVALID", "SR"]
    assert failure(api.PBD.destroy, pbd) == [
        "OPERATION_NOT_ALLOWED",
        "PBD is currently attached",
    ]
    assert failure(api.SR.destroy, sr) == ["SR_HAS_PBD", sr]
    assert failure(api.SR.forget, sr) == ["SR_HAS_PBD", sr]
    assert not {"destroy", "forget"} & set(api.SR.get_allowed_operations(sr))
    api.PBD.unplug(pbd)
    assert {"destroy", "forget"} <= set(api.SR.get_allowed_operations(sr))
    assert failure(api.SR.scan, sr) == ["SR_NO_PBDS", sr]
    assert failure(disk, api, sr) == ["SR_NO_PBDS", sr]
    after(computer, api.Async.PBD.plug, pbd)
    made_disk = disk(api, sr)
    api.PBD.unplug(pbd)
    assert failure(api.SR.destroy, sr) == ["SR_NOT_EMPTY"]
    api.VDI.forget(made_disk)
    api.SR.set_other_config(sr, {"indestructible": "true"})
    assert failure(api.SR.destroy, sr) == ["SR_INDESTRUCTIBLE", sr]
    api.SR.set_other_config(sr, {})
    api.PBD.destroy(pbd)
    assert failure(api.SR.destroy, sr) == ["SR_NO_PBDS", sr]
    api.SR.forget(sr)
    assert sr not in api.SR.get_all()


def test_a_repository_in_use_is_not_unplugged(computer: Computer) -> None:
    api = computer.login("xcp00")
    [sr] = api.SR.get_by_name_label("Local storage")
    used, me = disk(api, sr), host(api, "xcp00")
    with computer.store.turn() as world:
        db = database_of(world.machines["xcp00"])
        vm = db.create("VM", power_state="Running", resident_on=me)
        vbd = db.create("VBD", VM=vm, VDI=used, type="Disk", mode="RW", currently_attached=True)
    [pbd] = api.SR.get_PBDs(sr)
    assert failure(api.PBD.unplug, pbd) == ["VDI_IN_USE", used]
    assert failure(api.VDI.destroy, used) == ["VDI_IN_USE", used, "destroy"]
    assert failure(api.VDI.resize, used, "2147483648") == ["VDI_IN_USE", used, "resize"]
    assert failure(api.VDI.copy, used, sr) == ["VDI_IN_USE", used, "copy"]
    assert set(api.VDI.get_allowed_operations(used)) == {"clone", "snapshot", "mirror"}
    with computer.store.turn() as world:
        before = database_of(world.machines["xcp00"]).journal.now
        database_of(world.machines["xcp00"]).put("VBD", vbd, currently_attached=False)
        found = database_of(world.machines["xcp00"]).changed_since(before)
        # Whoever follows the disk is told that more is allowed now.
        assert [ref for _, of, ref, _ in found if of == "VDI"] == [used]
    assert "destroy" in api.VDI.get_allowed_operations(used)


def test_what_is_forgotten_is_found_by_another_pool(computer: Computer) -> None:
    sr = made(computer, "nfs", SHARE)
    api, other = computer.login("xcp00"), computer.login("xcp01")
    uuid, kept = api.SR.get_uuid(sr), disk(api, sr, GIB)
    kept_uuid = api.VDI.get_uuid(kept)
    for pbd in api.SR.get_PBDs(sr):
        api.PBD.unplug(pbd)
    api.SR.forget(sr)
    assert api.VDI.get_by_name_label("disk") == []
    me = host(other, "xcp01")
    probed = other.SR.probe(me, SHARE, "nfs", {})
    assert probed.split() == [
        "<?xml", 'version="1.0"', "?>", "<SRlist>", "<SR>", f"<UUID>{uuid}</UUID>", "</SR>",
        "</SRlist>",
    ]  # fmt: skip
    [found] = other.SR.probe_ext(me, SHARE, "nfs", {})
    assert (found["complete"], found["sr"]["uuid"]) == (True, uuid)
    again = other.SR.introduce(uuid, "again", "", "nfs", "user", True, {})
    assert failure(other.SR.introduce, uuid, "", "", "nfs", "user", True, {}) == [
        "SR_UUID_EXISTS",
        uuid,
    ]
    assert other.SR.get_physical_size(again) == "-1"
    pbd = other.PBD.create({"host": me, "SR": again, "device_config": SHARE, "other_config": {}})
    other.Async.PBD.plug(pbd)
    computer.passes(5)
    vdi = other.VDI.get_record(other.VDI.get_by_uuid(kept_uuid))
    # Files have no name but their uuid.
    assert (vdi["SR"], vdi["virtual_size"], vdi["name_label"]) == (again, str(GIB), "")


def add_server(computer: Computer, *shares: str) -> None:
    """A storage server of the lab's, up and exporting to the lab's network."""
    machine = installed("nas", SERVER)
    system = system_of(machine)
    system.exports = {"shares": list(shares), "clients": ["192.168.1.0/24"]}
    assert machine.memory is not None
    machine.memory.serves = True
    with computer.store.turn() as world:
        world.machines["nas"] = machine


def test_a_storage_server_of_the_lab_keeps_repositories_on_its_disk(pool: Computer) -> None:
    add_server(pool, "/srv/vms")
    elsewhere = {**SHARE, "serverpath": "/srv/other"}
    assert failure(made, pool, "nfs", elsewhere)[0] == "SR_BACKEND_FAILURE_73"
    [code, _, _, listed] = failure(made, pool, "nfs", {"server": SERVER})
    assert code == "SR_BACKEND_FAILURE_101"
    assert "<Path>/srv/vms</Path>" in listed
    with pool.store.turn() as world:
        empty, _ = copied(world.machines["nas"].disk, None)
    sr = made(pool, "nfs", SHARE)
    assert attached(pool, sr) == BOTH
    api = pool.login("xcp00")
    uuid, me = api.SR.get_uuid(sr), host(api, "xcp00")
    assert api.SR.get_physical_size(sr) == str(64 * GIB)
    assert uuid in api.SR.probe(me, SHARE, "nfs", {})
    # Taken back to a checkpoint it is as it was.
    with pool.store.turn() as world:
        world.machines["nas"].disk = empty
    assert uuid not in api.SR.probe(me, SHARE, "nfs", {})


def test_a_storage_server_that_is_off_is_missed(pool: Computer) -> None:
    add_server(pool, "/srv/vms")
    with pool.store.turn() as world:
        power.turn_off(world, world.machines["nas"])
    assert failure(made, pool, "nfs", SHARE)[0] == "SR_BACKEND_FAILURE_108"


def test_a_destroyed_repository_leaves_nothing(computer: Computer) -> None:
    sr = made(computer, "nfs", SHARE)
    api = computer.login("xcp00")
    uuid = api.SR.get_uuid(sr)
    for pbd in api.SR.get_PBDs(sr):
        api.PBD.unplug(pbd)
    after(computer, api.Async.SR.destroy, sr)
    assert sr not in api.SR.get_all()
    assert uuid not in api.SR.probe(host(api, "xcp00"), SHARE, "nfs", {})


def test_drives_with_what_was_forgotten_are_empty(computer: Computer) -> None:
    with computer.store.turn() as world:
        world.shares[SERVER] = {"folders": {"/srv/isos": {"files": {"debian.iso": 700}}}}
    sr = made(computer, "iso", ISOS, content="iso")
    api = computer.login("xcp00")
    [iso] = api.SR.get_VDIs(sr)
    with computer.store.turn() as world:
        db = database_of(world.machines["xcp00"])
        vm = db.create("VM", power_state="Halted")
        drive = db.create("VBD", VM=vm, VDI=iso, type="CD", mode="RO")
    for pbd in api.SR.get_PBDs(sr):
        api.PBD.unplug(pbd)
    api.SR.forget(sr)
    assert (api.VBD.get_VDI(drive), api.VBD.get_empty(drive)) == (NULL, True)


def test_a_local_repository_is_still_on_the_disk(computer: Computer) -> None:
    api = computer.login("xcp00")
    [sr] = api.SR.get_by_name_label("Local storage")
    [pbd] = api.SR.get_PBDs(sr)
    uuid, kept = api.SR.get_uuid(sr), api.VDI.get_uuid(disk(api, sr))
    api.PBD.unplug(pbd)
    api.SR.forget(sr)
    device = {"device": "/dev/sda3"}
    assert uuid in api.SR.probe(host(api, "xcp00"), device, "ext", {})
    again = api.SR.introduce(uuid, "again", "", "ext", "user", False, {})
    fields = {"host": host(api, "xcp00"), "SR": again, "device_config": device, "other_config": {}}
    after(computer, api.Async.PBD.plug, api.PBD.create(fields))
    assert api.VDI.get_by_uuid(kept) in api.SR.get_VDIs(again)


def test_a_folder_that_is_not_there_cannot_be_mounted(computer: Computer) -> None:
    api = computer.login("xcp00")
    sr = api.SR.introduce("", "none", "", "nfs", "user", True, {})
    fields = {"host": host(api, "xcp00"), "SR": sr, "device_config": SHARE, "other_config": {}}
    pbd = api.PBD.create(fields)
    assert failure(after, computer, api.Async.PBD.plug, pbd)[0] == "SR_BACKEND_FAILURE_73"
    assert api.PBD.get_currently_attached(pbd) is False


def test_an_iso_repository_shows_the_isos_on_its_share(pool: Computer) -> None:
    isos = {"debian.iso": 700, "notes.txt": 5, "old/xp.iso": 600}
    with pool.store.turn() as world:
        world.shares[SERVER] = {"folders": {"/srv/isos": {"files": isos}}}
    sr = made(pool, "iso", ISOS, content="iso")
    assert attached(pool, sr) == BOTH
    api = pool.login("xcp00")
    [vdi] = [api.VDI.get_record(each) for each in api.SR.get_VDIs(sr)]
    assert vdi["name_label"] == vdi["location"] == "debian.iso"
    assert (vdi["read_only"], vdi["virtual_size"]) == (True, "700")
    with pool.store.turn() as world:
        files = world.shares[SERVER]["folders"]["/srv/isos"]["files"]
        files["xcp.iso"] = files.pop("debian.iso")
    api.SR.scan(sr)
    assert [api.VDI.get_name_label(each) for each in api.SR.get_VDIs(sr)] == ["xcp.iso"]
    assert {"vdi_snapshot", "vdi_resize", "update"}.isdisjoint(api.SR.get_allowed_operations(sr))
    [left] = api.SR.get_VDIs(sr)
    assert failure(api.VDI.snapshot, left) == ["SR_OPERATION_NOT_SUPPORTED", sr]


def test_every_host_has_its_tools(pool: Computer) -> None:
    api = pool.login("xcp00")
    [vdi] = [each for each in api.VDI.get_all_records().values() if each["is_tools_iso"]]
    assert vdi["name_label"] == "guest-tools.iso"
    [ref] = api.VDI.get_by_name_label("guest-tools.iso")
    assert failure(api.VDI.destroy, ref) == ["SR_OPERATION_NOT_SUPPORTED", vdi["SR"]]
    assert failure(disk, api, vdi["SR"]) == ["SR_OPERATION_NOT_SUPPORTED", vdi["SR"]]


def test_passwords_are_kept_as_secrets(pool: Computer) -> None:
    units = {"36001": {"size": 100 * GIB}}
    target = {"chapuser": "lab", "chappassword": "s3cret", "units": units}
    with pool.store.turn() as world:
        world.shares[SERVER] = {"iscsi": {"iqn.lab:disks": target}}
    device = {
        "target": SERVER,
        "targetIQN": "iqn.lab:disks",
        "SCSIid": "36001",
        "chapuser": "lab",
        "chappassword": "s3cret",
    }
    sr = made(pool, "lvmoiscsi", device)
    assert attached(pool, sr) == BOTH
    api = pool.login("xcp00")
    shown = [api.PBD.get_device_config(pbd) for pbd in api.SR.get_PBDs(sr)]
    assert all("chappassword" not in each for each in shown)
    secrets = {api.secret.get_by_uuid(each["chappassword_secret"]) for each in shown}
    assert [api.secret.get_value(each) for each in secrets] == ["s3cret", "s3cret"]
    for pbd in api.SR.get_PBDs(sr):
        api.PBD.unplug(pbd)
    api.SR.forget(sr)
    assert api.secret.get_all() == []


def test_a_member_gets_a_plug_to_what_the_pool_shares(computer: Computer) -> None:
    sr = made(computer, "nfs", SHARE)
    assert attached(computer, sr) == {"xcp00": True}
    computer.login("xcp01").Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    computer.passes(60)
    assert attached(computer, sr) == BOTH


def test_a_member_that_cannot_reach_the_storage_is_enabled_and_says_so(computer: Computer) -> None:
    with computer.store.turn() as world:
        world.shares[SERVER] = {"clients": ["192.168.1.200/32"]}
    sr = made(computer, "nfs", SHARE)
    computer.login("xcp01").Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    computer.passes(60)
    assert attached(computer, sr) == {"xcp00": True, "xcp01": False}
    api = computer.login("xcp00")
    member = host(api, "xcp01")
    assert api.host.get_enabled(member) is True
    with computer.store.turn(reading=True) as world:
        database = system_of(world.machines["xcp00"]).database
        assert database is not None
        [told] = database["message"].values()
    assert (told["name"], told["cls"]) == ("PBD_PLUG_FAILED_ON_SERVER_START", "Host")
    assert told["obj_uuid"] == api.host.get_uuid(member)


def test_the_pools_storage_of_choice_is_the_masters_until_somebody_chooses(pool: Computer) -> None:
    api = pool.login("xcp00")
    [ref] = api.pool.get_all()
    [plug] = api.SR.get_PBDs(api.pool.get_default_SR(ref))
    assert api.PBD.get_host(plug) == host(api, "xcp00")
    assert api.SR.get_shared(api.pool.get_default_SR(ref)) is False
    sr = made(pool, "nfs", SHARE)
    for which in ("default_SR", "suspend_image_SR", "crash_dump_SR"):
        getattr(api.pool, f"set_{which}")(ref, sr)
        assert getattr(api.pool, f"get_{which}")(ref) == sr
    api.pool.set_default_SR(ref, NULL)
    assert api.pool.get_default_SR(ref) == NULL


def test_a_shared_repository_with_many_plugs_cannot_become_local(pool: Computer) -> None:
    sr = made(pool, "nfs", SHARE)
    api = pool.login("xcp00")
    [code, *pbds] = failure(api.SR.set_shared, sr, False)
    assert (code, sorted(pbds)) == ("SR_HAS_MULTIPLE_PBDS", sorted(api.SR.get_PBDs(sr)))
    assert "nfs" in api.SR.get_supported_types()
