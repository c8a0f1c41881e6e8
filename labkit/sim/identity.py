"""The first-boot hook: whether an installation has one, and what it does.

No shell runs here. A script on the medium has a hook when it does, in its own words, the four
things without which none would run: it writes a program and a systemd unit that starts it,
before XAPI's own services, and enables the unit.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile

from labkit.sim.disc import Disc
from labkit.sim.world import System

LABEL = "LABKIT"
_FILE = "identity"
_NEEDED = (
    "HOST_UUID",
    "CONTROL_DOMAIN_UUID",
    "MACHINE_ID",
    "HOSTNAME",
    "INTERFACE",
    "ADDRESS",
    "NETMASK",
    "ROOT_HASH",
)


def installs_hook(script: bytes) -> bool:
    """Whether a `filesystem-populated` script puts labkit's hook in place."""
    text = script.decode("utf-8", "replace")
    files = _written(text)
    for name, unit in files.items():
        starts = re.search(r"^ExecStart=-?(.*)$", unit, re.MULTILINE)
        before = " ".join(re.findall(r"^Before=(.*)$", unit, re.MULTILINE)).split()
        if not name.endswith(".service") or starts is None or "xapi.service" not in before:
            continue
        program = next((files[word] for word in starts[1].split() if word in files), "")
        reads_all = program.startswith("#!") and all(key in program for key in _NEEDED)
        if reads_all and _enabled(text, name.rpartition("/")[2]):
            return True
    return False


def apply(system: System, media: Sequence[Disc]) -> str:
    """Make a clone itself at its first boot; what it says about that."""
    medium = next((disc for disc in media if disc.label == LABEL and disc.holds(_FILE)), None)
    if medium is None:
        return "labkit: nothing was changed: no medium labelled LABKIT came"
    said = dict(re.findall(r"^(\w+)='([^'\n]*)'$", medium.read(_FILE).decode(), re.MULTILINE))
    missing = [name for name in _NEEDED if not said.get(name)]
    if missing:
        return f"labkit: nothing was changed: the medium says no {', '.join(missing)}"
    system.inventory["INSTALLATION_UUID"] = said["HOST_UUID"]
    system.inventory["CONTROL_DOMAIN_UUID"] = said["CONTROL_DOMAIN_UUID"]
    system.machine_id = said["MACHINE_ID"]
    system.hostname = said["HOSTNAME"]
    system.root_hash = said["ROOT_HASH"]
    system.management = {
        "interface": said["INTERFACE"],
        "mode": "static",
        "address": said["ADDRESS"],
        "netmask": said["NETMASK"],
        "gateway": said.get("GATEWAY", ""),
        "dns": said["DNS"].split(",") if said.get("DNS") else [],
    }
    return f"labkit: this is now {system.hostname}, {said['ADDRESS']}"


def _written(script: str) -> dict[str, str]:
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
