"""PIF: which adapters of the computer a host knows of."""

from labkit.sim.adapters import Adapter, named
from labkit.sim.world import SimMachine
from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.networks import pifs
from labkit.sim.xapi.networks.bonds import is_mac
from labkit.sim.xapi.places import host_of, system_of


@message("PIF.scan")
def scan(call: Call, host: str) -> None:
    machine = _machine(call, host)
    known = _devices(call.db, host)
    for device in _adapters(machine):
        if device not in known:
            _introduce(call.db, host, machine, device, managed=True)


@message("PIF.introduce")
def introduce(call: Call, host: str, mac: str, device: str, managed: bool = True) -> str:
    machine = _machine(call, host)
    adapters = {name: _colons(each["mac"]) for name, each in _adapters(machine).items()}
    mac = mac.lower() or adapters.get(device, "")
    if not is_mac(mac):
        raise Failure("MAC_INVALID", mac)
    if device in _devices(call.db, host):
        raise Failure("DUPLICATE_PIF_DEVICE_NAME", device)
    if adapters.get(device) != mac:
        raise Failure(
            "COULD_NOT_FIND_NETWORK_INTERFACE_WITH_SPECIFIED_DEVICE_NAME_AND_MAC_ADDRESS",
            device,
            mac,
        )
    return _introduce(call.db, host, machine, device, managed=managed)


@message("PIF.forget")
def forget(call: Call, pif: str) -> None:
    """The record goes; the adapter is still there, and a scan finds it."""
    db = call.db
    pifs.reached(call, pif)
    record = db.record("PIF", pif)
    if pifs.is_bonded(db, pif) or record["bond_master_of"]:
        raise Failure("PIF_ALREADY_BONDED", pif)
    if record["VLAN_slave_of"] or record["VLAN"] != pifs.UNTAGGED:
        raise Failure("PIF_VLAN_STILL_EXISTS", pif)
    if record["tunnel_transport_PIF_of"] or record["tunnel_access_PIF_of"]:
        raise Failure("PIF_TUNNEL_STILL_EXISTS", pif)
    pifs.not_a_slaves_management(db, pif)
    pifs.not_protected(db, pif)
    pifs.destroy(db, pif)


def _machine(call: Call, host: str) -> SimMachine:
    machine = host_of(call.world, call.db.get("host", host, "uuid"))
    if machine is None:
        raise Failure("HOST_OFFLINE", host)
    return machine


def _adapters(machine: SimMachine) -> dict[str, Adapter]:
    return named(machine, system_of(machine).macs)


def _devices(db: Database, host: str) -> set[str]:
    return {db.get("PIF", pif, "device") for pif in db.where("PIF", host=host, physical=True)}


def _introduce(db: Database, host: str, machine: SimMachine, device: str, *, managed: bool) -> str:
    adapter = _adapters(machine)[device]
    bridge = f"xenbr{device[3:]}" if device.startswith("eth") else f"br{device}"
    label = f"Pool-wide network associated with {device}"
    network = db.first("network", bridge=bridge) or db.create(
        "network", name_label=label, bridge=bridge
    )
    plugged = adapter["attachment"] != "none"
    metrics = db.create("PIF_metrics", carrier=plugged, speed=1000 if plugged else 0)
    fields = {"physical": True, "MAC": _colons(adapter["mac"]), "managed": managed}
    return pifs.new(db, host, network, device, metrics=metrics, **fields)


def _colons(mac: str) -> str:
    digits = mac.replace(":", "").lower()
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))
