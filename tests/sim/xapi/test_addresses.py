"""Loopback addresses that stand in for hosts'."""

from itertools import product

import pytest

from labkit.sim.xapi.addresses import stand_in


@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("192.168.1.200", "127.0.1.200"),
        ("10.20.30.40", "127.0.30.40"),
        ("10.0.0.0", "127.1.0.1"),
        ("10.0.255.255", "127.1.255.254"),
        ("127.0.1.200", "127.0.1.200"),
    ],
)
def test_the_last_two_numbers_tell_hosts_apart(address: str, there: str) -> None:
    assert stand_in(address) == there


def test_no_two_hosts_of_a_lan_share_one() -> None:
    addresses = [f"192.168.{third}.{last}" for third, last in product((0, 1, 255), range(256))]
    assert len(set(map(stand_in, addresses))) == len(addresses)
