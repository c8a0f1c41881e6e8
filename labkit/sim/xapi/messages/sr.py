"""SR: storage repositories."""

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure


@message("SR.set_name_label")
def set_name_label(call: Call, sr: str, label: str) -> None:
    call.db.put("SR", sr, name_label=label)


@message("SR.set_name_description")
def set_name_description(call: Call, sr: str, text: str) -> None:
    call.db.put("SR", sr, name_description=text)


@message("SR.scan")
def scan(call: Call, sr: str) -> None:
    """Nothing on a pretend disk changes behind XAPI's back, so there is nothing to find."""
    if not call.db.get("SR", sr, "PBDs"):
        raise Failure("SR_NO_PBDS", sr)
