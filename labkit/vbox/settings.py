"""A wanted machine, written into VirtualBox's settings.

pyvbox carries what VirtualBox 7 left where it was in 6.1. What it moved (platform, firmware,
CPU properties, audio, a serial port's address) is reached underneath (`._i`). So is whatever
every clone has set: pyvbox asks for the old value each time before it sets a new one, and a
question to VirtualBox's service takes as long as an order.
"""

from typing import Any

from labkit.vbox.bindings import Bindings
from labkit.vbox.driver import Adapter, AdapterSpec, Attachment, MachineSpec
from labkit.vbox.words import ADAPTERS, CONTROLLER, LABEL, attachment_number

_COM1 = (0x3F8, 4)
_PORTS = 4
_VIDEO_MIB = 16


def apply_common(bindings: Bindings, machine: Any, wanted: MachineSpec) -> tuple[Adapter, ...]:
    """What a new machine and a clone have in common. Gives its adapters as they are now: the
    addresses that VirtualBox chose are what is not known beforehand."""
    raw = machine._i
    raw.CPUCount = wanted.cpus
    raw.memorySize = wanted.memory_mib
    # A new machine has the group it was made with; a clone, its source's.
    raw.setGroups([wanted.group])
    raw.platform.x86.setCPUProperty(bindings.constants.CPUPropertyTypeX86_HWVirt, wanted.nested)
    _apply_serial(bindings, raw, wanted)
    adapters = [
        _apply_adapter(bindings, raw.getNetworkAdapter(slot), adapter)
        for slot, adapter in enumerate(wanted.adapters)
    ]
    for slot in range(len(wanted.adapters), ADAPTERS):
        adapter = raw.getNetworkAdapter(slot)
        if adapter.enabled:
            adapter.enabled = False
    _apply_labels(raw, wanted)
    return tuple(adapters)


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


def _apply_labels(raw: Any, wanted: MachineSpec) -> None:
    texts = {LABEL + key: text for key, text in wanted.labels.items()}
    # A clone brings its source's labels along. VirtualBox writes the settings file anew with
    # each change, so none is made twice.
    others = [key for key in raw.getExtraDataKeys() if key.startswith(LABEL) and key not in texts]
    for key, text in (dict.fromkeys(others, "") | texts).items():
        raw.setExtraData(key, text)


def _apply_serial(bindings: Bindings, raw: Any, wanted: MachineSpec) -> None:
    constants, port = bindings.constants, raw.getSerialPort(0)
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


def _apply_adapter(bindings: Bindings, raw: Any, wanted: AdapterSpec) -> Adapter:
    constants = bindings.constants
    raw.enabled = True
    raw.cableConnected = True
    raw.adapterType = constants.NetworkAdapterType_I82540EM
    raw.attachmentType = attachment_number(bindings, wanted.attachment)
    match wanted.attachment:
        case Attachment.BRIDGED:
            raw.bridgedInterface = wanted.network
        case Attachment.INTERNAL:
            raw.internalNetwork = wanted.network
        case Attachment.HOST_ONLY:
            raw.hostOnlyInterface = wanted.network
        case Attachment.NAT:
            pass
    raw.promiscModePolicy = (
        constants.NetworkAdapterPromiscModePolicy_AllowAll
        if wanted.promiscuous
        else constants.NetworkAdapterPromiscModePolicy_Deny
    )
    if wanted.mac:
        raw.MACAddress = wanted.mac
    return Adapter(
        attachment=wanted.attachment,
        network="" if wanted.attachment is Attachment.NAT else wanted.network,
        promiscuous=wanted.promiscuous,
        mac=(wanted.mac or str(raw.MACAddress)).upper(),
    )
