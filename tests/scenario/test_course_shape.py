"""6.J as the course fixes it. What the course leaves open may change; none of this may."""

from labkit.scenario.catalogue import shipped
from labkit.scenario.load import load
from labkit.scenario.models import Scenario


def _course() -> Scenario:
    return load(shipped() / "6J.yaml")


def test_the_hosts_are_xcp00_the_master_and_xcp01() -> None:
    scenario = _course()
    assert scenario.name == "6J"
    assert list(scenario.hosts) == ["xcp00", "xcp01"]
    assert scenario.pool is not None
    assert scenario.pool.master == "xcp00"
    assert scenario.members == ("xcp01",)


def test_each_host_has_three_adapters_all_promiscuous() -> None:
    for host in _course().hosts.values():
        assert [nic.promiscuous for nic in host.nics] == ["allow-all"] * 3


def test_the_first_two_adapters_are_bridged_and_the_third_is_internal() -> None:
    scenario = _course()
    for host in scenario.hosts.values():
        attachments = [scenario.networks[nic.network].attachment for nic in host.nics]
        assert attachments == ["bridged", "bridged", "internal"]


def test_the_pool_is_homogeneous_and_the_cpus_are_equal() -> None:
    scenario = _course()
    assert scenario.pool is not None
    assert scenario.pool.kind == "homogeneous"
    assert len({host.cpus for host in scenario.hosts.values()}) == 1


def test_memory_may_differ() -> None:
    scenario = _course()
    hosts = {
        "xcp00": scenario.hosts["xcp00"],
        "xcp01": scenario.hosts["xcp01"].model_copy(update={"memory": 6144}),
    }
    Scenario.model_validate({**dict(scenario), "hosts": hosts})
