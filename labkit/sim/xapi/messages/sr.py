"""SR: storage repositories, once they are there."""

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure
from labkit.sim.xapi.messages import sr_making, sr_probing
from labkit.sim.xapi.storage import repositories
from labkit.sim.xapi.storage.allowed import sr_refusal

__all__ = ["sr_making", "sr_probing"]


@message("SR.set_name_label")
def set_name_label(call: Call, sr: str, label: str) -> None:
    call.db.put("SR", sr, name_label=label)


@message("SR.set_name_description")
def set_name_description(call: Call, sr: str, text: str) -> None:
    call.db.put("SR", sr, name_description=text)


@message("SR.set_shared")
def set_shared(call: Call, sr: str, value: bool) -> None:
    pbds = call.db.get("SR", sr, "PBDs")
    if not value and len(pbds) > 1:
        raise Failure("SR_HAS_MULTIPLE_PBDS", *pbds)
    call.db.put("SR", sr, shared=value)


@message("SR.set_physical_size")
def set_physical_size(call: Call, sr: str, value: int) -> None:
    call.db.put("SR", sr, physical_size=value)


@message("SR.get_supported_types")
def get_supported_types(call: Call) -> list[str]:
    return [call.db.get("SM", plugin, "type") for plugin in call.db.refs("SM")]


@message("SR.scan")
def scan(call: Call, sr: str) -> None:
    refusal = sr_refusal(call.db, sr, "scan")
    if refusal is not None:
        raise refusal
    repositories.scan(call.world, call.db, sr)


@message("SR.update")
def update(call: Call, sr: str) -> None:
    refusal = sr_refusal(call.db, sr, "update")
    if refusal is not None:
        raise refusal
    repositories.account(call.world, call.db, sr)
