"""Virtual disks, as far as VMs make and copy them."""

from typing import Any

from labkit.sim.xapi.database import Database, new_uuid
from labkit.sim.xapi.kinds import NULL


def create_vdi(db: Database, sr: str, size: int, name: str = "", **more: Any) -> str:
    """A new disk in a repository."""
    uuid = new_uuid()
    fields: dict[str, Any] = {"type": "user", "location": uuid, "managed": True} | more
    return db.create("VDI", uuid=uuid, name_label=name, SR=sr, virtual_size=size, **fields)


def clone_vdi(db: Database, vdi: str, sr: str = NULL, **changed: Any) -> str:
    """A copy of a disk, in the same repository or another."""
    kept = db.kept("VDI", vdi)
    for name in ("uuid", "location", "current_operations", "is_a_snapshot", "snapshot_of"):
        kept.pop(name, None)
    there = kept.pop("SR") if sr == NULL else sr
    kept.pop("SR", None)
    size, name = kept.pop("virtual_size", 0), kept.pop("name_label", "")
    return create_vdi(db, there, size, name, **{**kept, **changed})


def destroy_vdi(db: Database, vdi: str) -> None:
    """Remove a disk, and let go of it whoever held it."""
    if not db.has("VDI", vdi):
        return
    for vbd in db.get("VDI", vdi, "VBDs"):
        db.destroy("VBD", vbd)
    for snapshot in db.get("VDI", vdi, "snapshots"):
        db.put("VDI", snapshot, snapshot_of=NULL)
    db.destroy("VDI", vdi)
