"""The hook on a host of 2012: an init script, CentOS 5's files, and no more than its tools.

Run for real, by every shell here, in a folder that holds what such an installation leaves.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from labkit.media.boot import postinstall
from labkit.media.generations import GENERATIONS
from labkit.media.identity import write_identity
from tests.media.conftest import HASH
from tests.media.test_hook import RULES, SHELLS, contents
from tests.media.test_identity import identity

pytestmark = pytest.mark.skipif(os.name != "posix", reason="they run in a host, not on Windows")

GOLDEN_UUID = "aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa"
DISK = "/dev/disk/by-id/scsi-SATA_VBOX_HARDDISK_VB12345678-9abcdef0"
INSTALLED = {
    "etc/xensource-inventory": f"""\
PRODUCT_BRAND='XCP'
PRODUCT_NAME='xcp'
PRODUCT_VERSION='1.6.10'
PRIMARY_DISK='{DISK}'
INSTALLATION_UUID='{GOLDEN_UUID}'
CONTROL_DOMAIN_UUID='bbbbbbbb-0000-4000-8000-bbbbbbbbbbbb'
MANAGEMENT_INTERFACE='xenbr0'
""",
    "etc/sysconfig/network": "NETWORKING=yes\nHOSTNAME=labkit-golden\nPMTU_DISCOVERY=no\n",
    "etc/shadow": "root:$1$golden$hash:15000:0:99999:7:::\nbin:*:15000:0:99999:7:::\n",
    "etc/firstboot.d/data/management.conf": "LABEL='eth0'\nMODE='dhcp'\n",
    "etc/firstboot.d/data/default-storage.conf": f"XSPARTITIONS='{DISK}-part3'\nXSTYPE='ext'\n",
    "etc/iscsi/initiatorname.iscsi": "InitiatorName=iqn.1994-05.com.redhat:fedcba987654\n",
    f"{RULES}/static-rules.conf": "",
    f"{RULES}/dynamic-rules.json": '{"lastboot": [["08:00:27:00:00:01", "0000:00:03.0", "eth0"]]}',
}
AFTER = {
    "etc/xensource-inventory": INSTALLED["etc/xensource-inventory"]
    .replace(GOLDEN_UUID, "1b1c1d1e-0000-4000-8000-00000000000a")
    .replace("bbbbbbbb-0000-4000-8000-bbbbbbbbbbbb", "2b2c2d2e-0000-4000-8000-00000000000b"),
    "etc/sysconfig/network": "NETWORKING=yes\nHOSTNAME=xcp00\nPMTU_DISCOVERY=no\n",
    "etc/shadow": INSTALLED["etc/shadow"].replace("$1$golden$hash", HASH),
    "etc/firstboot.d/data/management.conf": """\
LABEL='eth0'
MODE='static'
IP='192.168.1.10'
NETMASK='255.255.255.0'
GATEWAY='192.168.1.1'
DNS='192.168.1.1,9.9.9.9'
MODEV6='none'
""",
    "etc/firstboot.d/data/default-storage.conf": "XSPARTITIONS='/dev/sda3'\nXSTYPE='ext'\n",
    "etc/iscsi/initiatorname.iscsi": "InitiatorName=iqn.1994-05.com.redhat:1b1c1d1e0000\n",
    f"{RULES}/static-rules.conf": """\
eth0:mac="08:00:27:00:00:0a"
eth1:mac="08:00:27:00:00:0b"
eth2:mac="08:00:27:00:00:0c"
""",
    "etc/resolv.conf": "nameserver 192.168.1.1\nnameserver 9.9.9.9\n",
    "var/lib/labkit/identity": "1b1c1d1e-0000-4000-8000-00000000000a\n",
}
TOOLS = "cat chmod cp cut date grep head hostname ln mkdir mount mv rm sed sleep sync tr umount"
"""Of coreutils 5.97, grep 2.5, sed 4.1 and util-linux 2.13."""


@pytest.fixture(params=["xcp-1.6", "xenserver-6.2"])
def generation(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def root(tmp_path: Path, shell: str, generation: str) -> Path:
    """An installed host of 2012 that the postinstall script has been at."""
    place = tmp_path / "new root"
    for name, text in INSTALLED.items():
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (place / "etc/shadow").chmod(0o600)
    (place / "dev").mkdir()
    (place / "dev/console").touch()
    script = tmp_path / "postinstall.sh"
    script.write_text(postinstall(GENERATIONS[generation]))
    for _ in range(2):
        done = subprocess.run([shell, script, place], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    write_identity(tmp_path / "medium", identity())
    (place / "var/run/labkit-identity").mkdir(parents=True)
    shutil.copy(tmp_path / "medium/identity", place / "var/run/labkit-identity/identity")
    return place


def run_hook(root: Path, shell: str) -> subprocess.CompletedProcess[str]:
    """With a search path that has nothing but the tools of 2012 on it."""
    tools = root.parent / "tools"
    tools.mkdir(exist_ok=True)
    for name in TOOLS.split():
        found = shutil.which(name)
        if found and not (tools / name).exists():
            (tools / name).symlink_to(found)
    hook = root / "usr/libexec/labkit-identity"
    whole = hook.read_text()
    path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"
    assert whole.count(path) == 1
    tried = root.parent / "hook"
    tried.write_text(whole.replace(path, f"PATH={tools}\n"))
    return subprocess.run(
        [shell, tried],
        env={"LABKIT_ROOT": str(root), "LABKIT_WAIT": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def own(root: Path) -> dict[str, str]:
    """The host's own files: without the medium and the init script."""
    left_out = ("etc/rc.d/", "var/run/")
    return {name: text for name, text in contents(root).items() if not name.startswith(left_out)}


def test_a_first_boot_makes_the_clone_itself(root: Path, shell: str) -> None:
    done = run_hook(root, shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert own(root) == AFTER


def test_the_third_adapter_can_ask_by_dhcp(root: Path, shell: str) -> None:
    write_identity(root.parent / "other", identity(adapter=2, mode="dhcp"))
    shutil.copy(root.parent / "other/identity", root / "var/run/labkit-identity/identity")
    assert run_hook(root, shell).returncode == 0
    conf, inventory = "etc/firstboot.d/data/management.conf", "etc/xensource-inventory"
    wanted = AFTER | {
        conf: "LABEL='eth2'\nMODE='dhcp'\nMODEV6='none'\n",
        inventory: AFTER[inventory].replace("xenbr0", "xenbr2"),
    }
    del wanted["etc/resolv.conf"]
    assert own(root) == wanted


def test_a_second_boot_changes_nothing(root: Path, shell: str) -> None:
    run_hook(root, shell)
    (root / "var/xapi").mkdir()
    (root / "var/xapi/state.db").write_text("")
    before = contents(root)
    assert run_hook(root, shell).returncode == 0
    assert contents(root) == before


def test_a_host_that_has_booted_before_is_left_alone(root: Path, shell: str) -> None:
    (root / "var/xapi").mkdir(parents=True)
    (root / "var/xapi/state.db").write_text("")
    before = contents(root)
    assert run_hook(root, shell).returncode == 1
    assert contents(root) == before


@pytest.mark.parametrize("before", [None, "", "NETWORKING=yes\n"])
def test_the_name_is_added_where_the_network_had_none(
    root: Path, shell: str, before: str | None
) -> None:
    file = root / "etc/sysconfig/network"
    if before is None:
        file.unlink()
    else:
        file.write_text(before)
    assert run_hook(root, shell).returncode == 0
    assert file.read_text() == "NETWORKING=yes\nHOSTNAME=xcp00\n"


def test_init_starts_it_before_everything_of_xen(root: Path, shell: str) -> None:
    """As /etc/rc does: all names that begin with S, in the order of the names."""
    seen = root.parent / "seen"
    inventory = root / "etc/xensource-inventory"
    init = root / "etc/rc.d/init.d"
    starter = init / "labkit-identity"
    told = starter.read_text()
    hook = f"/bin/sh {root.as_posix()!r}/usr/libexec/labkit-identity"
    assert told.count("/bin/sh /usr/libexec/labkit-identity") == 1
    starter.write_text(told.replace("/bin/sh /usr/libexec/labkit-identity", hook))
    # xapi has 23, in its own header; the others only stand for what comes sooner.
    for number, name in (("01", "xenstored"), ("10", "network"), ("20", "fe"), ("23", "xapi")):
        other = root / f"etc/rc.d/rc3.d/S{number}{name}"
        other.write_text(f"#!/bin/sh\necho {name} >>'{seen}'\ncat '{inventory}' >>'{seen}'\n")
    loop = f"for i in '{root}'/etc/rc.d/rc3.d/S*; do {shell} \"$i\" start; done"
    done = subprocess.run(
        [shell, "-c", loop],
        env={"LABKIT_ROOT": str(root), "LABKIT_WAIT": "0", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0
    text = seen.read_text()
    assert text.startswith("xenstored\n")
    assert text.count("INSTALLATION_UUID='1b1c1d1e-0000-4000-8000-00000000000a'") == 4
    assert GOLDEN_UUID not in text


def test_every_level_a_host_runs_in_starts_it(root: Path) -> None:
    for level in (2, 3, 4, 5):
        link = root / f"etc/rc.d/rc{level}.d/S00labkit-identity"
        assert link.is_symlink()
        assert link.resolve() == (root / "etc/rc.d/init.d/labkit-identity").resolve()
    assert not (root / "etc/systemd").exists()
    assert os.access(root / "etc/rc.d/init.d/labkit-identity", os.X_OK)


def test_the_boot_goes_on_when_the_hook_refuses(root: Path, shell: str) -> None:
    starter = root / "etc/rc.d/init.d/labkit-identity"
    failing = starter.read_text().replace("/usr/libexec/labkit-identity", "/nowhere")
    starter.write_text(failing)
    for word, code in (("start", 0), ("stop", 0), ("status", 0)):
        done = subprocess.run([shell, starter, word], capture_output=True, check=False)
        assert done.returncode == code
    assert "chkconfig: 2345 00 99" in failing
