"""The digest tells whether two scenarios want the same lab."""

from pathlib import Path

import pytest

from labkit.scenario.catalogue import shipped
from labkit.scenario.digest import digest
from labkit.scenario.load import load

COURSE = (shipped() / "6J.yaml").read_text(encoding="utf-8")


def _digest(tmp_path: Path, old: str = "", new: str = "") -> str:
    assert old in COURSE
    path = tmp_path / "6J.yaml"
    path.write_text(COURSE.replace(old, new, 1), encoding="utf-8")
    return digest(load(path))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Homogeneous", "title: Another"),
        ("  generation: xcp-ng-8.3", "  root_password: secret\n  generation: xcp-ng-8.3"),
        ("# 6.J", "# The"),
        ("    cpus: 2  ", "    #cpus: 2  "),
        ("memory: 4 GiB", "memory: 4096 MiB"),
        (", promiscuous: allow-all", ""),
    ],
)
def test_what_changes_nothing_in_a_lab_does_not_change_it(
    old: str, new: str, tmp_path: Path
) -> None:
    assert _digest(tmp_path, old, new) == _digest(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: 6J", "name: 6K"),
        ("memory: 4 GiB", "memory: 5 GiB"),
        ("192.168.1.201", "192.168.1.202"),
        ("attachment: internal", "attachment: host-only"),
        ("master: xcp00", "master: xcp01"),
        ("local: ext", "local: lvm"),
        ("allow-all}", "deny}"),
    ],
)
def test_what_changes_a_lab_changes_it(old: str, new: str, tmp_path: Path) -> None:
    assert _digest(tmp_path, old, new) != _digest(tmp_path)


def test_it_is_the_same_on_every_computer_and_tomorrow(tmp_path: Path) -> None:
    # It stands on machines that exist: when this changes, every lab seems to have changed.
    path = tmp_path / "lab.yaml"
    path.write_text(
        "name: lab\n"
        "installer: {generation: xcp-ng-8.3}\n"
        "networks: {lan: {attachment: bridged, cidr: 10.0.0.0/24}}\n"
        "hosts: {one: {address: 10.0.0.10, nics: [{network: lan}]}}\n",
        encoding="utf-8",
    )
    assert digest(load(path)) == "88dc388bfe64"
