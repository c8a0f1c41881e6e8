"""What becomes of a VM's records, and of its host, when it starts to run, stops, or moves."""

from labkit.sim.xapi import operations
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.moments import moment
from labkit.sim.xapi.pools import Pool
from labkit.sim.xapi.storage import disks
from labkit.sim.xapi.vms import guests
from labkit.sim.xapi.vms import memory as vm_memory
from labkit.sim.xapi.vms.lifecycle import HALTED, PAUSED, RUNNING, domain_type


def runs(pool: Pool, vm: str, host: str, *, paused: bool = False, anew: bool = True) -> None:
    """It runs on a host. `anew`: from its boot on, not from a saved image. Raises HOST_OFFLINE."""
    db = pool.db
    _enter(pool, vm, host)
    dynamic_max = db.get("VM", vm, "memory_dynamic_max")
    db.put(
        "VM",
        vm,
        power_state=PAUSED if paused else RUNNING,
        memory_target=dynamic_max,
        memory_overhead=vm_memory.overhead(db, vm),
    )
    if anew:
        db.put("VM", vm, last_boot_CPU_flags=_pool_cpu(db, vm), requires_reboot=False)
        _measure(pool, vm)
    for of in ("VBD", "VIF"):
        for device in db.get("VM", vm, f"{of}s"):
            db.put(of, device, currently_attached=True)
    vm_memory.account(db, host)
    if anew:
        guests.is_gone(db, vm)
        guests.boots(pool.home, db, vm)


def moves(pool: Pool, vm: str, host: str) -> None:
    """It goes on running on another host. Raises HOST_OFFLINE."""
    before = pool.db.get("VM", vm, "resident_on")
    if before == host:
        return
    still_silent = pool.db.get("VM", vm, "guest_metrics") == NULL
    _enter(pool, vm, host)
    _leave(pool, vm, before)
    vm_memory.account(pool.db, host)
    if still_silent:
        guests.boots(pool.home, pool.db, vm)


def stops(pool: Pool, vm: str, *, state: str = HALTED) -> None:
    """It runs no more: halted, or suspended."""
    db = pool.db
    host = db.get("VM", vm, "resident_on")
    scheduled = db.get("VM", vm, "scheduled_to_be_resident_on")
    db.put(
        "VM",
        vm,
        power_state=state,
        resident_on=NULL,
        scheduled_to_be_resident_on=NULL,
        domid=-1,
    )
    for console in db.get("VM", vm, "consoles"):
        db.destroy("console", console)
    if state == HALTED:
        guests.is_gone(db, vm)
        for of in ("VBD", "VIF"):
            for device in db.get("VM", vm, f"{of}s"):
                db.put(of, device, currently_attached=False, current_operations={})
        drop_image(pool, vm)
    _leave(pool, vm, host)
    vm_memory.account(db, scheduled)


def drop_image(pool: Pool, vm: str) -> None:
    """The image of a suspended VM is of no use any more."""
    db = pool.db
    image = db.get("VM", vm, "suspend_VDI")
    db.put("VM", vm, suspend_VDI=NULL)
    if not db.has("VDI", image):
        return
    try:
        disks.remove(pool.world, db, image)
    except Failure:
        # Nobody reaches it: there it stays until somebody looks.
        disks.forget(db, image)


def touch_devices(db: Database, vm: str) -> None:
    """What its devices may be asked to do follows from the VM's power state."""
    for of in ("VBD", "VIF"):
        for device in db.get("VM", vm, f"{of}s"):
            db.touch(of, device)


def call_off(pool: Pool, vm: str) -> None:
    """End whatever a VM is at: its power is about to be taken away."""
    for task in pool.db.get("VM", vm, "current_operations"):
        operations.cancel(pool.world, pool.home, pool.db, task)


def reserve(db: Database, vm: str, host: str) -> None:
    """Keep memory free on the host a VM is about to run on; NULL: it is not."""
    before = db.get("VM", vm, "scheduled_to_be_resident_on")
    db.put("VM", vm, scheduled_to_be_resident_on=host)
    for each in {before, host}:
        vm_memory.account(db, each)


def assert_reached(pool: Pool, vm: str) -> None:
    """Raises HOST_OFFLINE unless the host a VM runs on, if any, answers."""
    host = pool.db.get("VM", vm, "resident_on")
    if host != NULL and pool.machine(host) is None:
        raise Failure("HOST_OFFLINE", host)


def _enter(pool: Pool, vm: str, host: str) -> None:
    db = pool.db
    machine = pool.machine(host)
    if machine is None or machine.memory is None:
        reserve(db, vm, NULL)
        raise Failure("HOST_OFFLINE", host)
    domains = machine.memory.domains
    domid = domains[db.get("VM", vm, "uuid")] = 1 + max(domains.values(), default=0)
    db.put("VM", vm, resident_on=host, scheduled_to_be_resident_on=NULL, domid=domid)
    for console in db.get("VM", vm, "consoles"):
        db.destroy("console", console)
    protocol = "rfb" if domain_type(db, vm) == "hvm" else "vt100"
    console = db.create("console", protocol=protocol, VM=vm)
    address = db.get("host", host, "address")
    db.put("console", console, location=f"https://{address}/console?ref={console}")


def _leave(pool: Pool, vm: str, host: str) -> None:
    machine = pool.machine(host)
    if machine is not None and machine.memory is not None:
        machine.memory.domains.pop(pool.db.get("VM", vm, "uuid"), None)
    vm_memory.account(pool.db, host)


def _pool_cpu(db: Database, vm: str) -> dict[str, str]:
    """The processor it is shown: what all hosts of the pool have in common."""
    level = db.get("pool", db.pool, "cpu_info")
    kind = "hvm" if domain_type(db, vm) == "hvm" else "pv"
    return {"vendor": level.get("vendor", ""), "features": level.get(f"features_{kind}", "")}


def _measure(pool: Pool, vm: str) -> None:
    db, kind = pool.db, domain_type(pool.db, vm)
    metrics = db.get("VM", vm, "metrics")
    if not db.has("VM_metrics", metrics):
        metrics = db.create("VM_metrics")
        db.put("VM", vm, metrics=metrics)
    platform = db.get("VM", vm, "platform")
    db.put(
        "VM_metrics",
        metrics,
        start_time=moment(pool.world.now),
        last_updated=moment(pool.world.now),
        memory_actual=db.get("VM", vm, "memory_target"),
        VCPUs_number=db.get("VM", vm, "VCPUs_at_startup"),
        hvm=kind == "hvm",
        current_domain_type=kind,
        nested_virt=platform.get("nested-virt") == "true",
        nomigrate=platform.get("nomigrate") == "true",
    )
