"""What is in the way of a join is told before it, all at once."""

from dataclasses import replace

import pytest

from labkit.xapi.join_rules import obstacles
from labkit.xapi.pool import HostFacts

MASTER = HostFacts(
    uuid="m",
    pool_hosts=1,
    cpu_vendor="GenuineIntel",
    cpu_count=2,
    software=("XCP-ng", "8.3.0", "25.6", "abc"),
    busy_vms=(),
    shared_srs=(),
    address_type="IPv4",
    ahead=1000.0,
    ahead_error=0.0,
)
JOINER = replace(MASTER, uuid="j")


def test_equal_hosts_may_join() -> None:
    assert obstacles("xcp01", JOINER, MASTER) == ()


@pytest.mark.parametrize(
    ("joiner", "told"),
    [
        (replace(JOINER, uuid="m"), "it is a copy of it"),
        (replace(JOINER, pool_hosts=2), "in a pool of 2 hosts already"),
        (replace(JOINER, cpu_vendor="AuthenticAMD"), "a CPU of AuthenticAMD"),
        (replace(JOINER, software=("XCP-ng", "8.2.1", "1", "x")), "runs XCP-ng 8.2.1"),
        (replace(JOINER, busy_vms=("web", "db")), "not shut down: web, db"),
        (replace(JOINER, shared_srs=("nfs",)), "shared storage of its own: nfs"),
        (replace(JOINER, address_type="IPv6"), "managed over IPv6"),
        (replace(JOINER, ahead=1301.0), "301 seconds apart"),
    ],
)
def test_each_obstacle_is_named_with_what_to_do(joiner: HostFacts, told: str) -> None:
    [found] = obstacles("xcp01", joiner, MASTER)
    assert told in found.what
    assert found.hint


def test_clocks_that_agree_as_far_as_one_can_tell_are_no_obstacle() -> None:
    """The answer took ten minutes: it could be as old as that."""
    assert obstacles("xcp01", replace(JOINER, ahead=1500.0, ahead_error=300.0), MASTER) == ()


def test_all_obstacles_are_told_at_once() -> None:
    joiner = replace(JOINER, cpu_vendor="AuthenticAMD", busy_vms=("web",))
    assert len(obstacles("xcp01", joiner, MASTER)) == 2
