"""The first-boot hook: whether an installation has one, and what it does.

No shell runs here. A script on the medium has a hook when it does, in its own words, the four
things without which none would run: it writes a program and, for the init of the host, a systemd
unit or an init script that starts it, before XAPI's own, and enables that.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile

from labkit.sim.adapters import lease, named
from labkit.sim.disc import Disc
from labkit.sim.world import SimMachine

LABEL = "LABKIT"
FILE = "identity"
_XAPI = 10
"""Of the init scripts of 2012, those of xenstored and its kin have numbers from here on."""
_NEEDED = (
    "HOST_UUID",
    "CONTROL_DOMAIN_UUID",
    "MACHINE_ID",
    "HOSTNAME",
    "MACS",
    "INTERFACE",
    "PROTO",
    "ADDRESS",
    "NETMASK",
    "ROOT_HASH",
)


def installs_hook(script: bytes, init: str = "systemd") -> bool:
    """Whether a `filesystem-populated` script puts labkit's hook in place, on a host with that
    init."""
    text = script.decode("utf-8", "replace")
    files = written(text)
    for name, starter in files.items():
        words = _started(name, starter) if init == "systemd" else _started_by_init(name, starter)
        program = next((files[word] for word in words if word in files), "")
        reads_all = program.startswith("#!") and all(key in program for key in _NEEDED)
        last = name.rpartition("/")[2]
        if reads_all and (_enabled(text, last) if init == "systemd" else _linked(text, last)):
            return True
    return False


def _started(name: str, unit: str) -> list[str]:
    """What a systemd unit runs before XAPI; nothing when it is none."""
    starts = re.search(r"^ExecStart=-?(.*)$", unit, re.MULTILINE)
    before = " ".join(re.findall(r"^Before=(.*)$", unit, re.MULTILINE)).split()
    if not name.endswith(".service") or starts is None or "xapi.service" not in before:
        return []
    return starts[1].split()


def _started_by_init(name: str, script: str) -> list[str]:
    """What an init script runs when it is told to start."""
    if "/init.d/" not in name or not script.startswith("#!") or "start" not in script:
        return []
    return [
        word for line in script.splitlines() if not line.startswith("#") for word in line.split()
    ]


def _linked(text: str, name: str) -> bool:
    """Whether it is started in the levels a host runs in, before everything of Xen."""
    numbers = re.findall(rf"/rc\S*\.d/S(\d\d){re.escape(name)}\b", text)
    return any(int(number) < _XAPI for number in numbers)


def host_uuid(script: bytes) -> str | None:
    """The UUID that a `filesystem-populated` script writes into the new host's inventory."""
    found = re.search(rb"INSTALLATION_UUID='([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})'", script)
    return found[1].decode() if found is not None else None


def apply(machine: SimMachine, media: Sequence[Disc]) -> str:
    """Make a clone itself at its first boot; what it says about that."""
    system = machine.disk.system
    assert system is not None
    medium = next((disc for disc in media if disc.label == LABEL and disc.holds(FILE)), None)
    if medium is None:
        return "labkit: nothing was changed: no medium labelled LABKIT came"
    said = dict(re.findall(r"^(\w+)='([^'\n]*)'$", medium.read(FILE).decode(), re.MULTILINE))
    missing = [name for name in _NEEDED if not said.get(name)]
    if missing:
        return f"labkit: nothing was changed: the medium says no {', '.join(missing)}"
    if said["PROTO"] not in ("static", "dhcp"):
        return f"labkit: nothing was changed: neither static nor dhcp: {said['PROTO']}"
    system.inventory["INSTALLATION_UUID"] = said["HOST_UUID"]
    system.inventory["CONTROL_DOMAIN_UUID"] = said["CONTROL_DOMAIN_UUID"]
    system.inventory["MANAGEMENT_INTERFACE"] = said["INTERFACE"].replace("eth", "xenbr")
    system.machine_id = said["MACHINE_ID"]
    system.hostname = said["HOSTNAME"]
    system.root_hash = said["ROOT_HASH"]
    system.macs = said["MACS"].split(",")
    system.management = {
        "interface": said["INTERFACE"],
        "mode": said["PROTO"],
        "address": said["ADDRESS"],
        "netmask": said["NETMASK"],
        "gateway": said.get("GATEWAY", ""),
        "dns": said["DNS"].split(",") if said.get("DNS") else [],
    }
    if said["PROTO"] == "dhcp":
        adapters = named(machine, system.macs)
        system.management |= lease(machine, adapters.get(said["INTERFACE"]))
    return f"labkit: this is now {system.hostname}, {system.management['address']}"


def written(script: str) -> dict[str, str]:
    """Files a script writes from its own text, `cat >"$hook" <<'END'`, by their path in the new
    root, whose mount point is the script's argument."""
    values = {"1": ""}
    found = {}
    lines = iter(script.splitlines())
    for line in lines:
        if assigned := re.fullmatch(r"\s*(\w+)=(\S+)", line):
            values[assigned[1]] = _expanded(assigned[2], values)
        writes = re.search(r">\s*(\S+)\s*<<\s*(['\"]?)([^\s'\"]+)\2", line)
        if writes is not None:
            text = takewhile(writes[3].__ne__, lines)
            found[_expanded(writes[1], values)] = "\n".join(text)
    return found


def _enabled(script: str, unit: str) -> bool:
    return any(
        unit in line and (re.search(r"systemctl\b.*\benable\b", line) or ".wants/" in line)
        for line in script.splitlines()
    )


def _expanded(word: str, values: Mapping[str, str]) -> str:
    bare = word.replace('"', "").replace("'", "")
    return re.sub(r"\$\{?(\w+)\}?", lambda name: values.get(name[1], ""), bare)
