"""May this host join that pool? XAPI's own questions, in XAPI's own order; the first no counts.

What a release asks is what its XAPI asks: a host of XCP-ng 8.3 that was updated asks more.
"""

from labkit.sim.xapi.joins import likeness, networks, state
from labkit.sim.xapi.joins.joining import Check, Joining

Version = tuple[int, ...]

ROWS: tuple[tuple[Check, Version], ...] = (
    (state.pool_size, ()),
    (state.management_interface, ()),
    (state.no_availability_here, ()),
    (state.no_clustering_here, ()),
    (state.cluster_that_takes_members, (25, 33)),
    (state.no_availability_there, ()),
    (state.not_itself, ()),
    (state.no_hosts_of_its_own, ()),
    (state.no_running_vms, ()),
    (state.no_vms_at_work, ()),
    (state.no_guidance_pending, (25, 6)),
    (likeness.compatible_platform, ()),
    (likeness.homogeneous, ()),
    (state.no_shared_storage, ()),
    (networks.no_bonds, ()),
    (networks.no_tunnels, ()),
    (networks.no_sriov, ()),
    (networks.no_vlans_but_the_management_one, ()),
    (networks.same_management_vlan, ()),
    (likeness.same_authentication, ()),
    (likeness.same_edition, ()),
    (networks.same_switch, ()),
    (likeness.same_api_version, ()),
    (likeness.same_database_schema, ()),
    (likeness.same_updates, ()),
    (networks.same_address_type, ()),
    (networks.compatible_purposes, ()),
    (likeness.same_tls_verification, (24, 19)),
    (likeness.no_other_authority_of_that_name, (24, 19)),
    (likeness.trust_for_the_same_ends, (26, 1)),
    (state.no_updates_here, (24, 19)),
    (state.no_updates_there, (24, 19)),
    (likeness.storage_drivers, (25, 6)),
)
"""All there ever were since XCP-ng 8.2, and the XAPI that was the first to ask each."""

_EARLY: tuple[Check, ...] = (
    state.management_interface,
    state.no_availability_here,
    state.no_availability_there,
    state.not_itself,
    state.no_hosts_of_its_own,
    state.no_running_vms,
    state.no_vms_at_work,
    likeness.compatible_platform,
    likeness.once_homogeneous,
    state.no_shared_storage,
    networks.physical_management,
    likeness.same_authentication,
    likeness.same_edition,
    networks.same_old_switch,
    likeness.same_patches,
    networks.same_address_type,
)
"""XCP 1.6's."""


def checks_of(generation: str, build: str) -> tuple[Check, ...]:
    """What a host of a generation, with this build of XAPI, asks itself."""
    if generation == "xcp-1.6":
        return _EARLY
    if generation == "xcp-ng-8.2":
        # Its XAPI was numbered otherwise: 1.249.
        return tuple(check for check, since in ROWS if since == ())
    version = tuple(int(part) for part in build.split(".") if part.isdecimal())
    return tuple(check for check, since in ROWS if since <= version)


def ask(join: Joining) -> None:
    """Raises `Failure`."""
    build = join.software("xapi_build")[0]
    for check in checks_of(join.mine.model.generation, build):
        check(join)
