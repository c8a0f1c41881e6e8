"""Rules that span several fields of a scenario.

They look only at values that are right on their own (`Sound`), so they can be asked of a scenario
that does not validate, and a person is told of every problem at once and of no imagined one.
"""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network
from itertools import combinations
from pathlib import Path

from labkit.scenario import fault_rules, installer_rules, server_rules
from labkit.scenario.problem import Place, Problem, spoken, suggestion
from labkit.scenario.sound import Kind, Sound
from labkit.scenario.values import size_in_words

_LEAST_MEMORY = 2048
"""MiB."""


def broken(wanted: object, folder: Path = Path()) -> list[Problem]:
    """What breaks the rules in a `Scenario`, or in the plain values one is to be made of: those
    of a file in that folder."""
    sound = Sound(wanted, folder)
    return [problem for rule in RULES for problem in rule(sound)]


def names_differ_by_more_than_case(sound: Sound) -> Iterator[Problem]:
    """Host names differ in more than upper and lower case."""
    yield from _repeated(sound.at(str, "hosts", "*"), str.casefold, "is the same host name as")


def addresses_are_unique(sound: Sound) -> Iterator[Problem]:
    """No two hosts have the same address."""
    yield from _repeated(sound.at(IPv4Address, "hosts", "*", "address"), str, "is taken by")


def macs_are_unique(sound: Sound) -> Iterator[Problem]:
    """No two adapters have the same MAC address."""
    macs = sound.at(str, "hosts", "*", "nics", "*", "mac")
    yield from _repeated(macs, str.casefold, "is taken by")


def networks_are_known(sound: Sound) -> Iterator[Problem]:
    """Every adapter is on one of the scenario's networks."""
    known = [str(name) for _, name in sound.at(str, "networks", "*")]
    for place, network in sound.at(str, "hosts", "*", "nics", "*", "network").items():
        if known and network not in known:
            yield Problem(place, f"there is no such network; {suggestion(network, known)}")


def hosts_have_one_management_adapter(sound: Sound) -> Iterator[Problem]:
    """At most one adapter of a host is for `management`."""
    first: dict[Place, Place] = {}
    for place in sound.at(str, "hosts", "*", "nics", "*", "management"):
        before = first.setdefault(place[:2], place)
        if before != place:
            yield Problem(place, f"must be left out: there is {spoken(before)} already")


def dhcp_is_asked_where_it_answers(sound: Sound) -> Iterator[Problem]:
    """An adapter with `management: dhcp` has a `mac` and is on a bridged network."""
    for place, mode in sound.at(str, "hosts", "*", "nics", "*", "management").items():
        nic, host = place[:-1], place[:2]
        network = sound.one(str, *nic, "network") or ""
        attachment = sound.one(str, "networks", network, "attachment") or "bridged"
        if mode == "dhcp" and sound.left_out(*nic, "mac"):
            address = spoken((*host, "address"))
            yield Problem(
                (*nic, "mac"), f"is needed: the room's DHCP server keeps {address} for it"
            )
        if mode == "dhcp" and attachment != "bridged":
            where = spoken(("networks", network))
            yield Problem(
                place, f"must be `static`: the room's DHCP server does not answer on {where}"
            )


def hosts_are_on_networks_with_addresses(sound: Sound) -> Iterator[Problem]:
    """The network of a host's management adapter has a `cidr`: the host has its address there."""
    asked = set()
    for host, network in sound.management().items():
        place = ("networks", network, "cidr")
        if sound.left_out(*place) and network not in asked:
            asked.add(network)
            yield Problem(place, f"is needed: {spoken(('hosts', host))} has its address there")


def addresses_are_in_their_networks(sound: Sound) -> Iterator[Problem]:
    """A host's address is one of its network's, and neither the network's own nor the router's."""
    for host, network in sound.management().items():
        place = ("hosts", host, "address")
        address = sound.one(IPv4Address, *place)
        cidr = sound.one(IPv4Network, "networks", network, "cidr")
        if address is None:
            continue
        if cidr is not None and (why := _unusable(address, cidr)):
            yield Problem(place, why)
        elif address == sound.one(IPv4Address, "networks", network, "gateway"):
            yield Problem(place, f"is the gateway of {spoken(('networks', network))}")


def gateways_are_in_their_networks(sound: Sound) -> Iterator[Problem]:
    """A gateway is one of its network's addresses."""
    for place, gateway in sound.at(IPv4Address, "networks", "*", "gateway").items():
        cidr = sound.one(IPv4Network, *place[:-1], "cidr")
        if cidr is not None and (why := _unusable(gateway, cidr)):
            yield Problem(place, why)


def networks_do_not_overlap(sound: Sound) -> Iterator[Problem]:
    """Networks do not overlap; two on one wire (both bridged, both host-only) may be the same."""
    networks = sound.at(IPv4Network, "networks", "*", "cidr").items()
    for (first, one), (second, other) in combinations(networks, 2):
        wires = [sound.one(str, *place[:-1], "attachment") for place in (first, second)]
        if one == other and wires[0] == wires[1] != "internal":
            continue
        if one.overlaps(other):
            yield Problem(second, f"{other} overlaps {one} of {spoken(first[:-1])}")


def the_master_is_a_host(sound: Sound) -> Iterator[Problem]:
    """The pool's master is one of the hosts."""
    known = [str(name) for _, name in sound.at(str, "hosts", "*")]
    master = sound.one(str, "pool", "master")
    if master is not None and master in sound.of_kind("nas"):
        yield Problem(("pool", "master"), f"{master} is the storage server, and in no pool")
    elif known and master is not None and master not in known:
        yield Problem(("pool", "master"), f"there is no such host; {suggestion(master, known)}")


def homogeneous_hosts_have_equal_cpus(sound: Sound) -> Iterator[Problem]:
    """In a homogeneous pool every host has as many CPUs as the master."""
    cpus = _of_the_pool(sound, "cpus")
    if sound.one(str, "pool", "kind") != "homogeneous" or not cpus:
        return
    place: Place = ("hosts", sound.one(str, "pool", "master") or "", "cpus")
    first = place if place in cpus else next(iter(cpus))
    for place, count in cpus.items():
        if count != cpus[first]:
            yield Problem(
                place,
                f"is {count}, but {cpus[first]} on {spoken(first[:-1])}:"
                " the hosts of a homogeneous pool have equal CPUs",
            )


def disks_are_equal(sound: Sound) -> Iterator[Problem]:
    """All hosts have disks of one size: they are clones of one installation. Not so a `nas`."""
    disks = _of_the_pool(sound, "disk")
    for place, size in disks.items():
        first = next(iter(disks))
        if size != disks[first]:
            yield Problem(
                place,
                f"is {size_in_words(size)}, but {size_in_words(disks[first])} on"
                f" {spoken(first[:-1])}: all hosts are clones of one installation",
            )


def hosts_have_memory(sound: Sound) -> Iterator[Problem]:
    """A host of the pool has 2 GiB of memory at least."""
    for place, size in _of_the_pool(sound, "memory").items():
        if size < _LEAST_MEMORY:
            yield Problem(place, f"must be at least {size_in_words(_LEAST_MEMORY)}")


RULES: tuple[Callable[[Sound], Iterator[Problem]], ...] = (
    names_differ_by_more_than_case,
    addresses_are_unique,
    macs_are_unique,
    networks_are_known,
    hosts_have_one_management_adapter,
    dhcp_is_asked_where_it_answers,
    hosts_are_on_networks_with_addresses,
    addresses_are_in_their_networks,
    gateways_are_in_their_networks,
    networks_do_not_overlap,
    the_master_is_a_host,
    homogeneous_hosts_have_equal_cpus,
    hosts_have_memory,
    *server_rules.RULES,
    *installer_rules.RULES,
    *fault_rules.RULES,
    disks_are_equal,
)
"""All of them; `docs/scenarios.md` lists their first lines."""


def _repeated(
    values: Mapping[Place, Kind], alike: Callable[[Kind], str], verb: str
) -> Iterator[Problem]:
    """A problem at every value that was there before, naming where."""
    first: dict[str, Place] = {}
    for place, value in values.items():
        before = first.setdefault(alike(value), place)
        if before != place:
            yield Problem(place, f"{verb} {spoken(before)}")


def _of_the_pool(sound: Sound, field: str) -> dict[Place, int]:
    """A field of the hosts that are no storage server."""
    nas = sound.of_kind("nas")
    found = sound.at(int, "hosts", "*", field).items()
    return {place: value for place, value in found if place[1] not in nas}


def _unusable(address: IPv4Address, cidr: IPv4Network) -> str:
    """Why nobody can have this address in this network; empty: somebody can."""
    if address not in cidr:
        return f"is outside {cidr}"
    if address == cidr.network_address:
        return f"is the network's own address in {cidr}"
    if address == cidr.broadcast_address:
        return f"is the broadcast address of {cidr}"
    return ""
