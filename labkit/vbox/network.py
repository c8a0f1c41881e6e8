"""The computer's network interfaces, as VirtualBox lists them."""

import socket
import sys
from collections.abc import Iterator
from typing import Any

from labkit.errors import ComputerError, LabError
from labkit.vbox.bindings import Bindings
from labkit.vbox.connection import Connection
from labkit.vbox.driver import HostInterface
from labkit.vbox.refusals import asking

_FAR = ("203.0.113.1", 9)
"""An address for documentation: nobody has it, so the way to it is the default route."""

_NONE = "0.0.0.0"  # noqa: S104 - VirtualBox's way to say that there is none
_ADDRESSES = (
    "On Linux, VirtualBox allows 192.168.56.1 to 192.168.63.254 unless /etc/vbox/networks.conf "
    "says otherwise, and needs its kernel module vboxnetadp: `sudo modprobe vboxnetadp`."
)


def bridgeable(bindings: Bindings) -> Iterator[HostInterface]:
    """The interfaces that adapters can be bridged to."""
    constants, default = bindings.constants, _default_address()
    for found in bindings.vbox.host.network_interfaces:
        if found._i.interfaceType != constants.HostNetworkInterfaceType_Bridged:
            continue
        address = _address(found)
        yield HostInterface(
            name=str(found.name),
            address=address,
            netmask=str(found.network_mask) if address else "",
            up=found._i.status == constants.HostNetworkInterfaceStatus_Up,
            wireless=bool(found.wireless),
            default_route=bool(address) and address == default,
        )


def host_only(to: Connection, address: str, netmask: str) -> str:
    """The host-only interface with that address; made where there is none."""
    if sys.platform == "darwin":
        raise ComputerError(
            "VirtualBox on macOS has no host-only interfaces any more.",
            details=f"Wanted: one with the address {address}.",
            hint="Plug in a cable and leave `--lan portable` out.",
        )
    bindings = to.bindings
    what = f"VirtualBox could not give this computer the host-only address {address}."
    try:
        with asking(bindings, what):
            interface = _with_address(bindings, address) or _created(to, what)
            interface.enable_static_ip_config(address, netmask)
            for server in bindings.vbox.dhcp_servers:
                if server.network_name == interface.network_name:
                    # The lab's hosts have addresses of their own.
                    server.enabled = False
            return str(interface.name)
    except LabError as cause:
        raise ComputerError(cause.what, details=cause.details, hint=_ADDRESSES) from cause


def _with_address(bindings: Bindings, address: str) -> Any:
    for found in bindings.vbox.host.network_interfaces:
        if found._i.interfaceType != bindings.constants.HostNetworkInterfaceType_HostOnly:
            continue
        # After the computer has restarted the interface has no address until its first use;
        # VirtualBox remembers here which one it will be.
        kept = bindings.vbox.get_extra_data(f"HostOnly/{found.name}/IPAddress")
        if address in (_address(found), kept):
            return found
    return None


def _created(to: Connection, what: str) -> Any:
    interface, progress = to.bindings.vbox.host.create_host_only_network_interface()
    to.finish(progress, what)
    return interface


def _address(interface: Any) -> str:
    address = str(interface.ip_address)
    return "" if address == _NONE else address


def _default_address() -> str:
    """The computer's own address on its default route. Connecting a datagram socket chooses
    the route and sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_FAR)
        except OSError:  # no route at all
            return ""
        return str(probe.getsockname()[0])
