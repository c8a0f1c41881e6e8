"""A wanted machine, written into VirtualBox's settings.

pyvbox carries what VirtualBox 7 left where it was in 6.1. What it moved (platform, firmware,
CPU properties, audio, a serial port's address) is reached underneath (`._i`).
"""

from typing import Any

from labkit.vbox.bindings import Bindings
from labkit.vbox.driver import AdapterSpec, Attachment, MachineSpec
from labkit.vbox.words import ADAPTERS, CONTROLLER, LABEL, attachment_number

_COM1 = (0x3F8, 4)
_PORTS = 4
_VIDEO_MIB = 16


def apply_common(bindings: Bindings, machine: Any, wanted: MachineSpec) -> None:
    """What a new machine and a clone have in common."""
    constants = bindings.constants
    machine.cpu_count = wanted.cpus
    machine.memory_size = wanted.memory_mib
    machine._i.setGroups([wanted.group])
    x86 = machine._i.platform.x86
    x86.setCPUProperty(constants.CPUPropertyTypeX86_HWVirt, wanted.nested)
    _apply_serial(bindings, machine, wanted)
    for slot in range(max(ADAPTERS, len(wanted.adapters))):
        adapter = machine.get_network_adapter(slot)
        if slot < len(wanted.adapters):
            _apply_adapter(bindings, adapter, wanted.adapters[slot])
        elif adapter.enabled:
            adapter.enabled = False
    # A clone brings its source's labels along.
    for key in machine.get_extra_data_keys():
        if key.startswith(LABEL):
            machine.set_extra_data(key, "")
    for key, text in wanted.labels.items():
        machine.set_extra_data(LABEL + key, text)


def apply_hardware(bindings: Bindings, machine: Any, wanted: MachineSpec) -> None:
    """What only a new machine needs: a clone has its source's."""
    constants, raw = bindings.constants, machine._i
    # A nested Xen takes VirtualBox's paravirtualization interface for that of another
    # hypervisor underneath, and goes astray.
    raw.paravirtProvider = constants.ParavirtProvider_None
    platform = raw.platform
    platform.chipsetType = constants.ChipsetType_ICH9
    platform.RTCUseUTC = True
    for name in ("PAE", "LongMode", "APIC"):
        platform.x86.setCPUProperty(getattr(constants, f"CPUPropertyTypeX86_{name}"), True)
    firmware = constants.FirmwareType_EFI if wanted.firmware == "efi" else None
    raw.firmwareSettings.firmwareType = firmware or constants.FirmwareType_BIOS
    raw.firmwareSettings.IOAPICEnabled = True
    # Nobody sits before it to press F12: seconds at every start.
    raw.firmwareSettings.bootMenuMode = constants.FirmwareBootMenuMode_Disabled
    raw.firmwareSettings.logoFadeIn = raw.firmwareSettings.logoFadeOut = False
    raw.graphicsAdapter.VRAMSize = _VIDEO_MIB
    raw.audioSettings.adapter.enabled = False
    # An empty disk falls through to the DVD, an installed one wins: no endless installation.
    for place, device in enumerate(("HardDisk", "DVD", "Null", "Null"), start=1):
        raw.setBootOrder(place, getattr(constants, f"DeviceType_{device}"))
    controller = machine.add_storage_controller(CONTROLLER, bindings.library.StorageBus.sata)
    raw_controller = controller._i
    raw_controller.controllerType = constants.StorageControllerType_IntelAhci
    raw_controller.portCount = _PORTS
    raw_controller.useHostIOCache = True


def _apply_serial(bindings: Bindings, machine: Any, wanted: MachineSpec) -> None:
    constants, port = bindings.constants, machine.get_serial_port(0)._i
    if wanted.serial_file is None:
        port.hostMode = constants.PortMode_Disconnected
        port.enabled = False
        return
    port.enabled = True
    port.IOAddress, port.IRQ = _COM1
    port.uartType = constants.UartType_U16550A
    # In this order: a file mode without a path is refused.
    port.path = str(wanted.serial_file)
    port.hostMode = constants.PortMode_RawFile


def _apply_adapter(bindings: Bindings, adapter: Any, wanted: AdapterSpec) -> None:
    constants, raw = bindings.constants, adapter._i
    adapter.enabled = True
    adapter.cable_connected = True
    raw.adapterType = constants.NetworkAdapterType_I82540EM
    raw.attachmentType = attachment_number(bindings, wanted.attachment)
    match wanted.attachment:
        case Attachment.BRIDGED:
            adapter.bridged_interface = wanted.network
        case Attachment.INTERNAL:
            adapter.internal_network = wanted.network
        case Attachment.HOST_ONLY:
            adapter.host_only_interface = wanted.network
        case Attachment.NAT:
            pass
    raw.promiscModePolicy = (
        constants.NetworkAdapterPromiscModePolicy_AllowAll
        if wanted.promiscuous
        else constants.NetworkAdapterPromiscModePolicy_Deny
    )
    if wanted.mac:
        adapter.mac_address = wanted.mac
