"""Copy a joining host's records into the pool's: new references, the same uuids.

References of the joiner mean nothing to the master, so each is looked up there by what makes
the object the same: its uuid, a network's bridge, the one tools repository.
"""

from collections.abc import Callable
from itertools import count
from typing import Any

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.kinds import NULL

_INTERNAL = "is_host_internal_management_network"
_MADE = "_made_in_the_pool"


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
            return self._network(ref)
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
        self.theirs.create(of, **self.fields(of, ref) | changed)

    def fields(self, of: str, ref: str) -> dict[str, Any]:
        """What an object is in the pool's own terms."""
        known = self.theirs.model.known(of)
        kept = self.mine.kept(of, ref)
        fields = {name: value for name, value in kept.items() if name in known.fields}
        for name, value in fields.items():
            wanted = known.fields[name].kind
            if wanted.name == "ref" and name == "metrics":
                fields[name] = self.theirs.create(wanted.of, **self._own(wanted.of, value))
            elif wanted.name == "ref":
                fields[name] = self.counterpart(wanted.of, value)
        return fields

    def _network(self, ref: str) -> str:
        """By the bridge, where there is a wire or it is the hosts' own; others were made anew."""
        made = self.mine.private("network", ref, _MADE)
        if made is not None:
            return str(made) if self.theirs.has("network", str(made)) else NULL
        if not is_pool_wide(self.mine, ref):
            return NULL
        bridge = self.mine.get("network", ref, "bridge")
        return self.theirs.first("network", bridge=bridge) or NULL

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
        if is_pool_wide(merge.mine, network):
            merge.copy("network", network)
        elif merge.counterpart("network", network) == NULL:
            _make_network(merge, network)
    for pif in merge.mine.where("PIF", physical=True):
        merge.copy("PIF", pif)
    managed = merge.mine.first("PIF", host=merge.me, management=True)
    if managed is not None and merge.mine.has("VLAN", _vlan_of(merge.mine, managed)):
        _management_vlan(merge, managed)
        # Only then: in XAPI this stands inside the wrong branch, in every release.
        for of in ("secret", "PVS_site", "PVS_cache_storage"):
            for ref in merge.mine.refs(of):
                merge.copy(of, ref)


def is_pool_wide(db: Database, network: str) -> bool:
    """Whether a network is the same on all hosts that have its bridge."""
    if db.get("network", network, "other_config").get(_INTERNAL) == "true":
        return True
    return any(db.get("PIF", pif, "physical") for pif in db.get("network", network, "PIFs"))


def _make_network(merge: Merge, network: str) -> None:
    """A network of the joiner's alone is a new one in the pool, with a uuid of its own."""
    fields = merge.fields("network", network)
    del fields["uuid"]
    taken = {merge.theirs.get("network", ref, "bridge") for ref in merge.theirs.refs("network")}
    if fields.get("bridge") in taken:
        number = next(n for n in count() if f"xapi{n}" not in taken)
        fields["bridge"] = f"xapi{number}"
    made = merge.theirs.create("network", **fields)
    merge.mine.put("network", network, **{_MADE: made})


def _vlan_of(db: Database, pif: str) -> str:
    return str(db.get("PIF", pif, "VLAN_master_of"))


def _management_vlan(merge: Merge, managed: str) -> None:
    """The joiner is managed through a VLAN, as the master is: on the master's network."""
    if merge.counterpart("PIF", managed) != NULL:
        return
    master = merge.theirs.first("PIF", host=merge.theirs.master, management=True)
    network = NULL if master is None else merge.theirs.get("PIF", master, "network")
    merge.copy("PIF", managed, network=network, VLAN_master_of=NULL)
    vlan = _vlan_of(merge.mine, managed)
    tagged = merge.counterpart("PIF", merge.mine.get("VLAN", vlan, "tagged_PIF"))
    untagged = merge.counterpart("PIF", managed)
    tag = merge.mine.get("VLAN", vlan, "tag")
    made = merge.theirs.create("VLAN", tagged_PIF=tagged, untagged_PIF=untagged, tag=tag)
    merge.theirs.put("PIF", untagged, VLAN_master_of=made)


def certificates(merge: Merge) -> None:
    """The pool trusts the joiner's certificates, and each the authorities of the other."""
    if "type" not in merge.mine.model.kinds_of("Certificate"):
        return
    for certificate in merge.mine.refs("Certificate"):
        name = merge.mine.get("Certificate", certificate, "name")
        mine = merge.mine.get("Certificate", certificate, "type") != "ca"
        if mine or merge.theirs.first("Certificate", type="ca", name=name) is None:
            merge.copy("Certificate", certificate)


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


def _host(merge: Merge) -> None:
    host(merge)
    certificates(merge)


STAGES: tuple[Callable[[Merge], None], ...] = (_host, storage, networks, vms, unplug)
"""In the order a client sees them."""
