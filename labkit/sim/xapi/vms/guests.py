"""The operating system in a VM, as far as XAPI hears of it: through Xen's guest tools.

There is no real guest. One with tools is pretended where a template of the name of an operating
system says so (`other_config` has `install-distro`), or `other_config:labkit-guest` is `tools`;
with `bare`, or neither, XAPI hears nothing. A guest with tools tells of itself ten seconds after
it starts, and has an address of every network that leads anywhere.
"""

from typing import Any

from labkit.sim.world import SimMachine, World, happening
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.kinds import NULL
from labkit.sim.xapi.moments import moment
from labkit.sim.xapi.places import database_of

GUEST = "labkit-guest"
_BOOT = 10.0
_FEATURES = ("suspend", "shutdown", "poweroff", "reboot", "vcpu-hotplug", "balloon", "ts")


def boots(home: SimMachine, db: Database, vm: str) -> None:
    """The guest of a VM that has just started will tell of itself."""
    if _has_tools(db, vm):
        home.expect(_BOOT, "xapi a guest is up", vm=vm, domid=db.get("VM", vm, "domid"))


def is_gone(db: Database, vm: str) -> None:
    """Nothing is known of a guest that does not run."""
    metrics = db.get("VM", vm, "guest_metrics")
    db.put("VM", vm, guest_metrics=NULL)
    if db.has("VM_guest_metrics", metrics):
        db.destroy("VM_guest_metrics", metrics)


def _has_tools(db: Database, vm: str) -> bool:
    said = db.get("VM", vm, "other_config")
    return bool(said[GUEST] == "tools" if GUEST in said else "install-distro" in said)


@happening("xapi a guest is up")
def _is_up(world: World, machine: SimMachine, vm: str, domid: int) -> None:
    db = database_of(machine)
    if not db.has("VM", vm) or db.get("VM", vm, "domid") != domid:
        return
    state = db.get("VM", vm, "power_state")
    if state == "Paused":
        machine.expect(_BOOT, "xapi a guest is up", vm=vm, domid=domid)
    elif state == "Running":
        tells(db, world, vm)


def tells(db: Database, world: World, vm: str) -> None:
    """The guest says what it is, or that its addresses changed."""
    distro = db.get("VM", vm, "other_config").get("install-distro", "generic")
    known = db.get("VM", vm, "guest_metrics")
    if not db.has("VM_guest_metrics", known):
        known = db.create("VM_guest_metrics")
    db.put(
        "VM_guest_metrics",
        known,
        os_version={"name": f"Pretend {distro}", "distro": distro, "uname": "6.1.0", "major": "12"},
        PV_drivers_version={"major": "8", "minor": "4", "micro": "0", "build": "1"},
        PV_drivers_up_to_date=True,
        PV_drivers_detected=True,
        networks=_addresses(db, vm),
        other={"platform-feature-multiprocessor-suspend": "1"}
        | {f"feature-{feature}": "1" for feature in _FEATURES},
        can_use_hotplug_vbd="yes",
        can_use_hotplug_vif="yes",
        live=True,
        last_updated=moment(world.now),
    )
    db.put("VM", vm, guest_metrics=known)
    # What a VM may be asked to do follows from it.
    db.touch("VM", vm)


def _addresses(db: Database, vm: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for vif in db.get("VM", vm, "VIFs"):
        device = db.get("VIF", vif, "device")
        address = _address(db, db.record("VIF", vif))
        if address:
            found |= {f"{device}/ip": address, f"{device}/ipv4/0": address}
    return found


def _address(db: Database, vif: dict[str, Any]) -> str:
    """What was configured, or what a DHCP server would give: always the same for a MAC address."""
    if not vif["currently_attached"]:
        return ""
    # A host of XCP 1.6 knows nothing of its guests' configuration.
    if vif.get("ipv4_configuration_mode") == "Static":
        return str(next(iter(vif["ipv4_addresses"]), "")).partition("/")[0]
    if not db.has("network", vif["network"]) or not db.get("network", vif["network"], "PIFs"):
        return ""
    last = [int(byte, 16) for byte in vif["MAC"].split(":")[3:]]
    return ".".join(map(str, (10, last[0], last[1], min(max(last[2], 1), 254))))
