"""What the driver of a repository can do, as its record says."""

from collections.abc import Collection

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure


def features(db: Database, sr: str) -> Collection[str]:
    """Names such as VDI_CREATE."""
    plugin = db.first("SM", type=db.get("SR", sr, "type")) if db.has("SR", sr) else None
    # The same names as in `features`, which XCP 1.6 does not have.
    found: list[str] = [] if plugin is None else db.get("SM", plugin, "capabilities")
    return found


def lacks(db: Database, sr: str, feature: str) -> Failure | None:
    """What is answered when the repository cannot do something; None: it can."""
    return None if feature in features(db, sr) else Failure("SR_OPERATION_NOT_SUPPORTED", sr)
