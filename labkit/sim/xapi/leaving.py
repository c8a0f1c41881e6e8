"""What becomes of a pool's records when a host is no longer one of it."""

from labkit.sim.world import SimMachine
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.hosts import level_cpus
from labkit.sim.xapi.kinds import NULL

_COLLECTION = 30.0
"""Seconds until what belongs to nobody is collected."""
_ORPHANS = (
    ("PIF", "host", "host"),
    ("PBD", "host", "host"),
    ("PBD", "SR", "SR"),
    ("host_cpu", "host", "host"),
    ("VDI", "SR", "SR"),
    ("VBD", "VM", "VM"),
    ("VIF", "VM", "VM"),
    ("VLAN", "untagged_PIF", "PIF"),
    ("Bond", "master", "PIF"),
)
"""What goes when the object that one of its fields names is gone."""
_METRICS = (("host_metrics", "host"), ("PIF_metrics", "PIF"), ("VM_metrics", "VM"))


def forget_storage(db: Database, host: str) -> None:
    """Storage that only this host had is forgotten."""
    for pbd in db.get("host", host, "PBDs"):
        sr = db.get("PBD", pbd, "SR")
        if db.has("SR", sr) and db.get("SR", sr, "PBDs") == [pbd]:
            db.destroy("SR", sr)


def forget(db: Database, home: SimMachine, host: str) -> None:
    """The host, its control domain and its certificates go now; the rest is collected later."""
    domain = db.get("host", host, "control_domain")
    for certificate in db.where("Certificate", host=host):
        db.destroy("Certificate", certificate)
    db.destroy("host", host)
    if db.has("VM", domain):
        db.destroy("VM", domain)
    # Without it the pool may be able to do more.
    level_cpus(db)
    home.expect(_COLLECTION, "xapi collects what is left")


def collect(db: Database) -> None:
    """Take away what belongs to an object that is gone."""
    for of, field, owner in _ORPHANS:
        for ref in db.refs(of):
            if not db.has(owner, db.get(of, ref, field)):
                db.destroy(of, ref)
    for of, owner in _METRICS:
        used = {db.get(owner, ref, "metrics") for ref in db.refs(owner)}
        for ref in db.refs(of):
            if ref not in used:
                db.destroy(of, ref)
    for vm in db.refs("VM"):
        for field in ("affinity", "resident_on"):
            host = db.get("VM", vm, field)
            if host != NULL and not db.has("host", host):
                db.put("VM", vm, **{field: NULL})
