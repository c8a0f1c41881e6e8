"""The scripts that run in a host, run for real: by every shell here, in a folder that holds
what an installation leaves."""

import hashlib
import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from labkit.media.boot import postinstall
from labkit.media.generations import GENERATIONS
from labkit.media.identity import write_identity
from tests.media.conftest import HASH
from tests.media.test_identity import identity

SHELLS = [path for name in ("sh", "bash") if (path := shutil.which(name))]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="they run in a host, not on Windows")

GOLDEN_UUID = "aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa"
GOLDEN_DOM0 = "bbbbbbbb-0000-4000-8000-bbbbbbbbbbbb"
DISK = "/dev/disk/by-id/ata-VBOX_HARDDISK_VB12345678-9abcdef0"
RULES = "etc/sysconfig/network-scripts/interface-rename-data"

INSTALLED = {
    # As the installer of 8.3 leaves it, before the first boot.
    "etc/xensource-inventory": f"""\
PRODUCT_BRAND='XCP-ng'
PRODUCT_VERSION='8.3.0'
PLATFORM_NAME='XCP'
PARTITION_LAYOUT='ROOT,BACKUP,LOG,BOOT,SWAP,SR'
PRIMARY_DISK='{DISK}'
BACKUP_PARTITION='{DISK}-part2'
INSTALLATION_UUID='{GOLDEN_UUID}'
CONTROL_DOMAIN_UUID='{GOLDEN_DOM0}'
DOM0_MEM='1232'
MANAGEMENT_INTERFACE=''
MANAGEMENT_ADDRESS_TYPE='IPv4'
""",
    "etc/sysconfig/xencommons": f"""\
#XENCONSOLED_TRACE=[none|guest|hv|all]
XEN_DOM0_UUID={GOLDEN_DOM0}
XENSTORED_ARGS=
""",
    "etc/machine-id": "ffffffffffffffffffffffffffffffff\n",
    "etc/hostname": "labkit-golden\n",
    "etc/shadow": "root:$6$golden$hash:19000:0:99999:7:::\nbin:*:17632:0:99999:7:::\n",
    "etc/iscsi/initiatorname.iscsi": "InitiatorName=iqn.1994-05.com.redhat:fedcba987654\n",
    "etc/firstboot.d/data/management.conf": "LABEL='eth0'\nMODE='dhcp'\nMODEV6='none'\n",
    "etc/firstboot.d/data/default-storage.conf": f"""\
XSPARTITIONS='{DISK}-part3'
XSTYPE='ext'
PARTITIONS='{DISK}-part3'
TYPE='ext'
""",
    "etc/firstboot.d/data/sr-multipathing.conf": "MULTIPATHING_ENABLED='False'\n",
    f"{RULES}/static-rules.conf": "# Static rules\n",
    f"{RULES}/dynamic-rules.json": '{"lastboot": [["08:00:27:00:00:01", "0000:00:03.0", "eth0"]]}',
    "etc/ssh/sshd_config": "PermitRootLogin yes\n",
}

AFTER = {
    "etc/xensource-inventory": INSTALLED["etc/xensource-inventory"]
    .replace(GOLDEN_UUID, "1b1c1d1e-0000-4000-8000-00000000000a")
    .replace(GOLDEN_DOM0, "2b2c2d2e-0000-4000-8000-00000000000b"),
    "etc/sysconfig/xencommons": INSTALLED["etc/sysconfig/xencommons"].replace(
        GOLDEN_DOM0, "2b2c2d2e-0000-4000-8000-00000000000b"
    ),
    "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "etc/hostname": "xcp00\n",
    "etc/shadow": INSTALLED["etc/shadow"].replace("$6$golden$hash", HASH),
    "etc/iscsi/initiatorname.iscsi": "InitiatorName=iqn.1994-05.com.redhat:1b1c1d1e0000\n",
    "etc/firstboot.d/data/management.conf": """\
LABEL='eth0'
MODE='static'
IP='192.168.1.10'
NETMASK='255.255.255.0'
GATEWAY='192.168.1.1'
DNS='192.168.1.1,9.9.9.9'
MODEV6='none'
""",
    "etc/firstboot.d/data/default-storage.conf": """\
XSPARTITIONS='/dev/sda3'
XSTYPE='ext'
PARTITIONS='/dev/sda3'
TYPE='ext'
""",
    "etc/firstboot.d/data/sr-multipathing.conf": "MULTIPATHING_ENABLED='False'\n",
    f"{RULES}/static-rules.conf": """\
eth0:mac="08:00:27:00:00:0a"
eth1:mac="08:00:27:00:00:0b"
eth2:mac="08:00:27:00:00:0c"
""",
    "etc/ssh/sshd_config": "PermitRootLogin yes\n",
    "etc/resolv.conf": "nameserver 192.168.1.1\nnameserver 9.9.9.9\n",
    "var/lib/labkit/identity": "1b1c1d1e-0000-4000-8000-00000000000a\n",
}


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def root(tmp_path: Path, shell: str) -> Path:
    """An installed host that the postinstall script has been at."""
    place = tmp_path / "new root"
    for name, text in INSTALLED.items():
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (place / "etc/shadow").chmod(0o600)
    (place / "dev").mkdir()
    (place / "dev/console").write_text("")
    install(place, shell)
    # The medium, as if it were mounted.
    write_identity(tmp_path / "medium", identity())
    (place / "run/labkit-identity").mkdir(parents=True)
    shutil.copy(tmp_path / "medium/identity", place / "run/labkit-identity/identity")
    return place


def install(root: Path, shell: str) -> None:
    script = root.parent / "postinstall.sh"
    script.write_text(postinstall(GENERATIONS["xcp-ng-8.3"]))
    done = subprocess.run([shell, script, root], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def run_hook(root: Path, shell: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shell, root / "usr/libexec/labkit-identity"],
        env={"LABKIT_ROOT": str(root), "LABKIT_WAIT": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def contents(root: Path) -> dict[str, str]:
    """All of the host's own files but its log and what labkit has put there."""
    return {
        str(file.relative_to(root)): file.read_text()
        for folder in ("etc", "var")
        for file in (root / folder).rglob("*")
        if file.is_file() and "labkit-identity" not in file.name
    }


def test_a_first_boot_makes_the_clone_itself(root: Path, shell: str) -> None:
    done = run_hook(root, shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert contents(root) == AFTER


def test_files_keep_their_modes(root: Path, shell: str) -> None:
    run_hook(root, shell)
    modes = {
        name: oct(stat.S_IMODE((root / name).stat().st_mode))
        for name in ("etc/shadow", "etc/machine-id", "etc/hostname", "etc/xensource-inventory")
    }
    assert modes == {
        "etc/shadow": "0o600",
        "etc/machine-id": "0o444",
        "etc/hostname": "0o644",
        "etc/xensource-inventory": oct(
            stat.S_IMODE((root / "etc/sysconfig/xencommons").stat().st_mode)
        ),
    }


def test_a_second_boot_changes_nothing(root: Path, shell: str) -> None:
    run_hook(root, shell)
    # xapi has been there since.
    (root / "var/lib/xcp").mkdir(parents=True)
    (root / "var/lib/xcp/state.db").write_text("")
    (root / "etc/hostname").write_text("renamed\n")
    before = contents(root)
    assert run_hook(root, shell).returncode == 0
    assert contents(root) == before
    assert "already" in (root / "var/log/labkit-identity.log").read_text()


def test_a_run_killed_at_any_file_is_finished_by_the_next(
    root: Path, shell: str, tmp_path: Path
) -> None:
    whole = (root / "usr/libexec/labkit-identity").read_text()
    rename = 'mv -f "$1.labkit" "$1"'
    assert whole.count(rename) == 2
    # Killed right before or right after the file of some number is renamed: between two
    # renames nothing changes that a next run looks at.
    die = 'echo >>"$root/n"; [ "$(wc -l <"$root/n")" -lt @ ] || { kill -9 $$; exit 9; }'
    number = 0
    while True:
        number += 1
        place = tmp_path / f"killed at {number}"
        shutil.copytree(root, place, symlinks=True)
        hook = place / "usr/libexec/labkit-identity"
        for order in (f"{die}; {rename}", f"{rename}; {die}"):
            hook.write_text(whole.replace(rename, order.replace("@", str(number))))
            (place / "n").unlink(missing_ok=True)
            done = run_hook(place, shell)
        hook.write_text(whole)
        assert run_hook(place, shell).returncode == 0
        assert contents(place) == AFTER
        shutil.rmtree(place)
        if done.returncode == 0:
            break
    assert number > 10


@pytest.mark.parametrize("trace", ["var/lib/xcp/state.db", "var/lib/misc/ran-network-init"])
def test_a_host_that_has_booted_before_is_left_alone(root: Path, shell: str, trace: str) -> None:
    (root / trace).parent.mkdir(parents=True, exist_ok=True)
    (root / trace).write_text("")
    before = contents(root)
    assert run_hook(root, shell).returncode == 1
    assert contents(root) == before
    assert f"there is /{trace}" in (root / "var/log/labkit-identity.log").read_text()


def test_without_a_medium_nothing_is_changed(root: Path, shell: str) -> None:
    (root / "run/labkit-identity/identity").unlink()
    before = contents(root)
    assert run_hook(root, shell).returncode == 1
    assert contents(root) == before
    assert "no medium labelled LABKIT" in (root / "dev/console").read_text()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ADDRESS='$(touch /tmp/x)'", "ADDRESS"),
        ("ADDRESS='1.2.3.4|e touch'", "ADDRESS"),
        ("HOSTNAME='a b'", "HOSTNAME"),
        ("ROOT_HASH='a&b'", "ROOT_HASH"),
        ("HOST_UUID=''", "HOST_UUID"),
        ("GATEWAY='`id`'", "GATEWAY"),
        ("MACHINE_ID=0123", "MACHINE_ID"),
        ("MACS=''", "MACS"),
        ("MACS='08:00:27:00:00:0a 08:00:27:00:00:0b'", "MACS"),
        ("PROTO=''", "PROTO"),
        ("PROTO='autoconf'", "neither static nor dhcp: autoconf"),
    ],
)
def test_a_medium_that_says_something_else_changes_nothing(
    root: Path, shell: str, line: str, said: str
) -> None:
    file = root / "run/labkit-identity/identity"
    key = line.partition("=")[0]
    lines = [line if old.startswith(f"{key}=") else old for old in file.read_text().splitlines()]
    file.write_text("\n".join(lines) + "\n")
    before = contents(root)
    assert run_hook(root, shell).returncode == 1
    assert contents(root) == before
    assert said in (root / "var/log/labkit-identity.log").read_text()


def test_an_isolated_host_gets_no_gateway_and_no_name_servers(root: Path, shell: str) -> None:
    give(root, gateway="", dns=())
    run_hook(root, shell)
    conf = (root / "etc/firstboot.d/data/management.conf").read_text()
    assert "GATEWAY" not in conf
    assert "DNS" not in conf
    assert not (root / "etc/resolv.conf").exists()


def give(root: Path, **values: Any) -> None:
    """Another medium."""
    write_identity(root.parent / "other", identity(**values))
    shutil.copy(root.parent / "other/identity", root / "run/labkit-identity/identity")


def test_a_host_that_asks_by_dhcp_is_told_no_addresses(root: Path, shell: str) -> None:
    give(root, mode="dhcp")
    assert run_hook(root, shell).returncode == 0
    assert contents(root) == {
        name: text for name, text in AFTER.items() if name != "etc/resolv.conf"
    } | {"etc/firstboot.d/data/management.conf": "LABEL='eth0'\nMODE='dhcp'\nMODEV6='none'\n"}


def test_any_adapter_can_be_for_management(root: Path, shell: str) -> None:
    give(root, adapter=2)
    assert run_hook(root, shell).returncode == 0
    name = "etc/firstboot.d/data/management.conf"
    assert contents(root) == {**AFTER, name: AFTER[name].replace("eth0", "eth2")}


@pytest.mark.parametrize(("before", "after"), [("xenbr0", "xenbr2"), ("", "")])
def test_a_bridge_that_the_installer_named_is_that_of_the_adapter(
    root: Path, shell: str, before: str, after: str
) -> None:
    # Of the bridge in the inventory the network daemon makes the management interface.
    file = root / "etc/xensource-inventory"
    line = "MANAGEMENT_INTERFACE='{}'\n"
    file.write_text(
        INSTALLED["etc/xensource-inventory"].replace(line.format(""), line.format(before))
    )
    give(root, adapter=2)
    assert run_hook(root, shell).returncode == 0
    wanted = AFTER["etc/xensource-inventory"].replace(line.format(""), line.format(after))
    assert file.read_text() == wanted


def test_adapters_are_pinned_where_there_were_no_rules(root: Path, shell: str) -> None:
    shutil.rmtree(root / RULES)
    give(root, macs=("08:00:27:00:00:0f",))
    assert run_hook(root, shell).returncode == 0
    assert (root / RULES / "static-rules.conf").read_text() == 'eth0:mac="08:00:27:00:00:0f"\n'


def test_a_host_without_local_storage_stays_without(root: Path, shell: str) -> None:
    (root / "etc/firstboot.d/data/default-storage.conf").unlink()
    assert run_hook(root, shell).returncode == 0
    assert not (root / "etc/firstboot.d/data/default-storage.conf").exists()


def test_what_a_golden_machine_never_had_is_added_where_it_belongs(root: Path, shell: str) -> None:
    inventory = root / "etc/xensource-inventory"
    inventory.write_text("PLATFORM_NAME='XCP'\n")
    (root / "etc/ssh/ssh_host_rsa_key").write_text("key")
    assert run_hook(root, shell).returncode == 0
    assert inventory.read_text() == (
        "PLATFORM_NAME='XCP'\n"
        "INSTALLATION_UUID='1b1c1d1e-0000-4000-8000-00000000000a'\n"
        "CONTROL_DOMAIN_UUID='2b2c2d2e-0000-4000-8000-00000000000b'\n"
    )
    assert not (root / "etc/ssh/ssh_host_rsa_key").exists()


def test_it_says_what_it_did_but_never_the_hash(root: Path, shell: str) -> None:
    done = run_hook(root, shell)
    log = (root / "var/log/labkit-identity.log").read_text()
    console = (root / "dev/console").read_text()
    assert "wrote /etc/machine-id" in log
    assert "changed /etc/shadow" in log
    assert "labkit: this is now xcp00, 192.168.1.10, host 1b1c1d1e" in console
    for text in (log, console, done.stdout, done.stderr):
        assert HASH not in text
        assert HASH.split("$")[3] not in text


def test_the_hook_runs_before_anything_of_xen(root: Path) -> None:
    unit = (root / "etc/systemd/system/labkit-identity.service").read_text()
    before = {
        name
        for line in unit.splitlines()
        if line.startswith("Before=")
        for name in line.removeprefix("Before=").split()
    }
    assert before >= {
        "sysinit.target",
        "interface-rename.service",
        "xenstored.service",
        "xcp-networkd.service",
        "xapi.service",
        "network-init.service",
        "storage-init.service",
        "sshd-keygen.service",
    }
    assert "DefaultDependencies=no" in unit
    link = root / "etc/systemd/system/sysinit.target.wants/labkit-identity.service"
    assert link.is_symlink()
    assert link.resolve() == (root / "etc/systemd/system/labkit-identity.service").resolve()
    assert os.access(root / "usr/libexec/labkit-identity", os.X_OK)


def test_the_installers_script_may_run_twice(root: Path, shell: str) -> None:
    def fingerprint() -> str:
        return hashlib.sha256(
            (root / "usr/libexec/labkit-identity").read_bytes()
            + (root / "etc/systemd/system/labkit-identity.service").read_bytes()
        ).hexdigest()

    before = fingerprint()
    install(root, shell)
    assert fingerprint() == before


def test_the_installers_script_fails_where_there_is_no_host(tmp_path: Path, shell: str) -> None:
    script = tmp_path / "postinstall.sh"
    script.write_text(postinstall(GENERATIONS["xcp-ng-8.3"]))
    (tmp_path / "root").mkdir()
    done = subprocess.run([shell, script, tmp_path / "root"], capture_output=True, check=False)
    assert done.returncode == 1
    assert not any((tmp_path / "root").iterdir())


def test_the_installer_accepts_its_interpreter() -> None:
    # It looks at the first 40 bytes of the first line.
    first = postinstall(GENERATIONS["xcp-ng-8.3"]).splitlines()[0]
    assert first in ("#!/bin/sh", "#!/bin/bash")
