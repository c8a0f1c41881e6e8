"""host: what concerns its VMs."""

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.places import host_of
from labkit.sim.xapi.vms import memory as vm_memory


@message("host.compute_free_memory")
def compute_free_memory(call: Call, host: str) -> int:
    return vm_memory.free(call.db, host)


@message("host.compute_memory_overhead")
def compute_memory_overhead(call: Call, host: str) -> int:
    return int(call.db.get("host", host, "memory_overhead"))


@message("host.migrate_receive")
def migrate_receive(call: Call, host: str, network: str, options: dict[str, str]) -> dict[str, str]:
    """Where a VM that is sent here has to go; `VM.migrate_send` takes it."""
    db = call.db
    uuid = db.get("host", host, "uuid")
    db.get("network", network, "uuid")
    pif = db.first("PIF", network=network, host=host)
    if pif is None:
        raise Failure("HOST_CANNOT_ATTACH_NETWORK", host, network)
    if not db.get("PIF", pif, "IP"):
        raise Failure("PIF_HAS_NO_NETWORK_CONFIGURATION", pif)
    if host_of(call.world, uuid) is None:
        raise Failure("HOST_OFFLINE", host)
    url = f"http://{db.get('PIF', pif, 'IP')}:{call.world.port}"
    session = call.session
    return {
        "SM": f"{url}/services/SM?session_id={session}",
        "host": host,
        "xenops": f"{url}/services/xenops?session_id={session}",
        "session_id": session,
        "master": f"http://{db.get('host', db.master, 'address')}:{call.world.port}/",
    }
