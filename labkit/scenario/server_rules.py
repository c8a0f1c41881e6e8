"""Rules of the storage server: one at most, and somebody to serve."""

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address

from labkit.scenario.generations import DEBIAN_GENERATIONS
from labkit.scenario.problem import Problem, spoken
from labkit.scenario.sound import Sound


def there_is_one_server(sound: Sound) -> Iterator[Problem]:
    """There is one storage server at most: a host of kind `nas`, or one that exists."""
    first, *others = sound.of_kind("nas") or [""]
    for name in others:
        place = ("hosts", name, "kind")
        yield Problem(place, f"{spoken(('hosts', first))} is the lab's storage server already")
    if first and sound.one(IPv4Address, "storage", "server", "external") is not None:
        yield Problem(
            ("storage", "server", "external"),
            f"{spoken(('hosts', first))} is the lab's storage server: leave out one of the two",
        )


def the_server_is_not_alone(sound: Sound) -> Iterator[Problem]:
    """Not all hosts are storage servers."""
    nas = sound.of_kind("nas")
    if nas and len(nas) == len(sound.at(str, "hosts", "*")):
        yield Problem(("hosts",), "has only storage servers: there is no host to serve")


def the_external_server_is_no_host(sound: Sound) -> Iterator[Problem]:
    """A storage server that exists has none of the hosts' addresses."""
    place = ("storage", "server", "external")
    external = sound.one(IPv4Address, *place)
    for host, address in sound.at(IPv4Address, "hosts", "*", "address").items():
        if external is not None and address == external:
            yield Problem(place, f"is the address of {spoken(host[:-1])}")


def the_server_is_where_the_hosts_are(sound: Sound) -> Iterator[Problem]:
    """The storage server is on a network where hosts have their address, and sets its own."""
    networks, servers = sound.management(), sound.of_kind("nas")
    wanted = sorted({network for host, network in networks.items() if host not in servers})
    for server in servers:
        if wanted and server in networks and networks[server] not in wanted:
            yield Problem(
                ("hosts", server, "nics"),
                f"no host has its address on `{networks[server]}`: put `management` on"
                f" {' or '.join(f'`{name}`' for name in wanted)}",
            )
        for place, mode in sound.at(str, "hosts", server, "nics", "*", "management").items():
            if mode == "dhcp":
                yield Problem(place, "must be `static` on a storage server")


def shares_are_two(sound: Sound) -> Iterator[Problem]:
    """The two shares are two folders, and neither is in the other."""
    vhd = sound.one(str, "storage", "server", "vhd") or ""
    iso = sound.one(str, "storage", "server", "iso") or ""
    if vhd and iso and (f"{vhd}/".startswith(f"{iso}/") or f"{iso}/".startswith(f"{vhd}/")):
        yield Problem(("storage", "server", "iso"), f"must be apart from `vhd` ({vhd})")


def the_server_has_the_keyboard(sound: Sound) -> Iterator[Problem]:
    """The keyboard is one that the installer of a storage server offers."""
    place = ("storage", "server", "installer", "generation")
    rules = DEBIAN_GENERATIONS.get(sound.one(str, *place) or "")
    name = sound.one(str, "installer", "keymap")
    if sound.of_kind("nas") and rules is not None and name and rules.keymap(name) is None:
        yield Problem(
            ("installer", "keymap"), f"the installer of {rules.name} offers no such keyboard"
        )


RULES: tuple[Callable[[Sound], Iterator[Problem]], ...] = (
    there_is_one_server,
    the_server_is_not_alone,
    the_external_server_is_no_host,
    the_server_is_where_the_hosts_are,
    shares_are_two,
    the_server_has_the_keyboard,
)
