"""host: the certificate it shows to who comes by HTTPS."""

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.certificates import shown
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.places import host_of, system_of


@message("host.get_server_certificate")
def get_server_certificate(call: Call, host: str) -> str:
    machine = host_of(call.world, call.db.get("host", host, "uuid"))
    if machine is None:
        raise Failure("HOST_OFFLINE", host)
    if not system_of(machine).certificate:
        # None was made, since nobody serves HTTPS here.
        raise Failure("NOT_IMPLEMENTED", call.name)
    return shown(system_of(machine).certificate)
