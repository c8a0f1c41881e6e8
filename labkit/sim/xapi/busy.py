"""What a pool or a host may be told to do, as things are; worked out whenever it is read."""

from labkit.sim.xapi.database import Database, follows
from labkit.sim.xapi.failures import Failure

BLOCKING = {
    "ha_enable": "HA_ENABLE_IN_PROGRESS",
    "ha_disable": "HA_DISABLE_IN_PROGRESS",
    "cluster_create": "CLUSTER_CREATE_IN_PROGRESS",
    "designate_new_master": "DESIGNATE_NEW_MASTER_IN_PROGRESS",
    "configure_repositories": "CONFIGURE_REPOSITORIES_IN_PROGRESS",
    "sync_updates": "SYNC_UPDATES_IN_PROGRESS",
    "sync_bundle": "SYNC_BUNDLE_IN_PROGRESS",
    "get_updates": "GET_UPDATES_IN_PROGRESS",
    "apply_updates": "APPLY_UPDATES_IN_PROGRESS",
    "tls_verification_enable": "TLS_VERIFICATION_ENABLE_IN_PROGRESS",
    "cert_refresh": "CERT_REFRESH_IN_PROGRESS",
}
"""Of these a pool does one at a time; what is said of it to whoever wants another."""

_CREATING = {"provision", "vm_start", "vm_resume", "vm_migrate"}
_REMOVING = {"evacuate", "shutdown", "reboot"}
_FINAL = {"shutdown", "reboot"}


def assert_idle(db: Database, operation: str) -> None:
    """Raises `Failure` when a pool cannot begin an operation."""
    pool = db.pool
    for current in db.get("pool", pool, "current_operations").values():
        if current in BLOCKING:
            raise Failure(BLOCKING[current])
    if db.get("pool", pool, "ha_enabled") and operation != "ha_disable":
        raise Failure("HA_IS_ENABLED")


def assert_host_may(db: Database, host: str, operation: str) -> None:
    """Raises `Failure` when a host is at something that does not go with it."""
    for task, current in db.get("host", host, "current_operations").items():
        if _excludes(current, operation):
            raise Failure("OTHER_OPERATION_IN_PROGRESS", "host", host, current, task)


@follows("pool", "allowed_operations")
def _pool_may(db: Database, pool: str) -> list[str]:
    known = db.model.known("pool").enums.get("pool_allowed_operations", ())
    current = set(db.get("pool", pool, "current_operations").values())
    busy = not current.isdisjoint(BLOCKING)
    armed = db.get("pool", pool, "ha_enabled")
    forbidden = {"ha_enable", "cluster_create", "designate_new_master"} if armed else {"ha_disable"}
    return [each for each in known if each not in forbidden and not (busy and each in BLOCKING)]


@follows("host", "allowed_operations")
def _host_may(db: Database, host: str) -> list[str]:
    known = db.model.known("host").enums.get("host_allowed_operations", ())
    current = db.get("host", host, "current_operations").values()
    forbidden = {each for each in known for other in current if _excludes(other, each)}
    if db.get("host", host, "enabled"):
        forbidden |= {*_FINAL, "enable"}
    metrics = db.get("host", host, "metrics")
    live = db.has("host_metrics", metrics) and db.get("host_metrics", metrics, "live")
    # A change of `live` counts as one of the host: see `hosts.is_alive`.
    if live or not db.get("host", host, "power_on_mode"):
        forbidden.add("power_on")
    return [each for each in known if each not in forbidden]


def _excludes(current: str, wanted: str) -> bool:
    """Whether what a host is at keeps it from something else."""
    if current in _FINAL:
        return wanted != "power_on"
    if current == wanted == "provision":
        return True
    if current in _CREATING:
        return wanted in _REMOVING
    return current in _REMOVING and wanted in _CREATING | _REMOVING
