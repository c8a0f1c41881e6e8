"""An independent witness: what VirtualBox's own command line says, not what labkit reads.

The pretend computer has no second way to look at it; there the driver is its own witness.
"""

import re
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from labkit.vbox.driver import Attachment, Driver, Power


@dataclass(frozen=True, slots=True)
class Nic:
    """A network adapter as seen."""

    attachment: str
    network: str
    promiscuous: bool
    mac: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A machine as seen."""

    uuid: str
    hardware_uuid: str
    power: str
    group: str
    cpus: int
    memory_mib: int
    nics: tuple[Nic, ...]
    snapshots: tuple[str, ...]
    media: tuple[str, ...]
    labels: dict[str, str]


class Witness(Protocol):
    """Somebody who looks without labkit's eyes."""

    def names(self) -> set[str]:
        """Every machine."""

    def see(self, name: str) -> Seen:
        """One machine."""

    def power(self, name: str) -> str:
        """Whether it runs."""

    def media(self) -> set[str]:
        """The files of every disk and DVD image that is registered."""


class DriverWitness:
    """The driver, where there is nobody else to ask."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def names(self) -> set[str]:
        return {machine.name for machine in self._driver.machines()}

    def see(self, name: str) -> Seen:
        (found,) = (machine for machine in self._driver.machines() if machine.name == name)
        return Seen(
            uuid=found.uuid,
            hardware_uuid=found.hardware_uuid,
            power=found.power,
            group=found.group,
            cpus=found.cpus,
            memory_mib=found.memory_mib,
            nics=tuple(
                Nic(str(nic.attachment), nic.network, nic.promiscuous, nic.mac)
                for nic in found.adapters
            ),
            snapshots=found.snapshots,
            media=tuple(map(str, found.media)),
            labels=dict(found.labels),
        )

    def power(self, name: str) -> str:
        return self.see(name).power

    def media(self) -> set[str]:
        return {str(medium) for machine in self._driver.machines() for medium in machine.media}


_POWERS = {
    "poweroff": Power.OFF,
    "aborted": Power.OFF,
    "running": Power.RUNNING,
    "paused": Power.PAUSED,
    "saved": Power.SAVED,
}
_ATTACHMENTS = {
    "bridged": (Attachment.BRIDGED, "bridgeadapter"),
    "intnet": (Attachment.INTERNAL, "intnet"),
    "hostonly": (Attachment.HOST_ONLY, "hostonlyadapter"),
    "nat": (Attachment.NAT, ""),
}


class VBoxManage:
    """VirtualBox's command line."""

    def names(self) -> set[str]:
        return set(re.findall(r'^"(.*)" \{', run("list", "vms"), re.MULTILINE))

    def see(self, name: str) -> Seen:
        facts = self.facts(name)
        return Seen(
            uuid=facts["UUID"],
            hardware_uuid=facts["hardwareuuid"],
            power=_power(facts),
            group=facts["groups"],
            cpus=int(facts["cpus"]),
            memory_mib=int(facts["memory"]),
            nics=tuple(self._nics(name, facts)),
            snapshots=tuple(
                text for key, text in facts.items() if re.fullmatch(r"SnapshotName[-0-9]*", key)
            ),
            media=tuple(
                facts[key]
                for key in ("SATA-1-0", "SATA-2-0")
                if facts.get(key, "none") not in ("none", "emptydrive")
            ),
            labels=dict(
                re.findall(
                    r"^Key: labkit/(.*), Value: (.*)$",
                    run("getextradata", name, "enumerate"),
                    re.MULTILINE,
                )
            ),
        )

    def power(self, name: str) -> str:
        return _power(self.facts(name))

    def media(self) -> set[str]:
        listed = run("list", "hdds") + run("list", "dvds")
        return set(re.findall(r"^Location: +(.*)$", listed, re.MULTILINE))

    def facts(self, name: str) -> dict[str, str]:
        """`showvminfo --machinereadable`, key by key."""
        lines = run("showvminfo", name, "--machinereadable").splitlines()
        pairs = (line.partition("=") for line in lines if "=" in line)
        return {key.strip('"'): text.strip('"') for key, _, text in pairs}

    def _nics(self, name: str, facts: dict[str, str]) -> list[Nic]:
        # The policy is not in the part for machines.
        policies = dict(
            re.findall(
                r"^NIC (\d+): .*Promisc Policy: ([a-z-]+)",
                run("showvminfo", name),
                re.MULTILINE,
            )
        )
        nics = []
        for slot in range(1, 9):
            kind = facts.get(f"nic{slot}", "none")
            if kind == "none":
                continue
            attachment, key = _ATTACHMENTS[kind]
            nics.append(
                Nic(
                    attachment=attachment,
                    network=facts[f"{key}{slot}"] if key else "",
                    promiscuous=policies[str(slot)] == "allow-all",
                    mac=facts[f"macaddress{slot}"],
                )
            )
        return nics


def _power(facts: dict[str, str]) -> str:
    return _POWERS.get(facts["VMState"], facts["VMState"])


_ANSWERS = ("list", "getextradata")
"""Questions that may be killed. `showvminfo` is none of them: it holds the machine's session
meanwhile, and VirtualBox calls a machine whose holder dies aborted."""
_SECONDS = 1.0


def run(*words: str) -> str:
    """What `VBoxManage` says; it must succeed."""
    inner = Path("/usr/lib/virtualbox/VBoxManage")
    # Debian's wrapper on the path mixes warnings in.
    program = str(inner) if inner.exists() else shutil.which("VBoxManage")
    assert program is not None, "VBoxManage is not installed"
    # Once in some hundred times it misses VBoxSVC's first reply, and waits ten seconds before
    # it asks again. A question takes 0.03 s, and can be asked anew at once.
    patience = [_SECONDS, _SECONDS, None] if words[0] in _ANSWERS else [None]
    for seconds in patience:
        with suppress(subprocess.TimeoutExpired):
            done = subprocess.run(
                [program, *words], capture_output=True, text=True, check=False, timeout=seconds
            )
            assert done.returncode == 0, f"VBoxManage {' '.join(words)}: {done.stderr}"
            return done.stdout
    raise AssertionError("the last one has all the time it wants")
