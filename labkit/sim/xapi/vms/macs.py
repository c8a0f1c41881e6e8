"""MAC addresses of VMs."""

import random
import re

from labkit.sim.xapi.database import Database

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


def new_mac(db: Database) -> str:
    """One that no other VM has: administered locally, as XAPI makes them up."""
    chance = random.SystemRandom()
    while True:
        first = chance.getrandbits(8) & 0xFC | 0x02
        mac = ":".join(f"{each:02x}" for each in (first, *chance.randbytes(5)))
        if db.first("VIF", MAC=mac) is None:
            return mac


def is_mac(text: str) -> bool:
    """Whether it is one of a single interface."""
    return bool(_MAC.fullmatch(text)) and int(text[:2], 16) & 1 == 0
