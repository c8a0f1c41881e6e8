"""Copy a joining host's records into the pool's: new references, the same uuids.

References of the joiner mean nothing to the master, so each is looked up there by what makes
the object the same: its uuid, a network's bridge, the one tools repository.
"""

from collections.abc import Callable
from typing import Any

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.kinds import NULL


class Merge:
    """The joiner's records on one side, the pool's on the other."""

    def __init__(self, mine: Database, theirs: Database, uuid: str) -> None:
        self.mine = mine
        self.theirs = theirs
        self.uuid = uuid
        self.me = mine.by_uuid("host", uuid)

    @property
    def there(self) -> str:
        """The joiner in the pool's records; NULL before it is."""
        return self.theirs.first("host", uuid=self.uuid) or NULL

    def counterpart(self, of: str, ref: str) -> str:
        """The pool's object for one of the joiner's; NULL when it has none."""
        if not self.mine.has(of, ref):
            return NULL
        if of == "network":
            bridge = self.mine.get(of, ref, "bridge")
            return self.theirs.first(of, bridge=bridge) or NULL
        if of == "SR" and self.mine.get(of, ref, "is_tools_sr"):
            return self.theirs.first(of, is_tools_sr=True) or NULL
        if of == "VM" and self.mine.get(of, ref, "is_default_template"):
            # Every host brings these, and one of each is enough.
            name = self.mine.get(of, ref, "name_label")
            same = self.theirs.first(of, name_label=name, is_default_template=True)
            if same is not None:
                return same
        return self.theirs.first(of, uuid=self.mine.get(of, ref, "uuid")) or NULL

    def copy(self, of: str, ref: str, **changed: Any) -> None:
        """Copy an object the pool does not have yet. What it owns alone, its metrics, goes with
        it."""
        if self.counterpart(of, ref) != NULL:
            return
        known = self.theirs.model.known(of)
        kept = self.mine.kept(of, ref)
        fields = {name: value for name, value in kept.items() if name in known.fields}
        for name, value in fields.items():
            wanted = known.fields[name].kind
            if wanted.name == "ref" and name == "metrics":
                fields[name] = self.theirs.create(wanted.of, **self._own(wanted.of, value))
            elif wanted.name == "ref":
                fields[name] = self.counterpart(wanted.of, value)
        self.theirs.create(of, **fields | changed)

    def _own(self, of: str, ref: str) -> dict[str, Any]:
        kept = self.mine.kept(of, ref)
        del kept["uuid"]
        return kept


def host(merge: Merge) -> None:
    """The host itself: known, but neither alive nor enabled, and without a CPU, until it comes
    back as a slave."""
    if merge.there != NULL:
        return
    metrics = merge.theirs.create("host_metrics", live=False)
    merge.copy(
        "host",
        merge.me,
        name_description="Default install",
        enabled=False,
        cpu_info={},
        metrics=metrics,
        control_domain=NULL,
    )


def storage(merge: Merge) -> None:
    """Storage repositories, which are nobody's but the joiner's; how they are plugged, and what
    is on them."""
    for sr in merge.mine.refs("SR"):
        merge.copy("SR", sr, shared=False)
    for pbd in merge.mine.refs("PBD"):
        merge.copy("PBD", pbd, currently_attached=False)
    for vdi in merge.mine.refs("VDI"):
        # The pool has its own of what comes with every host.
        if not merge.mine.get("VDI", vdi, "is_tools_iso"):
            merge.copy("VDI", vdi)
    # Both are taken from the crash dump's: that is how XAPI does it.
    dumps = merge.counterpart("SR", merge.mine.get("host", merge.me, "crash_dump_sr"))
    merge.theirs.put("host", merge.there, crash_dump_sr=dumps, suspend_image_sr=dumps)


def networks(merge: Merge) -> None:
    """Networks meet by their bridge; physical interfaces keep their address and their part."""
    for network in merge.mine.refs("network"):
        merge.copy("network", network)
    for pif in merge.mine.where("PIF", physical=True):
        merge.copy("PIF", pif)


def vms(merge: Merge) -> None:
    """VMs in whatever state they are, with their disks and interfaces, and the control domain."""
    for of in ("VM", "VBD", "VIF"):
        for ref in merge.mine.refs(of):
            merge.copy(of, ref)
    for ref in merge.mine.where("VM", is_default_template=False):
        # Those it names may have come after it.
        names = ("snapshot_of", "parent")
        kin = {name: merge.counterpart("VM", merge.mine.get("VM", ref, name)) for name in names}
        merge.theirs.put("VM", merge.counterpart("VM", ref), **kin)
    domain = merge.counterpart("VM", merge.mine.get("host", merge.me, "control_domain"))
    merge.theirs.put("host", merge.there, control_domain=domain)


def unplug(merge: Merge) -> None:
    """The joiner lets go of its storage."""
    for pbd in merge.mine.refs("PBD"):
        merge.mine.put("PBD", pbd, currently_attached=False)


STAGES: tuple[Callable[[Merge], None], ...] = (host, storage, networks, vms, unplug)
"""In the order a client sees them."""
