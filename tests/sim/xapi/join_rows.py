"""What makes XAPI refuse a join, row by row of its list: the change that does it, to the records
of the joiner or of the pool, and what is said then."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labkit.sim.xapi.database import Database

Answer = list[str]


@dataclass
class Sides:
    """The two databases, and shorthands for what is changed in them."""

    mine: Database
    theirs: Database

    def mine_host(self, **fields: Any) -> None:
        self.mine.put("host", self.mine.master, **fields)

    def their_host(self, **fields: Any) -> None:
        self.theirs.put("host", self.theirs.master, **fields)

    def software(self, **entries: str) -> None:
        known = self.mine.get("host", self.mine.master, "software_version")
        self.mine_host(software_version=known | entries)

    def management(self, db: Database, **fields: Any) -> str:
        [pif] = db.where("PIF", management=True)
        db.put("PIF", pif, **fields)
        return pif


@dataclass(frozen=True)
class Row:
    number: int
    name: str
    change: Callable[[Sides], Answer]
    """Makes the change, and says what the refusal is."""
    releases: str
    """Which ask: `1` for XCP 1.6, `2` and `3` for XCP-ng 8.2 and 8.3, `+` for a newer 8.3."""


def says(*answer: str, **fields: Any) -> Callable[[Sides], Answer]:
    """The joining host has these fields."""

    def change(sides: Sides) -> Answer:
        sides.mine_host(**fields)
        return list(answer)

    return change


def software(*answer: str, **entries: str) -> Callable[[Sides], Answer]:
    def change(sides: Sides) -> Answer:
        sides.software(**entries)
        return list(answer)

    return change


def made(of: str, *answer: str, there: bool = False, **fields: Any) -> Callable[[Sides], Answer]:
    """There is such an object."""

    def change(sides: Sides) -> Answer:
        (sides.theirs if there else sides.mine).create(of, **fields)
        return list(answer)

    return change


def pool(*answer: str, there: bool = False, **fields: Any) -> Callable[[Sides], Answer]:
    def change(sides: Sides) -> Answer:
        db = sides.theirs if there else sides.mine
        db.put("pool", db.pool, **fields)
        return list(answer)

    return change


def small_pool(sides: Sides) -> Answer:
    for _ in range(2):
        sides.theirs.create(
            "host", edition=sides.theirs.get("host", sides.theirs.master, "edition")
        )
    sides.mine_host(license_params={"restrict_pool_size": "true"})
    return ["LICENCE_RESTRICTION", "Pool_size"]


def no_management(sides: Sides) -> Answer:
    sides.management(sides.mine, management=False)
    return ["HOST_STILL_BOOTING"]


def clustered(sides: Sides) -> Answer:
    ref = sides.mine.create("Cluster_host", host=sides.mine.master, enabled=True)
    return ["CLUSTERING_ENABLED", ref]


def _cluster(sides: Sides, pif: str) -> None:
    cluster = sides.theirs.create("Cluster", pool_auto_join=True)
    host = sides.theirs.master
    sides.theirs.create("Cluster_host", cluster=cluster, host=host, PIF=pif, enabled=True)


def cluster_on_vlan(sides: Sides) -> Answer:
    pif = sides.theirs.create("PIF", host=sides.theirs.master, device="eth1", VLAN=7)
    _cluster(sides, pif)
    return ["POOL_JOINING_POOL_CANNOT_ENABLE_CLUSTERING_ON_VLAN_NETWORK", "7"]


def no_address_for_the_cluster(sides: Sides) -> Answer:
    [pif] = sides.theirs.where("PIF", device="eth1")
    _cluster(sides, pif)
    return ["POOL_JOINING_HOST_MUST_HAVE_ONLY_ONE_IP_ON_CLUSTERING_NETWORK"]


def itself(sides: Sides) -> Answer:
    sides.their_host(uuid=sides.mine.get("host", sides.mine.master, "uuid"))
    alone = len(sides.mine.refs("host")) == 1
    reason = "Host cannot become slave of itself" if alone else "Host is already part of a pool"
    return ["OPERATION_NOT_ALLOWED", reason]


def other_host(sides: Sides) -> Answer:
    sides.mine.create("host", metrics=sides.mine.create("host_metrics"))
    return ["JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS"]


def guidance_here(sides: Sides) -> Answer:
    sides.mine_host(pending_guidances=["reboot_host"])
    return ["HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", sides.mine.master]


def guidance_there(sides: Sides) -> Answer:
    sides.their_host(pending_guidances=["restart_toolstack"])
    return ["HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", sides.theirs.master]


def other_features(sides: Sides) -> Answer:
    for db, features in ((sides.mine, "0000000f-1"), (sides.theirs, "0000000e-1")):
        info = db.get("host", db.master, "cpu_info")
        db.put("host", db.master, cpu_info=info | {"features": features})
    return ["HOSTS_NOT_HOMOGENEOUS", "CPUs differ"]


def other_vendor(sides: Sides) -> Answer:
    info = sides.mine.get("host", sides.mine.master, "cpu_info")
    sides.mine_host(cpu_info=info | {"vendor": "AuthenticAMD"})
    return ["HOSTS_NOT_HOMOGENEOUS", "CPUs differ"]


def shared_storage(sides: Sides) -> Answer:
    sides.mine.put("SR", sides.mine.where("SR", type="ext")[0], shared=True)
    return ["JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS"]


def vlan(sides: Sides) -> Answer:
    untagged = sides.mine.create("PIF", host=sides.mine.master, device="eth1", VLAN=5)
    sides.mine.create("VLAN", untagged_PIF=untagged, tag=5)
    return ["POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS"]


def other_management_vlan(sides: Sides) -> Answer:
    sides.management(sides.theirs, VLAN=12)
    return ["POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH", "-1", "12"]


def virtual_management(sides: Sides) -> Answer:
    sides.management(sides.mine, physical=False)
    return ["POOL_JOINING_HOST_MUST_HAVE_PHYSICAL_MANAGEMENT_NIC"]


def lesser_edition(sides: Sides) -> Answer:
    sides.mine_host(edition="better", editions=["worse", "better"])
    sides.their_host(edition="worse")
    answer = ['host edition = "better"', 'pool edition = "worse"']
    return ["LICENSE_HOST_POOL_MISMATCH", *answer]


def unknown_edition(sides: Sides) -> Answer:
    sides.their_host(edition="free/libre")
    return ["LICENSE_HOST_POOL_MISMATCH", 'Edition "free/libre" from pool is not known to v6d.']


def no_daemon(sides: Sides) -> Answer:
    sides.mine_host(editions=[], edition="other")
    return ["V6D_FAILURE", "The license daemon does not run."]


def other_minor(sides: Sides) -> Answer:
    major = sides.mine.get("host", sides.mine.master, "API_version_major")
    minor = sides.mine.get("host", sides.mine.master, "API_version_minor")
    sides.mine_host(API_version_minor=minor + 1)
    code = "POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION"
    return [code, f"{major}.{minor + 1}", f"{major}.{minor}"]


def other_schema(sides: Sides) -> Answer:
    theirs = sides.theirs.get("host", sides.theirs.master, "software_version")["db_schema"]
    sides.software(db_schema="5.999")
    return ["POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA", "5.999", theirs]


def other_updates(sides: Sides) -> Answer:
    sides.mine_host(updates=[sides.mine.create("pool_update", enforce_homogeneity=True)])
    mine = sides.mine.get("host", sides.mine.master, "uuid")
    theirs = sides.theirs.get("host", sides.theirs.master, "uuid")
    reason = f"Updates on local host {mine} and pool host {theirs} differ"
    return ["HOSTS_NOT_HOMOGENEOUS", reason]


def other_patches(sides: Sides) -> Answer:
    patch = sides.mine.create("pool_patch", uuid="a-patch")
    sides.mine.create("host_patch", host=sides.mine.master, pool_patch=patch)
    return ["HOSTS_NOT_HOMOGENEOUS", "Patches applied differ: Remote has  -- Local has a-patch"]


def other_address_type(sides: Sides) -> Answer:
    sides.management(sides.theirs, primary_address_type="IPv6")
    return ["OPERATION_NOT_ALLOWED", "Primary address type differs"]


def purposes(sides: Sides) -> Answer:
    sides.mine.put("network", sides.mine.refs("network")[0], purpose=["nbd"])
    sides.theirs.put("network", sides.theirs.refs("network")[1], purpose=["insecure_nbd"])
    return ["OPERATION_NOT_ALLOWED", "Incompatible network purposes: nbd and insecure_nbd"]


def authorities(sides: Sides) -> Answer:
    for name, other in (("b.pem", "2"), ("a.pem", "3"), ("same.pem", "1")):
        sides.mine.create("Certificate", type="ca", name=name, fingerprint="1")
        sides.theirs.create("Certificate", type="ca", name=name, fingerprint=other)
    return ["POOL_JOINING_HOST_CA_CERTIFICATES_CONFLICT", "a.pem", "b.pem"]


def trust(sides: Sides) -> Answer:
    mine = sides.mine.create("Certificate", purpose=["licensing", "general"])
    theirs = sides.theirs.create("Certificate", purpose=["licensing"])
    return ["POOL_JOINING_HOST_TRUSTED_CERTIFICATES_CONFLICT", theirs, mine]


def missing_driver(sides: Sides) -> Answer:
    sides.mine.destroy("SM", sides.mine.where("SM", type="nfs")[0])
    [nfs] = sides.theirs.where("SM", type="nfs")
    return ["POOL_JOINING_SM_FEATURES_INCOMPATIBLE", nfs, ""]


def lesser_driver(sides: Sides) -> Answer:
    [mine] = sides.mine.where("SM", type="nfs")
    [theirs] = sides.theirs.where("SM", type="nfs")
    sides.mine.put("SM", mine, features={"VDI_CREATE": 1})
    return ["POOL_JOINING_SM_FEATURES_INCOMPATIBLE", theirs, mine]


_SWITCH = "OPERATION_NOT_ALLOWED"
_UPGRADE = "NOT_SUPPORTED_DURING_UPGRADE"
_BUSY = "JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS"
_UPDATING = {"OpaqueRef:task": "apply_updates"}

ROWS: tuple[Row, ...] = (
    Row(1, "a licence for small pools", small_pool, "23+"),
    Row(2, "no management interface", no_management, "123+"),
    Row(3, "high availability here", pool("HA_IS_ENABLED", ha_enabled=True), "123+"),
    Row(4, "clustering here", clustered, "23+"),
    Row(5, "a cluster on a VLAN", cluster_on_vlan, "+"),
    Row(5, "no address for the cluster", no_address_for_the_cluster, "+"),
    Row(6, "their high availability", pool("HA_IS_ENABLED", there=True, ha_enabled=True), "123+"),
    Row(7, "itself", itself, "123+"),
    Row(8, "hosts", other_host, "123+"),
    Row(
        9,
        "a running VM",
        made("VM", "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS", power_state="Running"),
        "123+",
    ),
    Row(10, "a VM at work", made("VM", _BUSY, current_operations={"OpaqueRef:t": "start"}), "123+"),
    Row(11, "guidance here", guidance_here, "3+"),
    Row(11, "guidance there", guidance_there, "3+"),
    Row(12, "platform", software("HOSTS_NOT_COMPATIBLE", platform_version="0.1"), "123+"),
    Row(12, "brand", software("HOSTS_NOT_COMPATIBLE", product_brand="Other"), "123+"),
    Row(
        13,
        "toolstack",
        software("HOSTS_NOT_HOMOGENEOUS", "Software version differs", xapi="99"),
        "23+",
    ),
    Row(
        13,
        "source",
        software("HOSTS_NOT_HOMOGENEOUS", "Software version differs", git_id="99"),
        "123+",
    ),
    Row(
        13,
        "build",
        software("HOSTS_NOT_HOMOGENEOUS", "Software version differs", build_number="9"),
        "1",
    ),
    Row(
        13,
        "linux pack",
        software("HOSTS_NOT_HOMOGENEOUS", "Software version differs", **{"xs:linux": "1"}),
        "123+",
    ),
    Row(13, "processor's vendor", other_vendor, "123+"),
    Row(13, "processor's features", other_features, "1"),
    Row(14, "shared storage", shared_storage, "123+"),
    Row(15, "a bond", made("Bond", "POOL_JOINING_HOST_HAS_BONDS"), "23+"),
    Row(16, "a tunnel", made("tunnel", "POOL_JOINING_HOST_HAS_TUNNELS"), "23+"),
    Row(17, "SR-IOV", made("network_sriov", "POOL_JOINING_HOST_HAS_NETWORK_SRIOVS"), "23+"),
    Row(18, "a VLAN", vlan, "23+"),
    Row(19, "another management VLAN", other_management_vlan, "23+"),
    Row(19, "no NIC for management", virtual_management, "1"),
    Row(
        20,
        "authentication",
        says("POOL_JOINING_EXTERNAL_AUTH_MISMATCH", external_auth_type="AD"),
        "123+",
    ),
    Row(
        20,
        "domain",
        says("POOL_JOINING_EXTERNAL_AUTH_MISMATCH", external_auth_service_name="example.org"),
        "123+",
    ),
    Row(21, "a better edition", lesser_edition, "123+"),
    Row(21, "an edition nobody knows", unknown_edition, "123+"),
    Row(21, "no licence daemon", no_daemon, "123+"),
    Row(
        22,
        "backend",
        software(_SWITCH, "Network backends differ", network_backend="bridge"),
        "123+",
    ),
    Row(
        22,
        "SDN controller",
        made("SDN_controller", _SWITCH, "SDN controller differs", address="10.0.0.1"),
        "23+",
    ),
    Row(
        22,
        "vSwitch controller",
        pool(_SWITCH, "vswitch controller address differs", vswitch_controller="10.0.0.1"),
        "1",
    ),
    Row(23, "API", other_minor, "23+"),
    Row(24, "schema", other_schema, "23+"),
    Row(25, "updates", other_updates, "23+"),
    Row(25, "patches", other_patches, "1"),
    Row(26, "address type", other_address_type, "123+"),
    Row(27, "network block devices", purposes, "23+"),
    Row(
        28,
        "TLS",
        pool("POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH", tls_verification_enabled=True),
        "3+",
    ),
    Row(29, "authorities", authorities, "3+"),
    Row(30, "trust", trust, "+"),
    Row(31, "updates here", pool(_UPGRADE, current_operations=_UPDATING), "3+"),
    Row(32, "updates there", pool(_UPGRADE, there=True, current_operations=_UPDATING), "3+"),
    Row(33, "no driver", missing_driver, "3+"),
    Row(33, "a lesser driver", lesser_driver, "3+"),
)
