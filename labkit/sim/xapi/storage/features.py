"""What the driver of a repository can do, as its record says."""

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure


def features(db: Database, sr: str) -> set[str]:
    """Names such as VDI_CREATE."""
    if not db.has("SR", sr):
        return set()
    plugin = db.first("SM", type=db.get("SR", sr, "type"))
    return set() if plugin is None else set(db.get("SM", plugin, "features"))


def lacks(db: Database, sr: str, feature: str) -> Failure | None:
    """What is answered when the repository cannot do something; None: it can."""
    return None if feature in features(db, sr) else Failure("SR_OPERATION_NOT_SUPPORTED", sr)
