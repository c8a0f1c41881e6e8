"""What a VM is plugged into follows the networks of the one host it can run on."""

from collections.abc import Iterable, Sequence

from labkit.sim.xapi.database import Database


def local(db: Database, host: str, networks: Sequence[str]) -> list[str]:
    """The interfaces on these networks of VMs that run on a host, or can start on no other."""
    found = [vif for network in networks for vif in db.where("VIF", network=network)]
    return [vif for vif in found if _is_of(db, db.get("VIF", vif, "VM"), host)]


def move(db: Database, vifs: Iterable[str], network: str) -> None:
    """Plug them into another network."""
    for vif in vifs:
        db.put("VIF", vif, network=network)


def _is_of(db: Database, vm: str, host: str) -> bool:
    if not db.has("VM", vm):
        return False
    there = db.get("VM", vm, "resident_on")
    if db.has("host", there):
        return bool(there == host)
    # Where a VM can start is where all its storage is.
    needed = {_repository(db, vbd) for vbd in db.get("VM", vm, "VBDs")} - {""}
    able = [each for each in db.refs("host") if needed <= _plugged(db, each)]
    return able == [host]


def _repository(db: Database, vbd: str) -> str:
    vdi = db.get("VBD", vbd, "VDI")
    return str(db.get("VDI", vdi, "SR")) if db.has("VDI", vdi) else ""


def _plugged(db: Database, host: str) -> set[str]:
    pbds = db.where("PBD", host=host, currently_attached=True)
    return {db.get("PBD", pbd, "SR") for pbd in pbds}
