"""May this host join: is it like the pool's hosts?"""

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.joins.joining import Joining

_SOFTWARE = "Software version differs"
_CPUS = "CPUs differ"
_LINUX_PACK = "xs:linux"


def compatible_platform(join: Joining) -> None:
    if join.differs("platform_version") or join.differs(_brand(join)):
        raise Failure("HOSTS_NOT_COMPATIBLE")


def homogeneous(join: Joining) -> None:
    """The only question that force skips."""
    if join.force:
        return
    _same_software(join, "xapi", "git_id")
    mine = join.both("cpu_info")[0]
    # The vendor alone: models and features are brought to one level by the pool itself.
    if mine.get("vendor") != join.pools("cpu_info")[1].get("vendor"):
        raise Failure("HOSTS_NOT_HOMOGENEOUS", _CPUS)


def once_homogeneous(join: Joining) -> None:
    """The same before pools levelled their processors. It was skipped by force, too."""
    if join.force:
        return
    _same_software(join, "platform_version", "build_number", "git_id")
    mask = str(join.pools("other_config")[1].get("cpuid_feature_mask", ""))
    mine, theirs = (_comparable(info, mask) for info in join.both("cpu_info"))
    if mine != theirs:
        raise Failure("HOSTS_NOT_HOMOGENEOUS", _CPUS)


def same_authentication(join: Joining) -> None:
    kinds = join.both("external_auth_type")
    mine, theirs = join.both("external_auth_service_name")
    if kinds[0] != kinds[1] or mine.lower() != theirs.lower():
        raise Failure("POOL_JOINING_EXTERNAL_AUTH_MISMATCH")


def same_edition(join: Joining) -> None:
    mine = str(join.both("edition")[0])
    pool = [str(join.theirs.get("host", host, "edition")) for host in join.theirs.refs("host")]
    if all(edition == mine for edition in pool):
        return
    known: list[str] = join.both("editions")[0]
    if not known:
        raise Failure("V6D_FAILURE", "The license daemon does not run.")
    for edition in (*pool, mine):
        if edition not in known:
            reason = f'Edition "{edition}" from pool is not known to v6d.'
            raise Failure("LICENSE_HOST_POOL_MISMATCH", reason)
    # A pool is worth what the least of its hosts is; the daemon tells the lesser ones first.
    least = min(pool, key=known.index)
    if least != mine:
        raise Failure(
            "LICENSE_HOST_POOL_MISMATCH", f'host edition = "{mine}"', f'pool edition = "{least}"'
        )


def same_api_version(join: Joining) -> None:
    major, minor = join.both("API_version_major"), join.both("API_version_minor")
    mine, theirs = (f"{major[side]}.{minor[side]}" for side in (0, 1))
    if mine != theirs:
        raise Failure("POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION", mine, theirs)


def same_database_schema(join: Joining) -> None:
    mine, theirs = join.software("db_schema")
    if mine != theirs or not mine:
        raise Failure("POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA", mine, theirs)


def same_updates(join: Joining) -> None:
    mine = _enforced(join.mine, join.me)
    here = join.mine.get("host", join.me, "uuid")
    for host in join.theirs.refs("host"):
        if _enforced(join.theirs, host) != mine:
            there = join.theirs.get("host", host, "uuid")
            reason = f"Updates on local host {here} and pool host {there} differ"
            raise Failure("HOSTS_NOT_HOMOGENEOUS", reason)


def same_patches(join: Joining) -> None:
    """What updates were before."""
    mine = _patches(join.mine, join.me)
    theirs = _patches(join.theirs, join.theirs.master)
    if set(mine) != set(theirs):
        reason = (
            f"Patches applied differ: Remote has {' '.join(theirs)} -- Local has {' '.join(mine)}"
        )
        raise Failure("HOSTS_NOT_HOMOGENEOUS", reason)


def same_tls_verification(join: Joining) -> None:
    mine, theirs = join.pools("tls_verification_enabled")
    if mine != theirs:
        raise Failure("POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH")


def no_other_authority_of_that_name(join: Joining) -> None:
    mine, theirs = _authorities(join.mine), _authorities(join.theirs)
    names = sorted(name for name in mine.keys() & theirs.keys() if mine[name] != theirs[name])
    if names:
        raise Failure("POOL_JOINING_HOST_CA_CERTIFICATES_CONFLICT", *names)


def trust_for_the_same_ends(join: Joining) -> None:
    """Certificates that are trusted for different purposes, some of them the same."""
    for theirs in join.theirs.refs("Certificate"):
        wanted = _purpose(join.theirs, theirs)
        for mine in join.mine.refs("Certificate"):
            purpose = _purpose(join.mine, mine)
            if purpose != wanted and purpose & wanted:
                raise Failure("POOL_JOINING_HOST_TRUSTED_CERTIFICATES_CONFLICT", theirs, mine)


def storage_drivers(join: Joining) -> None:
    """Every storage driver of the pool is here, with at least its features."""
    for theirs in join.theirs.refs("SM"):
        mine = join.mine.first("SM", type=join.theirs.get("SM", theirs, "type"))
        wanted = set(join.theirs.get("SM", theirs, "features"))
        if mine is None or not wanted <= set(join.mine.get("SM", mine, "features")):
            raise Failure("POOL_JOINING_SM_FEATURES_INCOMPATIBLE", theirs, mine or "")


def _brand(join: Joining) -> str:
    return "product_brand" if all(join.software("product_brand")) else "platform_name"


def _same_software(join: Joining, *keys: str) -> None:
    packs = [_LINUX_PACK in software for software in join.both("software_version")]
    if any(join.differs(key) for key in (*keys, _brand(join))) or packs[0] != packs[1]:
        raise Failure("HOSTS_NOT_HOMOGENEOUS", _SOFTWARE)


def _comparable(info: dict[str, str], mask: str) -> tuple[str, str]:
    """A processor's vendor, and its features as far as the pool's mask lets them count."""
    features = info.get("features", "")
    if mask and features:
        words = zip(features.split("-"), mask.split("-"), strict=False)
        features = "-".join(f"{int(word, 16) & int(kept, 16):08x}" for word, kept in words)
    return info.get("vendor", ""), features


def _enforced(db: Database, host: str) -> set[str]:
    return {
        db.get("pool_update", update, "uuid")
        for update in db.get("host", host, "updates")
        if db.get("pool_update", update, "enforce_homogeneity")
    }


def _patches(db: Database, host: str) -> list[str]:
    applied = db.get("host", host, "patches")
    patches = (db.get("host_patch", each, "pool_patch") for each in applied)
    return [db.get("pool_patch", patch, "uuid") for patch in patches]


def _authorities(db: Database) -> dict[str, str]:
    return {
        db.get("Certificate", ref, "name"): db.get("Certificate", ref, "fingerprint")
        for ref in db.where("Certificate", type="ca")
    }


def _purpose(db: Database, certificate: str) -> set[str]:
    # Only releases of 2026 have the field.
    return set(db.kept("Certificate", certificate).get("purpose", ()))
