"""What a host's XAPI finds out about its computer at every start, and writes down."""

from typing import Any

from labkit.sim import faults
from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.moments import moment
from labkit.sim.xapi.places import address_of, memory_of, system_of, uuid_of
from labkit.sim.xapi.profile import Cpu, Profile, profile_of

_DOM0_MIB = 1024
_MIB = 1024 * 1024
_HVM = ("hvm-3.0-x86_32", "hvm-3.0-x86_32p", "hvm-3.0-x86_64")
_PV = ("xen-3.0-x86_64", "xen-3.0-x86_32p")
_VMX = 1 << 5
"""Intel's virtualization, in the word ECX of leaf 1."""
_UNHEARD = "_unheard_since"
_HEARTBEAT = 30.0
ASSUMED_DEAD = 600.0
"""Seconds without a heartbeat after which the master takes a host for dead."""


def facts(machine: SimMachine) -> dict[str, Any]:
    """The fields of `host` that follow from the computer and the software on it."""
    system = system_of(machine)
    profile = profile_of(system.generation)
    major, minor = profile.api
    return {
        "API_version_major": major,
        "API_version_minor": minor,
        "API_version_vendor": "XenSource",
        "API_version_vendor_implementation": {},
        "software_version": {**profile.software, "hostname": system.hostname},
        "capabilities": [*_PV, *(_HVM if machine.nested else ())],
        "supported_bootloaders": ["pygrub", "eliloader"],
        "sched_policy": "credit",
        "virtual_hardware_platform_versions": [0, 1, 2],
        "cpu_info": cpu_info(profile, machine.cpus, machine.nested),
        "hostname": system.hostname,
        "address": address_of(system),
        "edition": profile.edition,
        "editions": [profile.edition],
        "license_params": {"sku_type": profile.edition, "expiry": "20991231T23:59:59Z"},
        "memory_overhead": 128 * _MIB,
    }


def cpu_info(profile: Profile, count: int, nested: bool) -> dict[str, str]:
    """`host.cpu_info`: all values are text."""
    cpu = profile.cpu
    hvm = cpu.hvm if nested else "-".join("0" * 8 for _ in cpu.hvm.split("-"))
    masked = _in_the_old_order(cpu.hvm, nested)
    known = {
        "cpu_count": str(count),
        "socket_count": "1",
        "threads_per_core": "1",
        "nr_nodes": "1",
        "vendor": cpu.vendor,
        "speed": cpu.speed,
        "modelname": cpu.modelname,
        "family": cpu.family,
        "model": cpu.model,
        "stepping": cpu.stepping,
        "flags": cpu.flags,
        "features_pv": cpu.pv,
        "features_hvm": hvm,
        "features_pv_host": cpu.pv,
        "features_hvm_host": hvm,
        "features": masked,
        "features_after_reboot": masked,
        "physical_features": masked,
        # A virtual machine's processor has no registers to mask features with.
        "maskable": "no",
    }
    return {key: known[key] for key in profile.cpu_keys}


def _in_the_old_order(features: str, nested: bool) -> str:
    """The four words that there were before Xen levelled: each leaf's ECX before its EDX."""
    edx, ecx, extended_edx, extended_ecx = features.split("-")[:4]
    if not nested:
        ecx = f"{int(ecx, 16) & ~_VMX:08x}"
    return "-".join((ecx, edx, extended_ecx, extended_edx))


def refresh(db: Database, host: str, world: World, machine: SimMachine) -> None:
    """Write down the computer's facts, as XAPI does at every start; the host is alive then, and
    not enabled yet."""
    db.put("host", host, enabled=False, current_operations={}, **facts(machine))
    db.put("host_metrics", db.get("host", host, "metrics"), **_metrics(world, machine))
    db.touch("host", host)
    for pif in db.get("host", host, "PIFs"):
        if _comes_up(db.record("PIF", pif)):
            db.put("PIF", pif, currently_attached=True)
    _count_cpus(db, host, machine, profile_of(system_of(machine).generation).cpu)
    level_cpus(db)


def _comes_up(pif: dict[str, Any]) -> bool:
    """Whether a host brings an interface up by itself: not what is part of a bond, nor a VLAN the
    host has no address on."""
    if pif["bond_slave_of"] != NULL:
        return False
    configured = pif["ip_configuration_mode"] != "None"
    return bool(pif["physical"] or pif["bond_master_of"] or configured)


def level_cpus(db: Database) -> None:
    """Bring `pool.cpu_info` to what all hosts have in common."""
    every = [info for host in db.refs("host") if (info := db.get("host", host, "cpu_info"))]
    level = {"vendor": every[0]["vendor"]}
    for key in ("cpu_count", "socket_count"):
        if key in every[0]:
            level[key] = str(sum(int(info[key]) for info in every))
    for key in ("features_pv", "features_hvm"):
        # What counts is what the processor has, where that is told.
        source = f"{key}_host" if f"{key}_host" in every[0] else key
        if source in every[0]:
            # A host without hardware virtualization does not take it from the others.
            capable = [info[source] for info in every if info[source].strip("0-")]
            level[key] = level[source] = _common(capable)
    db.put("pool", db.pool, cpu_info=level)


def unheard(db: Database, host: str, now: float) -> None:
    """Note that a host stopped sending heartbeats."""
    db.put("host_metrics", db.get("host", host, "metrics"), **{_UNHEARD: now})


def is_alive(db: Database, host: str, live: bool) -> None:
    """Note that a host is alive, or not any more. What it may be told to do depends on it."""
    metrics = db.get("host", host, "metrics")
    if db.get("host_metrics", metrics, "live") != live:
        db.put("host_metrics", metrics, live=live)
        db.touch("host", host)


def give_up(db: Database, world: World, host: str) -> None:
    """Take a host for dead that was not heard of for too long."""
    metrics = db.get("host", host, "metrics")
    since = db.private("host_metrics", metrics, _UNHEARD)
    if since is not None and world.now - since >= ASSUMED_DEAD:
        is_alive(db, host, False)


def watch(db: Database, world: World) -> None:
    """Bring the slaves' liveness up to date, as far as nobody told: a machine may have been
    taken away or stopped by its computer. Looked at when somebody asks and a heartbeat is due,
    so that a world in which nothing happens stays the same."""
    last = db.index.watched
    if 0 <= world.now - last < _HEARTBEAT:
        return
    db.index.watched = world.now
    alive = {
        uuid_of(machine)
        for machine in world.running()
        if machine.disk.system is not None
        and memory_of(machine).xapi == "up"
        and not (world.faults and faults.cut_off(world, machine))
    }
    for host in db.refs("host"):
        metrics = db.get("host", host, "metrics")
        since = db.private("host_metrics", metrics, _UNHEARD)
        if db.get("host", host, "uuid") in alive:
            if since is not None:
                db.put("host_metrics", metrics, **{_UNHEARD: None})
                is_alive(db, host, True)
            continue
        if since is None:
            # The last that was heard of it may be as old as the last look.
            unheard(db, host, last if 0 <= last <= world.now else world.now)
        give_up(db, world, host)


def dom0(machine: SimMachine, host: str) -> dict[str, Any]:
    """The fields of a host's control domain."""
    system = system_of(machine)
    size = _DOM0_MIB * _MIB
    return {
        "uuid": system.inventory["CONTROL_DOMAIN_UUID"],
        "name_label": f"Control domain on host: {system.hostname}",
        "name_description": "The domain which manages physical devices and manages other domains",
        "power_state": "Running",
        "resident_on": host,
        "affinity": host,
        "is_control_domain": True,
        "domid": 0,
        "domain_type": "pv",
        "memory_target": size,
        "memory_static_max": size,
        "memory_dynamic_max": size,
        "memory_dynamic_min": size,
        "memory_static_min": size,
        "VCPUs_max": machine.cpus,
        "VCPUs_at_startup": machine.cpus,
        "actions_after_crash": "restart",
    }


def driver_records(profile: Profile) -> list[dict[str, Any]]:
    """The fields of the storage drivers a host brings."""
    return [
        {
            "name_label": driver.name,
            "name_description": f"SR plugin of type {driver.type}",
            "type": driver.type,
            "vendor": "XCP-ng community",
            "copyright": "",
            "version": "3.0",
            "required_api_version": "1.1",
            "features": dict.fromkeys(driver.features, 1),
            "capabilities": list(driver.features),
            "driver_filename": f"/opt/xensource/sm/{driver.type.upper()}SR",
        }
        for driver in profile.drivers
    ]


def _metrics(world: World, machine: SimMachine) -> dict[str, Any]:
    return {
        "live": True,
        _UNHEARD: None,
        "memory_total": machine.memory_mib * _MIB,
        "memory_free": max(0, machine.memory_mib - _DOM0_MIB) * _MIB,
        "last_updated": moment(world.now),
    }


def _count_cpus(db: Database, host: str, machine: SimMachine, cpu: Cpu) -> None:
    for old in db.get("host", host, "host_CPUs"):
        db.destroy("host_cpu", old)
    told = db.get("host", host, "cpu_info")
    for number in range(machine.cpus):
        db.create(
            "host_cpu",
            host=host,
            number=number,
            vendor=cpu.vendor,
            speed=int(float(cpu.speed)),
            modelname=cpu.modelname,
            family=int(cpu.family),
            model=int(cpu.model),
            stepping=cpu.stepping,
            flags=cpu.flags,
            features=told.get("features", cpu.hvm),
        )


def _common(features: list[str]) -> str:
    """The bits that all of these sets of features have."""
    if not features:
        return ""
    words = zip(*(each.split("-") for each in features), strict=True)
    return "-".join(f"{_all(word):08x}" for word in words)


def _all(words: tuple[str, ...]) -> int:
    common = 0xFFFFFFFF
    for word in words:
        common &= int(word, 16)
    return common
