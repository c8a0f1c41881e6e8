"""Which loopback address stands in for a host's.

The pretend LAN is not a network of this computer, so a host that is to answer at 192.168.1.200
answers at 127.0.1.200: the last two octets tell hosts apart in any lab of sensible size. What
XAPI's records say about addresses are these stand-ins, so that clients can follow them.
"""

from functools import lru_cache
from ipaddress import IPv4Address

_MANY = 4096
"""Addresses that are remembered: every call goes by those of all hosts."""


@lru_cache(_MANY)
def stand_in(address: str) -> str:
    """The loopback address for a management address; a loopback address stands for itself."""
    given = IPv4Address(address)
    if given.is_loopback:
        return str(given)
    third, last = given.packed[2:]
    # 127.0.0.0 cannot be listened at, and some systems refuse any address that ends like a
    # network's own or its broadcast: these two step aside.
    if last in (0, 255):
        return f"127.1.{third}.{1 if last == 0 else 254}"
    return f"127.0.{third}.{last}"


@lru_cache(_MANY)
def is_address(text: str) -> bool:
    """Whether the text is an IPv4 address at all."""
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True
