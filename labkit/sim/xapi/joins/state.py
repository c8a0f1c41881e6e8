"""May this host join: what it is at, and what the pool is at."""

from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.joins.joining import Joining, is_tools

_SMALL_POOL = 3
"""Hosts of a pool whose licence restricts its size."""


def pool_size(join: Joining) -> None:
    # The joiner's own licence counts, not the pool's.
    restricted = join.mine.get("host", join.me, "license_params").get("restrict_pool_size")
    if restricted == "true" and len(join.theirs.refs("host")) >= _SMALL_POOL:
        raise Failure("LICENCE_RESTRICTION", "Pool_size")


def management_interface(join: Joining) -> None:
    if join.management()[0] is None:
        raise Failure("HOST_STILL_BOOTING")


def no_availability_here(join: Joining) -> None:
    if join.pools("ha_enabled")[0]:
        raise Failure("HA_IS_ENABLED")


def no_clustering_here(join: Joining) -> None:
    for member in join.mine.where("Cluster_host", host=join.me):
        if join.mine.get("Cluster_host", member, "enabled"):
            raise Failure("CLUSTERING_ENABLED", member)


def cluster_that_takes_members(join: Joining) -> None:
    """A pool whose cluster its hosts join by themselves: on a network this one has, too."""
    for cluster in join.theirs.where("Cluster", pool_auto_join=True):
        for member in join.theirs.get("Cluster", cluster, "cluster_hosts"):
            if join.theirs.get("Cluster_host", member, "host") != join.theirs.master:
                continue
            pif = join.theirs.get("Cluster_host", member, "PIF")
            vlan = join.theirs.get("PIF", pif, "VLAN")
            if vlan >= 0 and not join.theirs.get("PIF", pif, "management"):
                raise Failure(
                    "POOL_JOINING_POOL_CANNOT_ENABLE_CLUSTERING_ON_VLAN_NETWORK", str(vlan)
                )
            network = join.theirs.get("PIF", pif, "network")
            bridge = join.theirs.get("network", network, "bridge")
            here = [
                mine
                for there in join.mine.where("network", bridge=bridge)
                for mine in join.mine.where("PIF", network=there, host=join.me)
                if join.mine.get("PIF", mine, "IP")
            ]
            if len(here) != 1:
                raise Failure("POOL_JOINING_HOST_MUST_HAVE_ONLY_ONE_IP_ON_CLUSTERING_NETWORK")


def no_availability_there(join: Joining) -> None:
    if join.pools("ha_enabled")[1]:
        raise Failure("HA_IS_ENABLED")


def not_itself(join: Joining) -> None:
    mine, theirs = join.both("uuid")
    if mine == theirs:
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


def no_guidance_pending(join: Joining) -> None:
    mine, theirs = join.both("pending_guidances")
    for host, pending in ((join.me, mine), (join.theirs.master, theirs)):
        if pending:
            raise Failure("HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", host)


def no_shared_storage(join: Joining) -> None:
    if any(not is_tools(join.mine, sr) for sr in join.mine.where("SR", shared=True)):
        raise Failure("JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS")


def no_updates_here(join: Joining) -> None:
    if "apply_updates" in join.pools("current_operations")[0].values():
        raise Failure("NOT_SUPPORTED_DURING_UPGRADE")


def no_updates_there(join: Joining) -> None:
    if "apply_updates" in join.pools("current_operations")[1].values():
        raise Failure("NOT_SUPPORTED_DURING_UPGRADE")
