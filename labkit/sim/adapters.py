"""What a host calls its network adapters, and what the room's DHCP server tells one that asks.

The room has an administrator, and the pretence is that their part is done: the DHCP server keeps
for a host's bridged adapters the address that is on the machine's label `address`. A machine
without one, such as a golden machine, is a stranger to it and gets none, and no other network has
such a server.
"""

import re
from collections.abc import Sequence
from typing import Any

from labkit.sim.world import SimMachine

Adapter = dict[str, Any]


def named(machine: SimMachine, rules: Sequence[str]) -> dict[str, Adapter]:
    """The machine's adapters by their name in the host, in the order of the names.

    `rules` are MAC addresses for eth0, eth1… One that no adapter has names none; an adapter
    that no rule is for comes after those with one, as a new one does.
    """
    numbers = {_digits(mac): number for number, mac in enumerate(rules)}
    found, strangers = {}, []
    for adapter in machine.adapters:
        number = numbers.get(_digits(adapter["mac"]))
        if number is None:
            strangers.append(adapter)
        else:
            found[number] = adapter
    first = max(found, default=-1) + 1
    found |= dict(enumerate(strangers, first))
    return {f"eth{number}": found[number] for number in sorted(found)}


def chosen(machine: SimMachine, wanted: str) -> str:
    """The name, to the installer, of what an answer file calls `eth0` or `hwaddr=…`."""
    if not wanted.startswith("hwaddr="):
        return wanted
    mac, there = _digits(wanted.removeprefix("hwaddr=")), named(machine, ()).items()
    # An address that no adapter has is accepted, and missed later.
    return next((name for name, adapter in there if _digits(adapter["mac"]) == mac), "")


def lease(machine: SimMachine, adapter: Adapter | None) -> dict[str, Any]:
    """What the room's DHCP server says to an adapter of the machine; to none, nothing."""
    heard = adapter is not None and adapter["attachment"] == "bridged"
    address = machine.labels.get("address", "") if heard else ""
    return {
        "address": address,
        "netmask": "255.255.255.0" if address else "",
        "gateway": "",
        "dns": [],
    }


def _digits(mac: str) -> str:
    return re.sub("[^0-9A-F]", "", mac.upper())
