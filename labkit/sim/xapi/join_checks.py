"""May this host join that pool? XAPI's own questions, in XAPI's own order; the first no counts.

Left out are questions about what is not pretended, which no pretend pool can answer with no:
licences that limit a pool's size or differ, high availability, clustering, updates and pending
guidance, bonds, tunnels, SR-IOV, VLANs, external authentication, SDN controllers, addresses of
IPv6, NBD networks and certificates.
"""

from collections.abc import Callable
from dataclasses import dataclass

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure


@dataclass(frozen=True, slots=True)
class Joining:
    """Who wants to join whom."""

    mine: Database
    me: str
    """The joining host, in its own records."""
    theirs: Database
    force: bool

    def software(self, key: str) -> tuple[str, str]:
        """An entry of `software_version`: the joiner's and the master's."""
        mine = self.mine.get("host", self.me, "software_version")
        theirs = self.theirs.get("host", self.theirs.master, "software_version")
        return str(mine.get(key, "")), str(theirs.get(key, ""))

    def differs(self, key: str) -> bool:
        mine, theirs = self.software(key)
        return mine != theirs


def management_interface(join: Joining) -> None:
    if join.mine.first("PIF", host=join.me, management=True) is None:
        raise Failure("HOST_STILL_BOOTING")


def not_itself(join: Joining) -> None:
    if join.mine.get("host", join.me, "uuid") == join.theirs.get(
        "host", join.theirs.master, "uuid"
    ):
        alone = len(join.mine.refs("host")) == 1
        reason = "Host cannot become slave of itself" if alone else "Host is already part of a pool"
        raise Failure("OPERATION_NOT_ALLOWED", reason)


def no_hosts_of_its_own(join: Joining) -> None:
    if len(join.mine.refs("host")) > 1:
        raise Failure("JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS")


def no_running_vms(join: Joining) -> None:
    # Running ones only: suspended and paused VMs are let through.
    if join.mine.where("VM", power_state="Running", is_control_domain=False):
        raise Failure("JOINING_HOST_CANNOT_HAVE_RUNNING_VMS")


def no_vms_at_work(join: Joining) -> None:
    if any(join.mine.get("VM", vm, "current_operations") for vm in join.mine.refs("VM")):
        raise Failure("JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS")


def compatible_platform(join: Joining) -> None:
    name = "product_brand" if all(join.software("product_brand")) else "platform_name"
    if join.differs("platform_version") or join.differs(name):
        raise Failure("HOSTS_NOT_COMPATIBLE")


def homogeneous(join: Joining) -> None:
    """The only question that force skips."""
    if join.force:
        return
    if any(join.differs(key) for key in ("xapi", "product_brand", "platform_name", "git_id")):
        raise Failure("HOSTS_NOT_HOMOGENEOUS", "Software version differs")
    mine = join.mine.get("host", join.me, "cpu_info")
    # The vendor alone: models and features are brought to one level by the pool itself.
    if mine["vendor"] != join.theirs.get("pool", join.theirs.pool, "cpu_info")["vendor"]:
        raise Failure("HOSTS_NOT_HOMOGENEOUS", "CPUs differ")


def no_shared_storage(join: Joining) -> None:
    if join.mine.where("SR", shared=True, is_tools_sr=False):
        raise Failure("JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS")


def same_network_backend(join: Joining) -> None:
    if join.differs("network_backend"):
        raise Failure("OPERATION_NOT_ALLOWED", "Network backends differ")


def same_api_version(join: Joining) -> None:
    mine, theirs = _api(join.mine, join.me), _api(join.theirs, join.theirs.master)
    if mine != theirs:
        raise Failure("POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION", mine, theirs)


def same_database_schema(join: Joining) -> None:
    mine, theirs = join.software("db_schema")
    if mine != theirs or not mine:
        raise Failure("POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA", mine, theirs)


def same_tls_verification(join: Joining) -> None:
    if join.mine.get("pool", join.mine.pool, "tls_verification_enabled") != join.theirs.get(
        "pool", join.theirs.pool, "tls_verification_enabled"
    ):
        raise Failure("POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH")


def storage_drivers(join: Joining) -> None:
    """Every storage driver of the pool is here, with at least its features."""
    for theirs in join.theirs.refs("SM"):
        mine = join.mine.first("SM", type=join.theirs.get("SM", theirs, "type"))
        wanted = set(join.theirs.get("SM", theirs, "features"))
        if mine is None or not wanted <= set(join.mine.get("SM", mine, "features")):
            raise Failure("POOL_JOINING_SM_FEATURES_INCOMPATIBLE", theirs, mine or "")


def _api(db: Database, host: str) -> str:
    return ".".join(str(db.get("host", host, f"API_version_{part}")) for part in ("major", "minor"))


CHECKS: tuple[Callable[[Joining], None], ...] = (
    management_interface,
    not_itself,
    no_hosts_of_its_own,
    no_running_vms,
    no_vms_at_work,
    compatible_platform,
    homogeneous,
    no_shared_storage,
    same_network_backend,
    same_api_version,
    same_database_schema,
    same_tls_verification,
    storage_drivers,
)
"""XCP-ng 8.3's, in order."""
