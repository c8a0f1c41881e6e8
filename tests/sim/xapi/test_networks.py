"""Networks, VLANs, bonds, and where a host answers."""

import pytest
import XenAPI

from labkit.sim.xapi import node
from labkit.sim.xapi.networks import dhcp
from labkit.sim.xapi.places import database_of, system_of
from tests.sim.xapi.conftest import ADDRESSES, PASSWORD, Computer
from tests.sim.xapi.networks import Net
from tests.sim.xapi.storage import NULL


def bridged(computer: Computer, name: str, slot: int, reserved: str = "") -> None:
    with computer.store.turn() as world:
        machine = world.machines[name]
        machine.adapters[slot]["attachment"] = "bridged"
        machine.labels |= {"address": reserved} if reserved else {}


def test_a_network_takes_the_next_bridge_and_a_sensible_mtu(computer: Computer) -> None:
    net = Net(computer)
    made = [net.network(MTU="0"), net.network(MTU="9000"), net.network(bridge="lab0")]
    assert [net.api.network.get_bridge(each) for each in made] == ["xapi0", "xapi1", "lab0"]
    assert [net.api.network.get_MTU(each) for each in made] == ["1500", "9000", "1500"]
    net.api.network.destroy(made[0])
    assert net.api.network.get_bridge(net.network()) == "xapi0"


def test_a_network_takes_along_what_is_not_plugged_in(computer: Computer) -> None:
    net = Net(computer)
    network = net.network()
    vif = net.guest(network, attached=False)
    net.api.network.destroy(network)
    assert vif not in net.api.VIF.get_all()


def test_purposes_come_and_go(computer: Computer) -> None:
    net = Net(computer)
    network = net.network()
    net.api.network.add_purpose(network, "nbd")
    net.api.network.add_purpose(network, "nbd")
    assert net.api.network.get_purpose(network) == ["nbd"]
    net.api.network.remove_purpose(network, "nbd")
    assert net.api.network.get_purpose(network) == []


def test_a_vlan_is_an_interface_of_its_own(computer: Computer) -> None:
    net = Net(computer)
    network = net.network(MTU="9000")
    tagged = net.pif("eth1")
    vlan = net.api.VLAN.create(tagged, "7", network)
    pif = net.pif_record(net.api.VLAN.get_untagged_PIF(vlan))
    assert pif["currently_attached"]
    assert not pif["physical"]
    assert (pif["device"], pif["VLAN"], pif["VLAN_master_of"]) == ("eth1", "7", vlan)
    assert pif["metrics"] == net.pif_record(tagged)["metrics"]
    assert pif["MTU"] == "9000"
    assert net.pif_record(tagged)["VLAN_slave_of"] == [vlan]
    net.api.VLAN.destroy(vlan)
    assert net.api.network.get_PIFs(network) == []
    assert net.pif_record(tagged)["metrics"] in net.api.PIF_metrics.get_all()
    again = net.api.PIF.create_VLAN("eth1", network, net.host(), "7")
    net.api.PIF.destroy(again)
    assert net.api.VLAN.get_all() == []


def test_a_vlan_on_every_host_of_a_pool(pool: Computer) -> None:
    net = Net(pool)
    network = net.network()
    made = net.api.pool.create_VLAN_from_PIF(net.pif("eth1"), network, "7")
    assert {net.pif_record(pif)["host"] for pif in made} == {net.host(), net.host("xcp01")}
    assert all(net.pif_record(pif)["currently_attached"] for pif in made)
    assert len(net.api.pool.create_VLAN("eth0", net.network("other"), "8")) == 2


def test_a_vlan_is_nowhere_when_one_host_cannot_have_it(pool: Computer) -> None:
    net = Net(pool)
    net.api.VLAN.create(net.pif("eth1", "xcp01"), "7", net.network("theirs"))
    network = net.network()
    with pytest.raises(Exception, match="PIF_VLAN_EXISTS"):
        net.api.pool.create_VLAN_from_PIF(net.pif("eth1"), network, "7")
    assert net.api.network.get_PIFs(network) == []


def test_a_bond_takes_over_what_its_members_had_and_gives_it_back(computer: Computer) -> None:
    net = Net(computer)
    eth0, eth1 = net.pif("eth0"), net.pif("eth1")
    network, tagged, inner = net.network("bonded"), net.network("tagged"), net.network_of(eth1)
    net.api.VLAN.create(eth1, "7", tagged)
    net.api.PIF.set_disallow_unplug(eth1, True)
    vif = net.guest(inner, attached=True, host=net.host())
    before = net.pif_record(eth0)
    bond = net.bond(network=network)
    record = net.api.Bond.get_record(bond)
    assert (record["primary_slave"], sorted(record["slaves"])) == (eth0, sorted([eth0, eth1]))
    assert (record["mode"], record["links_up"]) == ("balance-slb", "2")
    master = net.pif_record(record["master"])
    assert (master["device"], master["MAC"], master["IP"]) == ("bond0", before["MAC"], before["IP"])
    assert master["management"]
    assert master["disallow_unplug"]
    assert net.pif_record(eth0)["ip_configuration_mode"] == "None"
    assert not net.pif_record(eth0)["management"]
    assert not net.pif_record(eth0)["currently_attached"]
    [vlan] = net.api.VLAN.get_all_records().values()
    assert vlan["tagged_PIF"] == record["master"]
    assert net.network_of(vlan["untagged_PIF"]) == tagged
    assert net.api.VIF.get_network(vif) == network
    assert computer.login("xcp00").host.get_management_interface(net.host()) == record["master"]
    net.api.Bond.destroy(bond)
    assert net.api.Bond.get_all() == []
    assert record["master"] not in net.api.PIF.get_all()
    after = net.pif_record(eth0)
    changed = {name for name in before if before[name] != after[name]}
    # What does not go back to where it was, because the bond does not know where that was.
    assert changed == {"VLAN_slave_of", "disallow_unplug"}
    assert net.api.VIF.get_network(vif) == net.network_of(eth0)


def test_a_bond_has_the_properties_of_its_mode(computer: Computer) -> None:
    net = Net(computer)
    bond = net.bond(mode="lacp", properties={"lacp-time": "fast"})
    defaults = {"hashing_algorithm": "tcpudp_ports", "lacp-fallback-ab": "true"}
    assert net.api.Bond.get_properties(bond) == defaults | {"lacp-time": "fast"}
    net.api.Bond.set_property(bond, "lacp-aggregation-key", "5")
    assert net.api.Bond.get_properties(bond)["lacp-aggregation-key"] == "5"
    net.api.Bond.set_mode(bond, "active-backup")
    assert net.api.Bond.get_properties(bond) == {}
    net.api.Bond.set_mode(bond, "lacp")
    assert net.api.Bond.get_properties(bond) == defaults | {"lacp-time": "slow"}


def test_a_joiner_inherits_vlans_and_bonds_after_it_is_enabled(computer: Computer) -> None:
    net = Net(computer)
    tagged = net.network("tagged")
    net.bond(mode="lacp")
    net.api.VLAN.create(net.pif("bond0"), "7", tagged)
    computer.login("xcp01").Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    for _ in range(60):
        computer.passes(1)
        hosts = {each["hostname"]: each for each in net.api.host.get_all_records().values()}
        if len(hosts) == 2 and hosts["xcp01"]["enabled"]:
            break
    assert len(net.api.Bond.get_all()) == 1
    computer.passes(5)
    bonds = net.api.Bond.get_all_records().values()
    assert [bond["mode"] for bond in bonds] == ["lacp", "lacp"]
    there = net.pif_record(net.pif("bond0", "xcp01"))
    assert there["management"]
    assert there["IP"] == "127.0.1.201"
    vlan = net.pif_record(net.pif("bond0", "xcp01", tag=7))
    assert vlan["network"] == tagged
    assert not vlan["currently_attached"]


def test_a_slave_that_starts_again_has_them_once(pool: Computer) -> None:
    net = Net(pool)
    net.api.VLAN.create(net.pif("eth1"), "7", net.network())
    for _ in range(2):
        with pool.store.turn() as world:
            node.xapi_starting(world, world.machines["xcp01"])
        pool.passes(60)
        assert len(net.api.VLAN.get_all()) == 2


def test_a_host_answers_at_its_new_address(computer: Computer) -> None:
    net = Net(computer)
    net.static(net.pif("eth0"), "192.168.1.210")
    with computer.store.turn(reading=True) as world:
        assert system_of(world.machines["xcp00"]).management["address"] == "192.168.1.210"
    url = computer.servers.reach("192.168.1.210")
    assert url.startswith("http://127.0.1.210:")
    session = XenAPI.Session(url)
    session.xenapi.login_with_password("root", PASSWORD, "1.0", "test")
    [host] = session.xenapi.host.get_all()
    assert session.xenapi.host.get_address(host) == "127.0.1.210"
    session("close")()
    with pytest.raises(OSError, match=r".*"):
        computer.login("xcp00")


def test_a_pool_moves_to_another_network_and_goes_on(pool: Computer) -> None:
    net = Net(pool)
    eth1, theirs = net.pif("eth1"), net.pif("eth1", "xcp01")
    net.static(eth1, "192.168.7.1")
    net.static(theirs, "192.168.7.2")
    assert net.pif_record(eth1)["IP"] == "192.168.7.1"
    net.api.pool.management_reconfigure(net.network_of(eth1))
    with pool.store.turn(reading=True) as world:
        db = database_of(world.machines["xcp00"])
        hosts = {db.get("host", each, "address") for each in db.refs("host")}
        assert hosts == {"127.0.7.1", "127.0.7.2"}
        managed = db.where("PIF", management=True)
        assert set(managed) == {eth1, theirs}
        slave = system_of(world.machines["xcp01"])
        assert (slave.pool_conf, slave.management["address"]) == ("slave:127.0.7.1", "192.168.7.2")
        assert slave.management["interface"] == "eth1"
    url = pool.servers.reach("192.168.7.2")
    session = XenAPI.Session(url)
    with pytest.raises(XenAPI.Failure, match="HOST_IS_SLAVE"):
        session.xenapi.login_with_password("root", PASSWORD, "1.0", "test")
    session("close")()


def test_a_host_without_management_is_reached_by_nobody(computer: Computer) -> None:
    net = Net(computer)
    net.api.host.management_disable()
    with pytest.raises(OSError, match=r".*"):
        computer.login("xcp00")


def test_dhcp_gives_what_is_kept_for_a_host_else_an_address_of_its_own(computer: Computer) -> None:
    net = Net(computer)
    eth1 = net.pif("eth1")
    net.api.PIF.reconfigure_ip(eth1, "DHCP", "", "", "", "")
    # VirtualBox's own network has no such server here.
    assert net.pif_record(eth1)["IP"] == ""
    bridged(computer, "xcp00", 1)
    net.api.PIF.reconfigure_ip(eth1, "DHCP", "", "", "", "")
    # The computer itself has the first one.
    assert net.pif_record(eth1)["IP"] == "192.168.1.51"
    bridged(computer, "xcp00", 1, "192.168.1.77")
    net.api.PIF.reconfigure_ip(eth1, "DHCP", "", "", "", "")
    assert net.pif_record(eth1)["IP"] == "192.168.1.77"
    net.api.PIF.reconfigure_ip(eth1, "None", "", "", "", "")
    assert net.pif_record(eth1)["IP"] == ""
    with computer.store.turn(reading=True) as world:
        machine = world.machines["xcp00"]
        machine.adapters.pop()
        assert dhcp.ask(world, database_of(machine), machine, eth1)["address"] == ""


@pytest.mark.parametrize("way", ["scan", "introduce"])
def test_a_forgotten_interface_is_found_again(computer: Computer, way: str) -> None:
    net = Net(computer)
    before = net.pif_record(net.pif("eth1"))
    net.api.PIF.forget(net.pif("eth1"))
    assert before["metrics"] not in net.api.PIF_metrics.get_all()
    if way == "scan":
        net.api.PIF.scan(net.host())
    else:
        net.api.PIF.introduce(net.host(), "", "eth1")
    after = net.pif_record(net.pif("eth1"))
    assert (after["MAC"], after["network"]) == (before["MAC"], before["network"])
    assert net.api.PIF_metrics.get_carrier(after["metrics"])


def test_an_interface_goes_down_and_up_with_its_networks_mtu(computer: Computer) -> None:
    net = Net(computer)
    eth1 = net.pif("eth1")
    net.api.network.set_MTU(net.network_of(eth1), "9000")
    net.api.PIF.unplug(eth1)
    assert not net.pif_record(eth1)["currently_attached"]
    net.api.PIF.plug(eth1)
    assert net.pif_record(eth1)["currently_attached"]
    assert net.pif_record(eth1)["MTU"] == "9000"


def test_ipv6_is_written_down(computer: Computer) -> None:
    net = Net(computer)
    eth1 = net.pif("eth1")
    net.api.PIF.reconfigure_ipv6(eth1, "Static", "fd00::1/64", "fd00::2", "")
    net.api.PIF.set_primary_address_type(eth1, "IPv6")
    record = net.pif_record(eth1)
    assert (record["IPv6"], record["ipv6_gateway"]) == (["fd00::1/64"], "fd00::2")
    assert record["primary_address_type"] == "IPv6"


def test_members_follow_the_properties_of_their_bond(computer: Computer) -> None:
    net = Net(computer)
    bond = net.bond()
    net.api.PIF.set_property(net.api.Bond.get_master(bond), "gro", "off")
    assert net.pif_record(net.pif("eth1"))["properties"] == {"gro": "off"}
    assert net.pif_record(net.pif("eth1"))["bond_slave_of"] == bond != NULL
