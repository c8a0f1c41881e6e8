"""PIF: the address of an interface, and how it comes by one."""

from ipaddress import ip_address

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.networks import addressing, pifs

_BITS = 128


@message("PIF.reconfigure_ip")
def reconfigure_ip(
    call: Call, pif: str, mode: str, address: str, netmask: str, gateway: str, dns: str
) -> None:
    """A host that is managed by it answers at the new address at once."""
    db, machine = call.db, pifs.reached(call, pif)
    pifs.not_protected(db, pif)
    given = {"IP": address, "netmask": netmask, "gateway": gateway}
    for name, value in given.items():
        needed = mode == "Static" and name in ("IP", "netmask")
        if (value or needed) and not _is_ip(value):
            raise Failure("INVALID_IP_ADDRESS_SPECIFIED", name)
    _keeps_its_primary(call, pif, mode, "IPv4")
    db.put("PIF", pif, ip_configuration_mode=mode, **given)
    if dns:
        db.put("PIF", pif, DNS=dns)
    if db.get("PIF", pif, "currently_attached"):
        addressing.obtain(call.world, db, machine, pif)


@message("PIF.reconfigure_ipv6")
def reconfigure_ipv6(call: Call, pif: str, mode: str, address: str, gateway: str, dns: str) -> None:
    """Written down only: the pretend room speaks IPv4."""
    db = call.db
    pifs.reached(call, pif)
    pifs.not_protected(db, pif)
    if gateway and not _is_ip(gateway):
        raise Failure("INVALID_IP_ADDRESS_SPECIFIED", "gateway")
    if address:
        _check_prefixed(address)
    _keeps_its_primary(call, pif, mode, "IPv6")
    addresses = [address] if address else []
    db.put("PIF", pif, ipv6_configuration_mode=mode, IPv6=addresses, ipv6_gateway=gateway)
    if dns:
        db.put("PIF", pif, DNS=dns)


@message("PIF.set_primary_address_type")
def set_primary_address_type(call: Call, pif: str, wanted: str) -> None:
    pifs.reached(call, pif)
    pifs.not_protected(call.db, pif)
    if call.db.get("PIF", pif, "management"):
        raise Failure("PIF_IS_MANAGEMENT_INTERFACE", pif)
    call.db.put("PIF", pif, primary_address_type=wanted)


def _keeps_its_primary(call: Call, pif: str, mode: str, family: str) -> None:
    """What a host is managed by needs an address of the kind that comes first."""
    record = call.db.record("PIF", pif)
    if record["management"] and mode == "None" and record["primary_address_type"] == family:
        raise Failure("PIF_IS_MANAGEMENT_INTERFACE", pif)


def _check_prefixed(address: str) -> None:
    bare, slash, length = address.partition("/")
    if not slash:
        reason = "Prefix length must be specified (format: <ipv6>/<prefix>"
        raise Failure("INVALID_IP_ADDRESS_SPECIFIED", reason)
    if not _is_ip(bare):
        raise Failure("INVALID_IP_ADDRESS_SPECIFIED", "IPv6")
    if not length.lstrip("-").isdecimal():
        reason = f"Cannot parse prefix length '{length}'"
        raise Failure("INVALID_IP_ADDRESS_SPECIFIED", reason)
    if not 0 <= int(length) <= _BITS:
        reason = "Prefix length must be between 0 and 128"
        raise Failure("INVALID_IP_ADDRESS_SPECIFIED", reason)


def _is_ip(text: str) -> bool:
    """Of either kind: XAPI does not mind."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
