"""What a joining host brings into a pool, and what it finds there."""

from typing import Any

import pytest

from labkit.sim.xapi.database import Database
from labkit.sim.xapi.places import database_of
from tests.sim.xapi.conftest import ADDRESSES, PASSWORD, Computer


def joined(computer: Computer) -> Any:
    computer.login("xcp01").Async.pool.join(ADDRESSES["xcp00"], "root", PASSWORD)
    computer.passes(60)
    return computer.login("xcp00")


def vlan(db: Database, device: str, tag: int, name: str) -> str:
    """A VLAN of the master of these records."""
    [below] = db.where("PIF", device=device, host=db.master)
    network = db.create("network", name_label=name, bridge=f"xapi{tag}")
    untagged = db.create(
        "PIF", device=device, host=db.master, network=network, VLAN=tag, MAC="02:00:00:00:00:01"
    )
    made = db.create("VLAN", tagged_PIF=below, untagged_PIF=untagged, tag=tag)
    db.put("PIF", untagged, VLAN_master_of=made)
    return untagged


def managed_by_vlan(db: Database) -> None:
    pif = vlan(db, "eth0", 9, "Management")
    [old] = db.where("PIF", management=True)
    db.put("PIF", old, management=False)
    db.put("PIF", pif, management=True, IP=db.get("PIF", old, "IP"))


def test_a_private_network_is_made_anew_under_another_bridge(computer: Computer) -> None:
    with computer.store.turn() as world:
        for name in ("xcp00", "xcp01"):
            db = database_of(world.machines[name])
            db.create("network", name_label=f"inside {name}", bridge="xapi0", uuid=f"of-{name}")
    api = joined(computer)
    [theirs] = api.network.get_by_name_label("inside xcp00")
    [mine] = api.network.get_by_name_label("inside xcp01")
    assert (api.network.get_bridge(theirs), api.network.get_bridge(mine)) == ("xapi0", "xapi1")
    assert api.network.get_uuid(mine) != "of-xcp01"


def test_the_member_is_wired_like_its_master(computer: Computer) -> None:
    with computer.store.turn() as world:
        db = database_of(world.machines["xcp00"])
        bonded = db.create("network", name_label="Bond 1", bridge="xapi1")
        master = db.create("PIF", device="bond0", host=db.master, network=bonded, VLAN=-1)
        [member] = db.where("PIF", device="eth1")
        db.put("PIF", member, bond_slave_of=db.create("Bond", master=master, mode="lacp"))
        vlan(db, "bond0", 20, "Storage")
        vlan(db, "eth0", 30, "Guests")
    api = joined(computer)
    host = api.host.get_by_uuid(computer.machine("xcp01").hardware_uuid)
    for name, device, tag in (("Storage", "bond0", "20"), ("Guests", "eth0", "30")):
        [network] = api.network.get_by_name_label(name)
        [pif] = [p for p in api.network.get_PIFs(network) if api.PIF.get_host(p) == host]
        found = api.PIF.get_record(pif)
        assert (found["device"], found["VLAN"], found["physical"]) == (device, tag, False)
        assert api.VLAN.get_tag(found["VLAN_master_of"]) == tag
    mine = [each for each in api.Bond.get_all_records().values()
            if api.PIF.get_host(each["master"]) == host]  # fmt: skip
    assert [(each["mode"], len(each["slaves"])) for each in mine] == [("lacp", 1)]
    # Nothing is made twice at the next start.
    api.host.restart_agent(host)
    computer.passes(60)
    assert (len(api.Bond.get_all()), len(api.VLAN.get_all())) == (2, 4)


@pytest.mark.parametrize("tagged", [False, True])
def test_secrets_come_along_only_with_a_management_vlan(computer: Computer, tagged: bool) -> None:
    with computer.store.turn() as world:
        for name in ("xcp00", "xcp01"):
            db = database_of(world.machines[name])
            if tagged:
                managed_by_vlan(db)
        db.create("secret", value="of xcp01")
        db.create("PVS_site", name_label="site", PVS_uuid="1")
    api = joined(computer)
    assert len(api.secret.get_all()) == len(api.PVS_site.get_all()) == (1 if tagged else 0)
    if tagged:
        managed = [pif for pif in api.PIF.get_all_records().values() if pif["management"]]
        assert len({pif["network"] for pif in managed}) == 1
        assert [pif["VLAN"] for pif in managed] == ["9", "9"]
        assert len(api.VLAN.get_all()) == 2


def test_certificates_are_exchanged(computer: Computer) -> None:
    with computer.store.turn() as world:
        for name in ("xcp00", "xcp01"):
            db = database_of(world.machines[name])
            db.create("Certificate", type="ca", name=f"{name}.pem", fingerprint=name)
            db.create("Certificate", type="ca", name="both.pem", fingerprint="same")
    api = joined(computer)
    found = api.Certificate.get_all_records().values()
    names = sorted(each["name"] for each in found if each["type"] == "ca")
    assert names == ["both.pem", "xcp00.pem", "xcp01.pem"]
    for host in api.host.get_all_records().values():
        kinds = [api.Certificate.get_type(each) for each in host["certificates"]]
        assert sorted(kinds) == ["host", "host_internal"]


def test_what_people_noted_about_a_host_comes_along(computer: Computer) -> None:
    api = computer.login("xcp01")
    api.host.add_to_other_config(api.host.get_all()[0], "rack", "7")
    api = joined(computer)
    host = api.host.get_by_uuid(computer.machine("xcp01").hardware_uuid)
    assert api.host.get_other_config(host) == {"rack": "7"}


def test_the_level_of_a_pool_may_rise_again(computer: Computer) -> None:
    with computer.store.turn() as world:
        world.machines["xcp01"].cpus = 3
    api = joined(computer)
    pool = api.pool.get_all()[0]
    assert api.pool.get_cpu_info(pool)["cpu_count"] == "5"
    api.Async.pool.eject(api.host.get_by_uuid(computer.machine("xcp01").hardware_uuid))
    computer.passes(6)
    assert api.pool.get_cpu_info(pool)["cpu_count"] == "2"
