"""What XAPI refuses about networks, each with its code and parameters."""

from collections.abc import Callable

import pytest

from tests.sim.xapi.conftest import Computer
from tests.sim.xapi.networks import Net
from tests.sim.xapi.storage import failure

Case = Callable[[Net], tuple[list[str], list[str]]]
"""Answers what was refused with, and what it is to be."""


def bridge(name: str) -> Case:
    def case(net: Net) -> tuple[list[str], list[str]]:
        refused = failure(lambda: net.network(bridge=name))
        return refused, ["INVALID_VALUE", "bridge", name]

    return case


def bridge_there(net: Net) -> tuple[list[str], list[str]]:
    net.network(bridge="lab0")
    return failure(lambda: net.network(bridge="lab0")), ["BRIDGE_NAME_EXISTS", "lab0"]


def network_with_vif(net: Net) -> tuple[list[str], list[str]]:
    network = net.network()
    vif = net.guest(network, attached=True, host=net.host())
    return failure(net.api.network.destroy, network), ["NETWORK_CONTAINS_VIF", vif]


def network_with_pifs(net: Net) -> tuple[list[str], list[str]]:
    network = net.network_of(net.pif("eth1"))
    pifs = net.api.network.get_PIFs(network)
    return failure(net.api.network.destroy, network), ["NETWORK_CONTAINS_PIF", *pifs]


def network_of_the_system(net: Net) -> tuple[list[str], list[str]]:
    [network] = net.api.network.get_by_name_label("Host internal management network")
    return failure(net.api.network.destroy, network), ["CANNOT_DESTROY_SYSTEM_NETWORK", network]


def locking_in_use(net: Net) -> tuple[list[str], list[str]]:
    network = net.network()
    vif = net.guest(network, attached=True, host=net.host())
    refused = failure(net.api.network.set_default_locking_mode, network, "disabled")
    return refused, ["VIF_IN_USE", network, vif]


def purposes(net: Net) -> tuple[list[str], list[str]]:
    net.api.network.add_purpose(net.network(), "nbd")
    refused = failure(net.api.network.add_purpose, net.network("other"), "insecure_nbd")
    return refused, ["NETWORK_INCOMPATIBLE_PURPOSES", "insecure_nbd", "nbd"]


def vlan_tag(tag: int) -> Case:
    def case(net: Net) -> tuple[list[str], list[str]]:
        refused = failure(net.api.VLAN.create, net.pif("eth1"), str(tag), net.network())
        return refused, ["VLAN_TAG_INVALID", str(tag)]

    return case


def vlan_there(net: Net) -> tuple[list[str], list[str]]:
    net.api.VLAN.create(net.pif("eth1"), "7", net.network())
    refused = failure(net.api.VLAN.create, net.pif("eth1"), "7", net.network("other"))
    return refused, ["PIF_VLAN_EXISTS", "eth1"]


def vlan_on_a_member(net: Net) -> tuple[list[str], list[str]]:
    net.bond()
    pif = net.pif("eth1")
    refused = failure(net.api.VLAN.create, pif, "7", net.network())
    return refused, ["CANNOT_ADD_VLAN_TO_BOND_SLAVE", pif]


def vlan_on_a_vlan(net: Net) -> tuple[list[str], list[str]]:
    net.api.VLAN.create(net.pif("eth1"), "7", net.network())
    pif = net.pif("eth1", tag=7)
    return failure(net.api.VLAN.create, pif, "8", net.network("other")), ["PIF_IS_VLAN", pif]


def vlan_where_the_host_is(net: Net) -> tuple[list[str], list[str]]:
    network = net.network_of(net.pif("eth0"))
    refused = failure(net.api.VLAN.create, net.pif("eth1"), "7", network)
    return refused, ["NETWORK_ALREADY_CONNECTED", net.host(), net.pif("eth0")]


def vlan_in_use(net: Net) -> tuple[list[str], list[str]]:
    network = net.network()
    vlan = net.api.VLAN.create(net.pif("eth1"), "7", network)
    vif = net.guest(network, attached=True, host=net.host())
    return failure(net.api.VLAN.destroy, vlan), ["VIF_IN_USE", network, vif]


def vlan_unmanaged(net: Net) -> tuple[list[str], list[str]]:
    pif = net.pif("eth1")
    net.put("PIF", pif, managed=False)
    return failure(net.api.VLAN.create, pif, "7", net.network()), ["PIF_UNMANAGED", pif]


def bond_of_none(net: Net) -> tuple[list[str], list[str]]:
    refused = failure(net.api.Bond.create, net.network(), [], "", "lacp", {})
    return refused, ["PIF_BOND_NEEDS_MORE_MEMBERS"]


def bond_across_hosts(net: Net) -> tuple[list[str], list[str]]:
    members = [net.pif("eth1"), net.pif("eth1", "xcp01")]
    refused = failure(net.api.Bond.create, net.network(), members, "")
    return refused, ["PIF_CANNOT_BOND_CROSS_HOST"]


def bonded_already(net: Net) -> tuple[list[str], list[str]]:
    net.bond()
    pif = net.pif("eth1")
    return failure(net.api.Bond.create, net.network(), [pif], ""), ["PIF_ALREADY_BONDED", pif]


def bond_of_a_vlan(net: Net) -> tuple[list[str], list[str]]:
    net.api.VLAN.create(net.pif("eth1"), "7", net.network())
    members = [net.pif("eth1", tag=7)]
    refused = failure(net.api.Bond.create, net.network("other"), members, "")
    return refused, ["PIF_VLAN_EXISTS", "eth1"]


def bond_of_two_addresses(net: Net) -> tuple[list[str], list[str]]:
    net.static(net.pif("eth1"), "10.0.0.1")
    return failure(net.bond), ["PIF_BOND_MORE_THAN_ONE_IP"]


def bond_of_unlike(net: Net) -> tuple[list[str], list[str]]:
    net.api.PIF.set_property(net.pif("eth1"), "gro", "off")
    return failure(net.bond), ["INCOMPATIBLE_PIF_PROPERTIES"]


def bond_mac(net: Net) -> tuple[list[str], list[str]]:
    refused = failure(net.api.Bond.create, net.network(), [net.pif("eth1")], "12:34")
    return refused, ["MAC_INVALID", "12:34"]


def bond_where_the_host_is(net: Net) -> tuple[list[str], list[str]]:
    pif = net.pif("eth1")
    refused = failure(net.api.Bond.create, net.network_of(pif), [pif], "")
    return refused, ["NETWORK_ALREADY_CONNECTED", net.host(), pif]


def bond_property(net: Net) -> tuple[list[str], list[str]]:
    refused = failure(lambda: net.bond(mode="lacp", properties={"lacp-time": "never"}))
    return refused, ["INVALID_VALUE", "properties", "lacp-time = never"]


def bond_property_of_another_mode(net: Net) -> tuple[list[str], list[str]]:
    refused = failure(net.api.Bond.set_property, net.bond(), "lacp-time", "fast")
    return refused, ["INVALID_VALUE", "properties", "lacp-time = fast"]


def bond_with_ha(net: Net) -> tuple[list[str], list[str]]:
    [pool] = net.api.pool.get_all()
    net.put("pool", pool, ha_enabled=True)
    return failure(net.bond), ["HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE"]


def offline(net: Net) -> tuple[list[str], list[str]]:
    pif, host, network = net.pif("eth1", "xcp01"), net.host("xcp01"), net.network()
    with net.computer.store.turn() as world:
        memory = world.machines["xcp01"].memory
        assert memory is not None
        memory.xapi = "down"
    return failure(net.api.VLAN.create, pif, "7", network), ["HOST_OFFLINE", host]


def address(**wrong: str) -> Case:
    def case(net: Net) -> tuple[list[str], list[str]]:
        given = {"IP": "10.0.0.1", "netmask": "255.0.0.0", "gateway": ""} | wrong
        refused = failure(
            net.api.PIF.reconfigure_ip, net.pif("eth1"), "Static", *given.values(), ""
        )
        return refused, ["INVALID_IP_ADDRESS_SPECIFIED", next(iter(wrong))]

    return case


def no_address_for_management(net: Net) -> tuple[list[str], list[str]]:
    pif = net.pif("eth0")
    refused = failure(net.api.PIF.reconfigure_ip, pif, "None", "", "", "", "")
    return refused, ["PIF_IS_MANAGEMENT_INTERFACE", pif]


def ipv6(text: str, *params: str) -> Case:
    def case(net: Net) -> tuple[list[str], list[str]]:
        refused = failure(net.api.PIF.reconfigure_ipv6, net.pif("eth1"), "Static", text, "", "")
        return refused, ["INVALID_IP_ADDRESS_SPECIFIED", *params]

    return case


def primary_of_management(net: Net) -> tuple[list[str], list[str]]:
    pif = net.pif("eth0")
    refused = failure(net.api.PIF.set_primary_address_type, pif, "IPv6")
    return refused, ["PIF_IS_MANAGEMENT_INTERFACE", pif]


def unplug_management(net: Net) -> tuple[list[str], list[str]]:
    pif = net.pif("eth0")
    return failure(net.api.PIF.unplug, pif), ["PIF_IS_MANAGEMENT_INTERFACE", pif]


def unplug_in_use(net: Net) -> tuple[list[str], list[str]]:
    pif = net.pif("eth1")
    vif = net.guest(net.network_of(pif), attached=True, host=net.host())
    return failure(net.api.PIF.unplug, pif), ["VIF_IN_USE", net.network_of(pif), vif]


def unplug_disallowed(net: Net) -> tuple[list[str], list[str]]:
    pif = net.pif("eth1")
    net.api.PIF.set_disallow_unplug(pif, True)
    return failure(net.api.PIF.unplug, pif), ["PIF_DOES_NOT_ALLOW_UNPLUG", pif]


def plug_a_member(net: Net) -> tuple[list[str], list[str]]:
    net.bond()
    pif = net.pif("eth1")
    return failure(net.api.PIF.plug, pif), ["CANNOT_PLUG_BOND_SLAVE", pif]


def property_of_a_member(net: Net) -> tuple[list[str], list[str]]:
    net.bond()
    pif = net.pif("eth1")
    refused = failure(net.api.PIF.set_property, pif, "gro", "off")
    return refused, ["CANNOT_CHANGE_PIF_PROPERTIES", pif]


def property_unknown(net: Net) -> tuple[list[str], list[str]]:
    refused = failure(net.api.PIF.set_property, net.pif("eth1"), "gro", "maybe")
    return refused, ["INVALID_VALUE", "properties", "gro = maybe"]


def forget_a_member(net: Net) -> tuple[list[str], list[str]]:
    net.bond()
    pif = net.pif("eth1")
    return failure(net.api.PIF.forget, pif), ["PIF_ALREADY_BONDED", pif]


def forget_under_a_vlan(net: Net) -> tuple[list[str], list[str]]:
    net.api.VLAN.create(net.pif("eth1"), "7", net.network())
    pif = net.pif("eth1")
    return failure(net.api.PIF.forget, pif), ["PIF_VLAN_STILL_EXISTS", pif]


def forget_a_slaves_management(net: Net) -> tuple[list[str], list[str]]:
    pif = net.pif("eth0", "xcp01")
    return failure(net.api.PIF.forget, pif), ["PIF_IS_MANAGEMENT_INTERFACE", pif]


def destroy_a_physical_one(net: Net) -> tuple[list[str], list[str]]:
    return failure(net.api.PIF.destroy, net.pif("eth1")), ["PIF_IS_PHYSICAL"]


def introduce_twice(net: Net) -> tuple[list[str], list[str]]:
    refused = failure(net.api.PIF.introduce, net.host(), "", "eth1")
    return refused, ["DUPLICATE_PIF_DEVICE_NAME", "eth1"]


def introduce_nothing(net: Net) -> tuple[list[str], list[str]]:
    mac = "02:00:00:00:00:01"
    refused = failure(net.api.PIF.introduce, net.host(), mac, "eth9")
    code = "COULD_NOT_FIND_NETWORK_INTERFACE_WITH_SPECIFIED_DEVICE_NAME_AND_MAC_ADDRESS"
    return refused, [code, "eth9", mac]


def introduce_badly(net: Net) -> tuple[list[str], list[str]]:
    return failure(net.api.PIF.introduce, net.host(), "x", "eth9"), ["MAC_INVALID", "x"]


def vlan_of_no_device(net: Net) -> tuple[list[str], list[str]]:
    refused = failure(net.api.PIF.create_VLAN, "eth9", net.network(), net.host(), "7")
    return refused, ["INVALID_VALUE", "device", "eth9"]


def manage_by_nothing(net: Net) -> tuple[list[str], list[str]]:
    network = net.network()
    net.api.VLAN.create(net.pif("eth1"), "7", network)
    refused = failure(net.api.pool.management_reconfigure, network)
    return refused, ["PIF_NOT_PRESENT", net.host("xcp01"), network]


def manage_without_address(net: Net) -> tuple[list[str], list[str]]:
    net.static(net.pif("eth1"), "10.0.1.1")
    network = net.network_of(net.pif("eth1"))
    refused = failure(net.api.pool.management_reconfigure, network)
    return refused, ["PIF_HAS_NO_NETWORK_CONFIGURATION", net.pif("eth1", "xcp01")]


def manage_host_without_address(net: Net) -> tuple[list[str], list[str]]:
    pif = net.pif("eth1")
    refused = failure(net.api.host.management_reconfigure, pif)
    return refused, ["PIF_HAS_NO_NETWORK_CONFIGURATION", pif]


def manage_by_a_member(net: Net) -> tuple[list[str], list[str]]:
    net.bond()
    pif = net.pif("eth1")
    return failure(net.api.host.management_reconfigure, pif), ["CANNOT_PLUG_BOND_SLAVE", pif]


def manage_where_no_dhcp_is(net: Net) -> tuple[list[str], list[str]]:
    pif = net.pif("eth1")
    net.api.PIF.reconfigure_ip(pif, "DHCP", "", "", "", "")
    return failure(net.api.host.management_reconfigure, pif), ["INTERFACE_HAS_NO_IP", "xenbr1"]


def manage_with_ha(net: Net) -> tuple[list[str], list[str]]:
    [pool] = net.api.pool.get_all()
    net.put("pool", pool, ha_enabled=True)
    network = net.network_of(net.pif("eth0"))
    return failure(net.api.pool.management_reconfigure, network), ["HA_IS_ENABLED"]


def manage_by_unlike(net: Net) -> tuple[list[str], list[str]]:
    pif = net.pif("eth0", "xcp01")
    net.put("PIF", pif, primary_address_type="IPv6")
    network = net.network_of(pif)
    refused = failure(net.api.pool.management_reconfigure, network)
    return refused, ["PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE", pif]


def local_reconfigure(net: Net) -> tuple[list[str], list[str]]:
    refused = failure(net.api.host.local_management_reconfigure, "xenbr1")
    return refused, ["POOL_NOT_IN_EMERGENCY_MODE"]


def tunnel(net: Net) -> tuple[list[str], list[str]]:
    refused = failure(net.api.tunnel.create, net.pif("eth1"), net.network())
    return refused, ["NOT_IMPLEMENTED", "tunnel.create"]


def sriov(net: Net) -> tuple[list[str], list[str]]:
    refused = failure(net.api.network_sriov.create, net.pif("eth1"), net.network())
    return refused, ["NOT_IMPLEMENTED", "network_sriov.create"]


ALONE: dict[str, Case] = {
    "bridge of XAPI": bridge("xapi9"),
    "bridge of Xen": bridge("xenbr9"),
    "bridge like an interface": bridge("eth9"),
    "bridge like a VIF": bridge("vif9"),
    "bridge like a tap": bridge("tap9"),
    "bridge too long": bridge("a" * 16),
    "bridge there": bridge_there,
    "network with VIF": network_with_vif,
    "network with PIFs": network_with_pifs,
    "network of the system": network_of_the_system,
    "locking mode in use": locking_in_use,
    "purposes": purposes,
    "tag too small": vlan_tag(-1),
    "tag too large": vlan_tag(4095),
    "VLAN there": vlan_there,
    "VLAN on a member": vlan_on_a_member,
    "VLAN on a VLAN": vlan_on_a_vlan,
    "VLAN where the host is": vlan_where_the_host_is,
    "VLAN in use": vlan_in_use,
    "VLAN on what is unmanaged": vlan_unmanaged,
    "bond of none": bond_of_none,
    "bonded already": bonded_already,
    "bond of a VLAN": bond_of_a_vlan,
    "bond of two addresses": bond_of_two_addresses,
    "bond of unlike": bond_of_unlike,
    "bond's MAC": bond_mac,
    "bond where the host is": bond_where_the_host_is,
    "bond's property": bond_property,
    "property of another mode": bond_property_of_another_mode,
    "bond with HA": bond_with_ha,
    "IP": address(IP="10.0.0"),
    "no IP": address(IP=""),
    "netmask": address(netmask="no"),
    "gateway": address(gateway="no"),
    "no address for management": no_address_for_management,
    "IPv6": ipv6("fd00:::1/64", "IPv6"),
    "IPv6 length": ipv6("fd00::1/200", "Prefix length must be between 0 and 128"),
    "IPv6 without length": ipv6(
        "fd00::1", "Prefix length must be specified (format: <ipv6>/<prefix>"
    ),
    "primary of management": primary_of_management,
    "unplug management": unplug_management,
    "unplug in use": unplug_in_use,
    "unplug disallowed": unplug_disallowed,
    "plug a member": plug_a_member,
    "property of a member": property_of_a_member,
    "property unknown": property_unknown,
    "forget a member": forget_a_member,
    "forget under a VLAN": forget_under_a_vlan,
    "destroy a physical one": destroy_a_physical_one,
    "introduce twice": introduce_twice,
    "introduce nothing": introduce_nothing,
    "introduce badly": introduce_badly,
    "VLAN of no device": vlan_of_no_device,
    "manage without address": manage_host_without_address,
    "manage by a member": manage_by_a_member,
    "manage where no DHCP is": manage_where_no_dhcp_is,
    "manage with HA": manage_with_ha,
    "manage locally": local_reconfigure,
    "tunnel": tunnel,
    "SR-IOV": sriov,
}

TOGETHER: dict[str, Case] = {
    "bond across hosts": bond_across_hosts,
    "forget a slave's management": forget_a_slaves_management,
    "host offline": offline,
    "manage all by nothing": manage_by_nothing,
    "manage all without address": manage_without_address,
    "manage all by unlike": manage_by_unlike,
}


@pytest.mark.parametrize("case", ALONE.values(), ids=ALONE)
def test_a_host_refuses(computer: Computer, case: Case) -> None:
    refused, wanted = case(Net(computer))
    assert refused == wanted


@pytest.mark.parametrize("case", TOGETHER.values(), ids=TOGETHER)
def test_a_pool_refuses(pool: Computer, case: Case) -> None:
    refused, wanted = case(Net(pool))
    assert refused == wanted
