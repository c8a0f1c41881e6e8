"""VM: clones and copies, provisioning, snapshots."""

from xml.etree import ElementTree

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi import operations
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure, Later
from labkit.sim.xapi.kinds import NULL, Answer, kind
from labkit.sim.xapi.operations import cancelling, ending, go_on
from labkit.sim.xapi.pools import Pool
from labkit.sim.xapi.storage import disks
from labkit.sim.xapi.vms import copies as vm_copies
from labkit.sim.xapi.vms import life as vm_life
from labkit.sim.xapi.vms.boot_checks import required_srs
from labkit.sim.xapi.vms.lifecycle import assert_possible

_CLONE, _COPY, _PROVISION, _SNAPSHOT, _CHECKPOINT, _REVERT = 1.0, 5.0, 2.0, 1.5, 5.0, 2.0
_VM = kind("VM ref")


@message("VM.clone")
def clone(call: Call, vm: str, name: str) -> Later:
    assert_possible(call.db, vm, "clone")
    _assert_reachable(call.db, required_srs(call.db, vm))
    return go_on(call, "VM", vm, "clone", _CLONE, "vm is copied", vm=vm, name=name, sr=None)


@message("VM.copy")
def copy(call: Call, vm: str, name: str, sr: str) -> Later:
    assert_possible(call.db, vm, "copy")
    there = sr if call.db.has("SR", sr) else NULL
    if there != NULL and call.db.get("SR", there, "content_type") == "iso":
        raise Failure("OPERATION_NOT_ALLOWED", "Cannot copy disks into an ISO repository")
    srs = required_srs(call.db, vm)
    _assert_reachable(call.db, srs if there == NULL else [*srs, there])
    return go_on(call, "VM", vm, "copy", _COPY, "vm is copied", vm=vm, name=name, sr=there)


@ending("vm is copied")
def _copied(
    world: World, home: SimMachine, db: Database, vm: str, name: str, sr: str | None
) -> Answer:
    return Answer(_VM, vm_copies.clone(Pool(world, home, db), vm, name, sr))


def _assert_reachable(db: Database, srs: list[str]) -> None:
    """Some host has to see a repository for anything to be done in it."""
    if not all(db.where("PBD", SR=sr, currently_attached=True) for sr in srs):
        raise Failure("NO_HOSTS_AVAILABLE")


@message("VM.provision")
def provision(call: Call, vm: str) -> Later:
    """Make the disks a template asks for."""
    assert_possible(call.db, vm, "provision")
    wanted = _wanted_disks(call.db, vm)
    _assert_reachable(call.db, [str(disk["sr"]) for disk in wanted])
    return go_on(call, "VM", vm, "provision", _PROVISION, "vm is provisioned", vm=vm)


@ending("vm is provisioned")
def _provisioned(world: World, home: SimMachine, db: Database, vm: str) -> None:
    for wanted in _wanted_disks(db, vm):
        name = f"{db.get('VM', vm, 'name_label')} {wanted['device']}"
        size, sr = int(wanted["size"]), wanted["sr"]
        disk = disks.make(world, db, sr, size, name_label=name, type=wanted["type"])
        db.create(
            "VBD",
            VM=vm,
            VDI=disk,
            userdevice=wanted["device"],
            bootable=wanted["bootable"] == "true",
            mode="RW",
            type="Disk",
            other_config={"owner": ""},
            metrics=db.create("VBD_metrics"),
        )
    said = db.get("VM", vm, "other_config")
    said.pop("disks", None)
    db.put("VM", vm, other_config=said, is_a_template=False)


def _wanted_disks(db: Database, vm: str) -> list[dict[str, str]]:
    """What `other_config:disks` says, with repositories instead of their uuids."""
    text = db.get("VM", vm, "other_config").get("disks", "")
    if not text:
        return []
    try:
        # Whoever declares entities means no good.
        tree = ElementTree.fromstring(text) if "<!" not in text else None  # noqa: S314
    except ElementTree.ParseError as unread:
        raise Failure("INTERNAL_ERROR", f"other_config:disks: {unread}") from unread
    if tree is None:
        raise Failure("INTERNAL_ERROR", "other_config:disks declares entities")
    return [_wanted_disk(db, disk) for disk in tree.iter("disk")]


def _wanted_disk(db: Database, disk: ElementTree.Element) -> dict[str, str]:
    uuid, size = disk.get("sr", ""), disk.get("size", "")
    sr = db.first("SR", uuid=uuid) if uuid else None
    if sr is None:
        raise Failure("UUID_INVALID", "sr", uuid)
    if not size.isdecimal():
        raise Failure("INTERNAL_ERROR", f"other_config:disks: size {size}")
    return {
        "device": disk.get("device", "0"),
        "size": size,
        "sr": sr,
        "bootable": disk.get("bootable", "false"),
        "type": disk.get("type", "user"),
    }


@message("VM.snapshot")
def snapshot(call: Call, vm: str, name: str, ignore_vdis: list[str] | None = None) -> Later:
    assert_possible(call.db, vm, "snapshot")
    vm_life.assert_reached(Pool.of(call), vm)
    details = {"vm": vm, "name": name, "ignore": ignore_vdis or [], "memory": False}
    return go_on(call, "VM", vm, "snapshot", _SNAPSHOT, "vm is snapshotted", **details)


@message("VM.checkpoint")
def checkpoint(call: Call, vm: str, name: str) -> Later:
    assert_possible(call.db, vm, "checkpoint")
    vm_life.assert_reached(Pool.of(call), vm)
    details = {"vm": vm, "name": name, "ignore": [], "memory": True}
    return go_on(call, "VM", vm, "checkpoint", _CHECKPOINT, "vm is snapshotted", **details)


@ending("vm is snapshotted")
def _snapshotted(
    world: World,
    home: SimMachine,
    db: Database,
    vm: str,
    name: str,
    ignore: list[str],
    memory: bool,
) -> Answer:
    pool = Pool(world, home, db)
    return Answer(_VM, vm_copies.snapshot(pool, vm, name, ignore, memory=memory))


@message("VM.revert")
def revert(call: Call, snapshot: str) -> Later:
    assert_possible(call.db, snapshot, "revert")
    vm = call.db.get("VM", snapshot, "snapshot_of")
    if not call.db.has("VM", vm):
        raise Failure("VM_REVERT_FAILED", snapshot, vm)
    task = call.task_of_its_own()
    operations.start(call.db, "VM", vm, "reverting", task)
    details = {"snapshot": snapshot, "vm": vm, "task": task}
    return go_on(call, "VM", snapshot, "revert", _REVERT, "vm is reverted", **details)


@ending("vm is reverted")
def _reverted(
    world: World, home: SimMachine, db: Database, snapshot: str, vm: str, task: str
) -> None:
    operations.stop(db, "VM", vm, task)
    vm_copies.revert(Pool(world, home, db), snapshot)


@cancelling("vm is reverted")
def _not_reverted(
    world: World, home: SimMachine, db: Database, snapshot: str, vm: str, task: str
) -> None:
    operations.stop(db, "VM", vm, task)
