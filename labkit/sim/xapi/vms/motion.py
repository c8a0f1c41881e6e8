"""Sending a VM to a host along with its disks: what is asked, and which disk goes where."""

from collections.abc import Mapping
from dataclasses import dataclass

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.storage.features import features
from labkit.sim.xapi.storage.repositories import seen_by
from labkit.sim.xapi.vms.boot_checks import (
    CHECKS,
    Boot,
    assert_cpu,
    enabled,
    same_cpu,
    sees_storage,
)
from labkit.sim.xapi.vms.lifecycle import HALTED, assert_possible

_SOURCE = ("VDI_SNAPSHOT", "VDI_MIRROR")
_TARGETS = {"xcp-1.6": _SOURCE, "xcp-ng-8.2": _SOURCE}
_TARGET = ("VDI_SNAPSHOT", "VDI_MIRROR_IN")


@dataclass(frozen=True)
class Motion:
    """A VM on its way to a host of its pool."""

    db: Database
    vm: str
    host: str
    disks: Mapping[str, str]
    """By disk: the repository it goes to."""


def planned(
    db: Database,
    vm: str,
    dest: Mapping[str, str],
    disks: Mapping[str, str],
    interfaces: Mapping[str, str],
    *,
    force: bool,
) -> Motion:
    """Raises what speaks against it. What is sent to another pool is not simulated."""
    assert_possible(db, vm, "migrate_send", strict=not force)
    for key in ("host", "session_id", "master"):
        if key not in dest:
            raise Failure("INVALID_VALUE", f"dest:{key}", "missing")
    host = dest["host"]
    if not db.has("host", host):
        raise Failure("NOT_IMPLEMENTED", "VM.migrate_send")
    if interfaces:
        raise Failure("OPERATION_NOT_ALLOWED", "A VM that stays in its pool keeps its networks")
    motion = Motion(db, vm, host, dict(disks))
    _assert_disks(motion)
    if not force and db.get("VM", vm, "power_state") != HALTED:
        assert_cpu(db, vm, host)
    _assert_host(motion)
    return motion


def moving(motion: Motion) -> dict[str, str]:
    """The disks that really move, and whereto."""
    return {
        disk: sr
        for disk, sr in motion.disks.items()
        if motion.db.has("VDI", disk) and motion.db.get("VDI", disk, "SR") != sr
    }


def _assert_disks(motion: Motion) -> None:
    db = motion.db
    for vbd in db.get("VM", motion.vm, "VBDs"):
        disk = db.get("VBD", vbd, "VDI")
        if db.get("VBD", vbd, "type") == "Disk" and disk not in motion.disks and disk != NULL:
            raise Failure("VDI_NOT_IN_MAP", disk)
    wanted = _TARGETS.get(db.model.generation, _TARGET)
    for disk, sr in moving(motion).items():
        db.get("SR", sr, "uuid")
        _assert_features(db, db.get("VDI", disk, "SR"), _SOURCE)
        _assert_features(db, sr, wanted)
        if db.get("VDI", disk, "cbt_enabled"):
            raise Failure("VDI_CBT_ENABLED", disk)


def _assert_features(db: Database, sr: str, wanted: tuple[str, ...]) -> None:
    known = set(features(db, sr))
    if "VDI_MIRROR" in known:
        known.add("VDI_MIRROR_IN")
    missing = [each for each in wanted if each not in known]
    if missing:
        raise Failure("SR_DOES_NOT_SUPPORT_MIGRATION", sr, ", ".join(missing))


def _assert_host(motion: Motion) -> None:
    """As if the disks were there already."""
    db, vm, host = motion.db, motion.vm, motion.host
    here = db.get("VM", vm, "resident_on") == host
    boot = Boot(db, vm, host)
    for check in CHECKS:
        if check is same_cpu or (here and check is enabled):
            continue
        if check is not sees_storage:
            check(boot)
            continue
        seen = seen_by(db, host)
        for vbd in db.get("VM", vm, "VBDs"):
            disk = db.get("VBD", vbd, "VDI")
            if not db.has("VDI", disk):
                continue
            sr = motion.disks.get(disk, db.get("VDI", disk, "SR"))
            if sr not in seen:
                raise Failure("VM_REQUIRES_SR", vm, sr)
