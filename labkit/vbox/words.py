"""VirtualBox's words in labkit's: powers, adapters, snapshots, machines as found.

Numbers are compared with VirtualBox's own. pyvbox's enumerations are of VirtualBox 6.1, and
for machine states silently wrong: 7.0 put `AbortedSaved` in the middle, so that what pyvbox
calls `Paused` is running. Where pyvbox knows no name for a number it raises, so even those
it has right are read from the object underneath (`._i`).
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from labkit.vbox.bindings import Bindings
from labkit.vbox.driver import Adapter, Attachment, Machine, MachineSpec, Power

LABEL = "labkit/"
"""What the extra data keys of labkit's labels begin with."""
CONTROLLER = "SATA"
DRIVES = (1, 2)
"""SATA ports of the two DVD drives."""
ADAPTERS = 8
"""Slots looked at. The ICH9 chipset has 36, VirtualBox's own window shows four."""

_POWERS = {
    "PoweredOff": Power.OFF,
    "Aborted": Power.OFF,
    "Teleported": Power.OFF,
    "Saved": Power.SAVED,
    "AbortedSaved": Power.SAVED,
    "Running": Power.RUNNING,
    "Paused": Power.PAUSED,
    "Stuck": Power.BROKEN,
}
_ATTACHMENTS = {
    "Bridged": Attachment.BRIDGED,
    "Internal": Attachment.INTERNAL,
    "HostOnly": Attachment.HOST_ONLY,
    "NAT": Attachment.NAT,
}


def absolute(path: Path) -> Path:
    """The path as VirtualBox keeps it: from the root, without `..`, symbolic links as they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` follows symbolic links


def power_of(bindings: Bindings, machine: Any) -> Power:
    """Whether the machine runs."""
    return _power(bindings, machine) if machine.accessible else Power.BROKEN


def _power(bindings: Bindings, machine: Any) -> Power:
    state = machine._i.state
    for name, power in _POWERS.items():
        if state == getattr(bindings.constants, f"MachineState_{name}"):
            return power
    return Power.CHANGING


def died(bindings: Bindings, machine: Any) -> bool:
    """Whether the last program that had its session, be it the one it ran in, ended without
    giving it back."""
    constants = bindings.constants
    return machine._i.state in (constants.MachineState_Aborted, constants.MachineState_AbortedSaved)


def attachment_number(bindings: Bindings, attachment: Attachment) -> int:
    """VirtualBox's number for what an adapter is plugged into."""
    name = next(name for name, word in _ATTACHMENTS.items() if word is attachment)
    return int(getattr(bindings.constants, f"NetworkAttachmentType_{name}"))


def name_of(machine: Any) -> str:
    """Its name. That of a machine VirtualBox cannot read is unknown even to VirtualBox; its
    settings file is called the same."""
    return str(machine.name) if machine.accessible else Path(machine.settings_file_path).stem


def as_found(bindings: Bindings, machine: Any) -> Machine:
    """A machine in labkit's words."""
    folder = Path(machine.settings_file_path).parent
    if not machine.accessible:
        return Machine(
            name=name_of(machine),
            uuid=str(machine.id_p),
            hardware_uuid="",
            power=Power.BROKEN,
            group="",
            cpus=0,
            memory_mib=0,
            adapters=(),
            snapshots=(),
            labels={},
            folder=folder,
        )
    return Machine(
        name=str(machine.name),
        uuid=str(machine.id_p),
        hardware_uuid=str(machine.hardware_uuid).lower(),
        power=_power(bindings, machine),
        group=str(next(iter(machine.groups), "/")),
        cpus=int(machine.cpu_count),
        memory_mib=int(machine.memory_size),
        adapters=tuple(_adapters(bindings, machine)),
        snapshots=tuple(str(snapshot.name) for snapshot in snapshots_of(machine)),
        labels={
            key.removeprefix(LABEL): str(machine.get_extra_data(key))
            for key in machine.get_extra_data_keys()
            if key.startswith(LABEL)
        },
        folder=folder,
        media=tuple(Path(medium.location) for _, medium in dvds_of(bindings, machine)),
    )


def as_made(machine: Any, wanted: MachineSpec, adapters: tuple[Adapter, ...]) -> Machine:
    """A machine that has just been made, in labkit's words. Only what VirtualBox chose is asked
    for; `as_found` would say the same."""
    return Machine(
        name=wanted.name,
        uuid=str(machine._i.id),
        hardware_uuid=str(machine._i.hardwareUUID).lower(),
        power=Power.OFF,
        group=wanted.group,
        cpus=wanted.cpus,
        memory_mib=wanted.memory_mib,
        adapters=adapters,
        snapshots=(),
        # VirtualBox takes an empty one for none.
        labels={key: text for key, text in wanted.labels.items() if text},
        folder=absolute(wanted.folder),
    )


def snapshots_of(machine: Any) -> list[Any]:
    """All snapshots of a machine, oldest first."""
    if machine.snapshot_count == 0:
        return []
    found, todo = [], [machine.find_snapshot("")]
    while todo:
        snapshot = todo.pop()
        found.append(snapshot)
        todo.extend(snapshot.children)
    return sorted(found, key=lambda snapshot: int(snapshot.time_stamp))


def dvds_of(bindings: Bindings, machine: Any) -> Iterator[tuple[int, Any]]:
    """The DVD media inserted in a machine, with the port of their drives."""
    inserted = []
    for attachment in machine.medium_attachments:
        if attachment._i.type != bindings.constants.DeviceType_DVD:
            continue
        medium = attachment.medium
        # pyvbox wraps an empty drive's nothing, too.
        if medium._i is not None:
            inserted.append((int(attachment.port), medium))
    yield from sorted(inserted, key=lambda found: found[0])


def _adapters(bindings: Bindings, machine: Any) -> Iterator[Adapter]:
    constants = bindings.constants
    for slot in range(ADAPTERS):
        adapter = machine._i.getNetworkAdapter(slot)
        if not adapter.enabled:
            continue
        kind = adapter.attachmentType
        attachment = next(
            (
                word
                for name, word in _ATTACHMENTS.items()
                if kind == getattr(constants, f"NetworkAttachmentType_{name}")
            ),
            None,
        )
        allow_all = constants.NetworkAdapterPromiscModePolicy_AllowAll
        yield Adapter(
            attachment=attachment,
            network=_network(adapter, attachment),
            promiscuous=adapter.promiscModePolicy == allow_all,
            mac=str(adapter.MACAddress).upper(),
        )


def _network(adapter: Any, attachment: Attachment | None) -> str:
    match attachment:
        case Attachment.BRIDGED:
            return str(adapter.bridgedInterface)
        case Attachment.INTERNAL:
            return str(adapter.internalNetwork)
        case Attachment.HOST_ONLY:
            return str(adapter.hostOnlyInterface)
        case _:
            return ""
