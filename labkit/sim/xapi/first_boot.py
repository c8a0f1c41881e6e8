"""What a freshly installed host's XAPI finds and writes into its empty database."""

from typing import Any

from labkit.sim.adapters import named
from labkit.sim.installed import Tables
from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.database import Database, new_uuid
from labkit.sim.xapi.hosts import dom0, driver_records, facts, level_cpus
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.moments import moment
from labkit.sim.xapi.places import address_of, system_of, uuid_of
from labkit.sim.xapi.profile import profile_of
from labkit.sim.xapi.storage.iso import TOOLS
from labkit.sim.xapi.storage.local import PARTITION, room_of
from labkit.sim.xapi.storage.media import new_repository
from labkit.sim.xapi.vms import templates

_TEN_YEARS = 10 * 365 * 24 * 3600.0
_INTERNAL = {
    "is_guest_installer_network": "true",
    "is_host_internal_management_network": "true",
    "ip_begin": "169.254.0.1",
    "ip_end": "169.254.255.254",
    "netmask": "255.255.0.0",
}


def fill(world: World, machine: SimMachine) -> None:
    """Write all the records of a pool of this one host onto its disk."""
    system = system_of(machine)
    system.database = Tables()
    db = Database(system.database, {}, system.generation)
    metrics = db.create("host_metrics", last_updated=moment(world.now))
    host = db.create(
        "host",
        uuid=uuid_of(machine),
        name_label=system.hostname,
        name_description="Default install",
        metrics=metrics,
        iscsi_iqn=f"iqn.2026-01.com.example:{new_uuid()[:8]}",
        **facts(machine),
    )
    db.create("pool", master=host, default_SR=NULL)
    _networks(db, host, machine)
    storage = _storage(db, host, machine)
    if storage != NULL:
        db.put("pool", db.pool, default_SR=storage)
        db.put("host", host, crash_dump_sr=storage, suspend_image_sr=storage)
    for driver in driver_records(profile_of(system.generation)):
        db.create("SM", **driver)
    size = db.create("VM_metrics", VCPUs_number=machine.cpus, last_updated=moment(world.now))
    domain = db.create("VM", metrics=size, **dom0(machine, host))
    db.put("host", host, control_domain=domain)
    if system.generation == "xcp-ng-8.3":
        _certificates(db, host, world)
    level_cpus(db)
    templates.install(db)


def _certificates(db: Database, host: str, world: World) -> None:
    """What a host proves itself with: to clients, and to the other hosts of its pool."""
    for kind in ("host", "host_internal"):
        digest = new_uuid().replace("-", "").upper() * 2
        sha256 = ":".join(digest[at : at + 2] for at in range(0, 64, 2))
        db.create(
            "Certificate",
            type=kind,
            host=host,
            not_before=moment(world.now),
            not_after=moment(world.now + _TEN_YEARS),
            fingerprint=sha256,
            fingerprint_sha256=sha256,
            fingerprint_sha1=sha256[: 20 * 3 - 1],
        )


def _networks(db: Database, host: str, machine: SimMachine) -> None:
    system = system_of(machine)
    managed = system.management.get("interface", "eth0")
    for device, adapter in named(machine, system.macs).items():
        slot = machine.adapters.index(adapter)
        network = db.create(
            "network",
            name_label=f"Pool-wide network associated with {device}",
            bridge=device.replace("eth", "xenbr"),
        )
        db.create(
            "PIF",
            device=device,
            network=network,
            host=host,
            MAC=_colons(adapter["mac"]),
            MTU=1500,
            VLAN=-1,
            physical=True,
            metrics=_link(db, slot),
            ipv6_configuration_mode="None",
            primary_address_type="IPv4",
            **(_address(machine) if device == managed else {"ip_configuration_mode": "None"}),
        )
    db.create(
        "network",
        name_label="Host internal management network",
        name_description="Network on which guests will be assigned a private link-local IP "
        "address which can be used to talk XenAPI",
        bridge="xenapi",
        other_config=dict(_INTERNAL),
    )


def _address(machine: SimMachine) -> dict[str, Any]:
    """The management interface's configuration."""
    system = system_of(machine)
    management = system.management
    dns = management.get("dns") or []
    return {
        "management": True,
        "ip_configuration_mode": "DHCP" if management.get("mode") == "dhcp" else "Static",
        "IP": address_of(system),
        "netmask": str(management.get("netmask") or ""),
        "gateway": str(management.get("gateway") or ""),
        "DNS": dns if isinstance(dns, str) else ",".join(map(str, dns)),
    }


def _link(db: Database, slot: int) -> str:
    return db.create(
        "PIF_metrics",
        carrier=True,
        vendor_id="8086",
        vendor_name="Intel Corporation",
        device_id="100e",
        device_name="82540EM Gigabit Ethernet Controller",
        speed=1000,
        duplex=True,
        pci_bus_path=f"0000:00:{8 + slot:02x}.0",
    )


def _storage(db: Database, host: str, machine: SimMachine) -> str:
    """Make the storage repositories; the local one, or NULL, is what is returned."""
    _repository(db, host, "DVD drives", "udev", "iso", {"location": "/dev/xapi/cd"})
    _repository(db, host, "Removable storage", "udev", "disk", {"location": "/dev/xapi/block"})
    _repository(
        db,
        host,
        "XCP-ng Tools",
        "iso",
        "iso",
        {"location": TOOLS, "legacy_mode": "true"},
        shared=True,
        is_tools_sr=True,
        other_config={"xenserver_tools_sr": "true"},
    )
    kind = system_of(machine).sr_type
    if kind == "none":
        return NULL
    sr = _repository(
        db,
        host,
        "Local storage",
        kind,
        "user",
        {"device": PARTITION},
        physical_size=room_of(machine),
        other_config={"i18n-key": "local-storage"},
    )
    kept = {db.get("SR", sr, "uuid"): new_repository(kind)}
    system_of(machine).volumes = {PARTITION: {"repositories": kept}}
    return sr


def _repository(
    db: Database,
    host: str,
    name: str,
    kind: str,
    content: str,
    device: dict[str, str],
    **more: Any,
) -> str:
    fields = {"name_label": name, "type": kind, "content_type": content} | more
    sr = db.create("SR", **fields)
    db.create("PBD", host=host, SR=sr, device_config=device, currently_attached=False)
    return sr


def _colons(mac: str) -> str:
    digits = mac.replace(":", "").lower()
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))
