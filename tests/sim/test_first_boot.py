"""An installed disk starts: a clone becomes itself by its identity medium, and XAPI comes up."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from labkit.sim.computer import Computer, open_computer
from labkit.vbox.driver import AdapterSpec, Attachment, Machine, Power, Stop
from tests.sim.pretend import ANSWERS, MACS, POST, Medium, identity, install, power, screen, spec


def clone(
    computer: Computer,
    home: Path,
    name: str = "xcp00",
    *,
    medium: Medium | None = None,
    who: Path | None = None,
    **changed: object,
) -> Machine:
    """A linked clone of a fresh installation, started."""
    if not computer.driver.machines():
        install(computer, home, medium)
        computer.driver.take_snapshot("golden", "installed")
    made = computer.driver.clone("golden", "installed", spec(home, name, **changed))
    if who is not None:
        computer.driver.insert(name, 0, who)
    computer.driver.start(name)
    return made


def on_disk(home: Path, name: str = "xcp00") -> dict[str, Any]:
    """What is installed on a machine, as the world keeps it."""
    world = json.loads((home / "sim" / "world.json").read_text().splitlines()[-1])
    found: dict[str, Any] = world["machines"][name]["disk"]["system"]
    return found


def booted(computer: Computer, home: Path, name: str = "xcp00") -> str:
    """What the serial file says when all has had time to start."""
    computer.clock.sleep(120)
    return (home / f"{name}.log").read_text()


def test_a_clone_becomes_who_its_medium_says(computer: Computer, tmp_path: Path) -> None:
    clone(computer, tmp_path, who=identity(tmp_path / "who"))
    text = booted(computer, tmp_path)
    assert "(XEN)" in text
    assert "labkit: this is now xcp00, 192.168.1.200" in text
    assert "Started XenAPI server" in text
    assert "xcp00 login:" in screen(computer)
    (golden,) = (m for m in computer.driver.machines() if m.name == "golden")
    assert golden.power is Power.OFF


def test_either_drive_will_do(computer: Computer, tmp_path: Path) -> None:
    made = clone(computer, tmp_path)
    computer.driver.stop(made.name, Stop.CUT)
    computer.driver.insert(made.name, 1, identity(tmp_path / "who"))
    computer.driver.start(made.name)
    assert "this is now xcp00" in booted(computer, tmp_path)


@pytest.mark.parametrize("missing", ["HOST_UUID", "MACS", "PROTO", "ROOT_HASH"])
def test_half_an_identity_changes_nothing(computer: Computer, tmp_path: Path, missing: str) -> None:
    clone(computer, tmp_path, who=identity(tmp_path / "who", **{missing: ""}))
    assert f"nothing was changed: the medium says no {missing}" in booted(computer, tmp_path)


def test_without_a_medium_a_clone_stays_what_was_installed(
    computer: Computer, tmp_path: Path
) -> None:
    clone(computer, tmp_path)
    assert "no medium labelled LABKIT" in booted(computer, tmp_path)
    assert "localhost login:" in screen(computer)


@pytest.mark.parametrize(
    "post",
    [
        "#!/bin/sh\nexit 0\n",
        POST.replace("xapi.service", "sshd.service"),
        POST.replace("ln -s", "# ln -s").replace(".wants/labkit.service", ""),
        POST.replace("ExecStart=/bin/sh /usr/libexec/labkit-identity", "ExecStart=/bin/true"),
        POST.replace("MACHINE_ID", ""),
    ],
)
def test_a_script_that_installs_no_hook_makes_no_identity(
    computer: Computer, tmp_path: Path, post: str
) -> None:
    clone(computer, tmp_path, medium=Medium(post=post), who=identity(tmp_path / "who"))
    assert "labkit:" not in booted(computer, tmp_path)


def test_only_the_first_boot_reads_the_medium(computer: Computer, tmp_path: Path) -> None:
    clone(computer, tmp_path, who=identity(tmp_path / "who"))
    booted(computer, tmp_path)
    computer.driver.stop("xcp00", Stop.BUTTON)
    computer.clock.sleep(30)
    assert power(computer) is Power.OFF
    computer.driver.insert("xcp00", 0, identity(tmp_path / "other", HOSTNAME="another"))
    computer.driver.start("xcp00")
    assert "labkit:" not in booted(computer, tmp_path)
    assert "xcp00 login:" in screen(computer)


def test_the_power_button_ends_an_operating_system_after_a_while(
    computer: Computer, tmp_path: Path
) -> None:
    clone(computer, tmp_path, who=identity(tmp_path / "who"))
    booted(computer, tmp_path)
    slow = open_computer(tmp_path / "sim", speed=1)
    slow.driver.pause("xcp00")
    slow.driver.stop("xcp00", Stop.BUTTON)
    assert power(slow) is Power.RUNNING
    computer.clock.sleep(30)
    assert power(computer) is Power.OFF
    assert "Stopping all services" in (tmp_path / "xcp00.log").read_text()


def test_the_reset_button_starts_the_disk_again(computer: Computer, tmp_path: Path) -> None:
    clone(computer, tmp_path, who=identity(tmp_path / "who"))
    booted(computer, tmp_path)
    computer.driver.reset("xcp00")
    text = booted(computer, tmp_path)
    assert text.count("Started XenAPI server") == 2
    assert text.count("this is now") == 1


def test_without_a_root_password_the_first_boot_asks_for_one(
    computer: Computer, tmp_path: Path
) -> None:
    start, end = ANSWERS.index("<root-password"), ANSWERS.index("<source")
    clone(computer, tmp_path, medium=Medium(answers=ANSWERS[:start] + ANSWERS[end:]))
    assert "XenAPI" not in booted(computer, tmp_path)
    assert "specify a password" in screen(computer)


def test_an_interface_that_is_not_there_is_missed_at_boot(
    computer: Computer, tmp_path: Path
) -> None:
    clone(computer, tmp_path, medium=Medium(answers=ANSWERS.replace("eth0", "eth7")))
    assert "XenAPI" not in booted(computer, tmp_path)
    assert "No network configured" in screen(computer)


def test_an_installation_finds_its_interface_by_the_mac_address(
    computer: Computer, tmp_path: Path
) -> None:
    adapters = tuple(
        AdapterSpec(Attachment.BRIDGED, "enp0s25", mac=mac.replace(":", "")) for mac in MACS
    )
    for name, mac, found in (("own", MACS[1], "eth1"), ("lost", "08:00:27:ff:ff:ff", "")):
        wanted = spec(tmp_path, name, adapters=adapters, labels={"address": "192.168.1.77"})
        computer.driver.create(wanted)
        asked = f'<admin-interface hwaddr="{mac}" proto="dhcp"/>'
        answers = re.sub("<admin-interface.*</admin-interface>", asked, ANSWERS, flags=re.DOTALL)
        medium = Medium(answers=answers).write(tmp_path / name, computer.isos / "xcp-ng-8.3.0.iso")
        computer.driver.insert(name, 0, medium)
        computer.driver.start(name)
        computer.clock.sleep(600)
        management = on_disk(tmp_path, name)["management"]
        assert (management["interface"], management["mode"]) == (found, "dhcp")
        assert management["address"] == ("192.168.1.77" if found else "")
        computer.driver.start(name)
        computer.clock.sleep(120)
        assert ("No network configured" in screen(computer, name)) is (not found)


def test_only_pinned_adapters_keep_their_names(computer: Computer, tmp_path: Path) -> None:
    who = identity(tmp_path / "who", MACS=",".join(reversed(MACS)), INTERFACE="eth2")
    adapters = tuple(AdapterSpec(Attachment.NAT, mac=mac.replace(":", "")) for mac in MACS)
    clone(computer, tmp_path, who=who, adapters=adapters)
    assert "Started XenAPI server" in booted(computer, tmp_path)
    records = on_disk(tmp_path)["database"]["PIF"].values()
    assert {pif["device"]: (pif["MAC"], pif.get("management", False)) for pif in records} == {
        "eth0": (MACS[2], False),
        "eth1": (MACS[1], False),
        "eth2": (MACS[0], True),
    }


def test_a_mac_address_that_no_adapter_has_pins_nothing(computer: Computer, tmp_path: Path) -> None:
    # All three adapters are then new to the host, and named after the last that is pinned.
    macs = ("08:00:27:ff:ff:ff", *MACS[1:])
    adapters = tuple(AdapterSpec(Attachment.NAT, mac=mac.replace(":", "")) for mac in MACS)
    clone(
        computer, tmp_path, who=identity(tmp_path / "who", MACS=",".join(macs)), adapters=adapters
    )
    assert "XenAPI" not in booted(computer, tmp_path)
    assert "No network configured" in screen(computer)


def test_the_rooms_dhcp_server_keeps_the_address_on_the_label(
    computer: Computer, tmp_path: Path
) -> None:
    who = identity(tmp_path / "who", PROTO="dhcp", ADDRESS="192.168.1.99")
    clone(computer, tmp_path, who=who, labels={"address": "192.168.1.77"})
    assert "this is now xcp00, 192.168.1.77" in booted(computer, tmp_path)
    [pif] = [pif for pif in on_disk(tmp_path)["database"]["PIF"].values() if "management" in pif]
    assert (pif["device"], pif["ip_configuration_mode"]) == ("eth0", "DHCP")


def test_no_dhcp_server_answers_but_on_the_rooms_network(
    computer: Computer, tmp_path: Path
) -> None:
    who = identity(tmp_path / "who", PROTO="dhcp", INTERFACE="eth1")
    clone(computer, tmp_path, who=who, labels={"address": "192.168.1.77"})
    booted(computer, tmp_path)
    assert on_disk(tmp_path)["management"]["address"] == ""


def test_a_stranger_to_the_dhcp_server_has_no_address(computer: Computer, tmp_path: Path) -> None:
    clone(computer, tmp_path, who=identity(tmp_path / "who", PROTO="dhcp"))
    booted(computer, tmp_path)
    assert on_disk(tmp_path)["management"]["address"] == ""


def test_another_protocol_changes_nothing(computer: Computer, tmp_path: Path) -> None:
    clone(computer, tmp_path, who=identity(tmp_path / "who", PROTO="autoconf"))
    assert "neither static nor dhcp: autoconf" in booted(computer, tmp_path)


def test_a_live_snapshot_of_a_host_goes_on_from_there(computer: Computer, tmp_path: Path) -> None:
    clone(computer, tmp_path, who=identity(tmp_path / "who"))
    booted(computer, tmp_path)
    computer.driver.take_snapshot("xcp00", "up")
    computer.driver.stop("xcp00", Stop.CUT)
    computer.driver.restore_snapshot("xcp00", "up")
    computer.driver.start("xcp00")
    # VirtualBox begins the file anew, and a machine that goes on has nothing to say.
    assert booted(computer, tmp_path) == ""
    assert "xcp00 login:" in screen(computer)


def test_a_host_is_reached_where_its_address_stands_in(computer: Computer, tmp_path: Path) -> None:
    clone(computer, tmp_path, who=identity(tmp_path / "who"))
    booted(computer, tmp_path)
    assert computer.reach("192.168.1.200").startswith("http://127.0.1.200:")
