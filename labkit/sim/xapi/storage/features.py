"""What the driver of a repository can do, as its record says."""

from collections.abc import KeysView

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure


def features(db: Database, sr: str) -> KeysView[str]:
    """Names such as VDI_CREATE."""
    plugin = db.first("SM", type=db.get("SR", sr, "type")) if db.has("SR", sr) else None
    found: dict[str, int] = {} if plugin is None else db.record("SM", plugin)["features"]
    return found.keys()


def lacks(db: Database, sr: str, feature: str) -> Failure | None:
    """What is answered when the repository cannot do something; None: it can."""
    return None if feature in features(db, sr) else Failure("SR_OPERATION_NOT_SUPPORTED", sr)
