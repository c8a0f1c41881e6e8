"""The scripts that make a storage server, run for real: by every shell here, in a folder that
holds what Debian's installer leaves."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from labkit.media.debian.identity import write_identity
from labkit.media.debian.medium import last_script, preseed
from labkit.media.debian.progress import read_log
from tests.media.conftest import HASH
from tests.media.nas import nas_answers, nas_identity

SHELLS = [path for name in ("sh", "bash") if (path := shutil.which(name))]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="they run in a server, not on Windows")

KEYGEN = '#!/bin/sh\necho "$*" >"$4/etc/ssh/ssh_host_ed25519_key"\n'
"""In the place of the program that makes keys, which not every computer has."""

INSTALLED = {
    "etc/debian_version": "12.7\n",
    "etc/machine-id": "ffffffffffffffffffffffffffffffff\n",
    "etc/hostname": "labkit-golden\n",
    "etc/hosts": "127.0.0.1\tlocalhost\n127.0.1.1\tlabkit-golden\n",
    "etc/resolv.conf": "nameserver 10.0.2.3\n",
    "etc/shadow": "root:$6$golden$hash:19000:0:99999:7:::\nbin:*:17632:0:99999:7:::\n",
    "etc/exports": "# as the package has it\n",
    "etc/network/interfaces": "auto eth0\niface eth0 inet dhcp\n",
    "etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\n",
    "etc/ssh/ssh_host_rsa_key": "the golden machine's\n",
    "etc/ssh/ssh_host_rsa_key.pub": "the golden machine's\n",
    "usr/sbin/exportfs": "",
    "usr/sbin/sshd": "",
    "usr/bin/ssh-keygen": KEYGEN,
    "var/log/wtmp": "",
}
OPTIONS = "(rw,sync,no_root_squash,no_subtree_check)"
AFTER = {
    "etc/debian_version": "12.7\n",
    "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "etc/hostname": "nas\n",
    "etc/hosts": "127.0.0.1 localhost\n192.168.1.5 nas\n::1 localhost ip6-localhost ip6-loopback\n",
    "etc/resolv.conf": "nameserver 192.168.1.1\nnameserver 9.9.9.9\n",
    "etc/shadow": INSTALLED["etc/shadow"].replace("$6$golden$hash", HASH),
    "etc/exports": f"/export/vhd 192.168.1.0/24{OPTIONS}\n/export/iso 192.168.1.0/24{OPTIONS}\n",
    "etc/network/interfaces": "# labkit: all else is in /etc/systemd/network\n"
    "auto lo\niface lo inet loopback\n",
    "etc/systemd/network/10-labkit.network": "[Match]\nName=eth0\n[Network]\n"
    "Address=192.168.1.5/24\nGateway=192.168.1.1\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n",
    "etc/ssh/sshd_config": INSTALLED["etc/ssh/sshd_config"],
    "etc/ssh/sshd_config.d/labkit.conf": "PermitRootLogin yes\n",
    "var/lib/labkit/identity": "nas\n",
    "var/log/wtmp": "",
}


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def root(tmp_path: Path, shell: str) -> Path:
    """An installed server that the installer's last command has been at, and its medium."""
    place = installed(tmp_path)
    assert run_last(place, shell).returncode == 0
    write_identity(tmp_path / "medium", nas_identity())
    (place / "run/labkit-identity").mkdir(parents=True)
    shutil.copy(tmp_path / "medium/identity", place / "run/labkit-identity/identity")
    return place


def installed(folder: Path) -> Path:
    place = folder / "new root"
    for name, text in INSTALLED.items():
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (place / "etc/shadow").chmod(0o640)
    (place / "usr/bin/ssh-keygen").chmod(0o755)
    (place / "etc/systemd/system").mkdir(parents=True)
    (place / "dev").mkdir()
    (place / "dev/console").write_text("")
    return place


def run_last(root: Path, shell: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    script = root.parent / "nas-late.sh"
    script.write_text(text or last_script(nas_answers()))
    return subprocess.run([shell, script, root], capture_output=True, text=True, check=False)


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
    """All of the server's own files but its keys, its log and what labkit has put there."""
    return {
        str(file.relative_to(root)): file.read_text()
        for folder in ("etc", "var")
        for file in (root / folder).rglob("*")
        if file.is_file()
        and not file.is_symlink()
        and "labkit-identity" not in file.name
        and "ssh_host" not in file.name
    }


def said(root: Path) -> str:
    return (root / "var/log/labkit-identity.log").read_text()


def test_a_first_boot_makes_the_clone_itself(root: Path, shell: str) -> None:
    done = run_hook(root, shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert contents(root) == AFTER
    assert (root / "dev/console").read_text() == "labkit: this is now nas, 192.168.1.5\n"


def test_it_gets_keys_of_its_own(root: Path, shell: str) -> None:
    run_hook(root, shell)
    keys = {file.name: file.read_text() for file in (root / "etc/ssh").glob("ssh_host_*")}
    assert keys == {"ssh_host_ed25519_key": f"-q -A -f {root}\n"}


def test_files_keep_their_modes(root: Path, shell: str) -> None:
    run_hook(root, shell)
    names = ("etc/shadow", "etc/machine-id", "etc/exports", "etc/systemd/network/10-labkit.network")
    modes = {name: oct(stat.S_IMODE((root / name).stat().st_mode)) for name in names}
    assert modes == dict(zip(names, ("0o640", "0o444", "0o644", "0o644"), strict=True))


def test_both_shares_are_there(root: Path) -> None:
    assert (root / "export/vhd").is_dir()
    assert (root / "export/iso").is_dir()


def test_what_has_to_start_is_started(root: Path) -> None:
    units = root / "etc/systemd/system"
    unit = units / "sysinit.target.wants/labkit-identity.service"
    assert unit.resolve() == (units / "labkit-identity.service").resolve()
    assert "ExecStart=/bin/sh /usr/libexec/labkit-identity" in unit.read_text()
    for target, name in (
        ("multi-user.target", "systemd-networkd.service"),
        ("sockets.target", "systemd-networkd.socket"),
        ("network-online.target", "systemd-networkd-wait-online.service"),
    ):
        link = units / f"{target}.wants" / name
        assert str(link.readlink()) == f"/lib/systemd/system/{name}"


def test_a_second_boot_changes_nothing(root: Path, shell: str) -> None:
    run_hook(root, shell)
    (root / "var/log/wtmp").write_text("booted")
    (root / "etc/hostname").write_text("renamed\n")
    before = contents(root)
    assert run_hook(root, shell).returncode == 0
    assert contents(root) == before
    assert "already" in said(root)


def test_a_run_killed_at_any_file_is_finished_by_the_next(
    root: Path, shell: str, tmp_path: Path
) -> None:
    whole = (root / "usr/libexec/labkit-identity").read_text()
    renames = ('mv -f "$1.labkit" "$1"', 'mv -f "$root/etc/shadow.labkit" "$root/etc/shadow"')
    assert [whole.count(rename) for rename in renames] == [1, 1]
    die = 'echo >>"$root/n"; [ "$(wc -l <"$root/n")" -lt @ ] || { kill -9 $$; exit 9; }'
    number = 0
    while True:
        number += 1
        place = tmp_path / f"killed at {number}"
        shutil.copytree(root, place, symlinks=True)
        hook = place / "usr/libexec/labkit-identity"
        for before in (True, False):
            text = whole
            for rename in renames:
                order = f"{die}; {rename}" if before else f"{rename}; {die}"
                text = text.replace(rename, order.replace("@", str(number)))
            hook.write_text(text)
            (place / "n").unlink(missing_ok=True)
            done = run_hook(place, shell)
        hook.write_text(whole)
        assert run_hook(place, shell).returncode == 0
        assert contents(place) == AFTER
        shutil.rmtree(place)
        if done.returncode == 0:
            break
    assert number > 8


def test_a_server_that_has_booted_before_is_left_alone(root: Path, shell: str) -> None:
    (root / "var/log/wtmp").write_text("booted")
    before = contents(root)
    assert run_hook(root, shell).returncode == 1
    assert contents(root) == before
    assert "booted before" in said(root)


def test_without_a_medium_nothing_is_changed(root: Path, shell: str) -> None:
    (root / "run/labkit-identity/identity").unlink()
    before = contents(root)
    assert run_hook(root, shell).returncode == 1
    assert contents(root) == before
    assert "no medium labelled LABKIT" in (root / "dev/console").read_text()


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("ADDRESS='$(touch /tmp/x)'", "ADDRESS"),
        ("HOSTNAME='a b'", "HOSTNAME"),
        ("ROOT_HASH='a&b'", "ROOT_HASH"),
        ("CLIENTS=''", "CLIENTS"),
        ("CLIENTS='*(rw)'", "CLIENTS"),
        ("GATEWAY='`id`'", "GATEWAY"),
        ("MACHINE_ID=0123", "MACHINE_ID"),
    ],
)
def test_a_medium_that_says_something_else_changes_nothing(
    root: Path, shell: str, line: str, key: str
) -> None:
    file = root / "run/labkit-identity/identity"
    lines = [line if old.startswith(f"{key}=") else old for old in file.read_text().splitlines()]
    file.write_text("\n".join(lines) + "\n")
    before = contents(root)
    assert run_hook(root, shell).returncode == 1
    assert contents(root) == before
    assert key in said(root)


def test_an_isolated_server_asks_nobody_for_names(root: Path, shell: str, tmp_path: Path) -> None:
    own = nas_identity(
        gateway="",
        dns=(),
        netmask="255.255.240.0",
        mac="08:00:27:AB:CD:EF",
        clients=("192.168.0.0/20", "10.9.0.0/16"),
    )
    write_identity(tmp_path / "other", own)
    shutil.copy(tmp_path / "other/identity", root / "run/labkit-identity/identity")
    assert run_hook(root, shell).returncode == 0
    found = contents(root)
    assert found["etc/resolv.conf"] == ""
    assert found["etc/systemd/network/10-labkit.network"] == (
        "[Match]\nMACAddress=08:00:27:ab:cd:ef\n[Network]\nAddress=192.168.1.5/20\n"
        "LinkLocalAddressing=no\nIPv6AcceptRA=no\n"
    )
    assert found["etc/exports"].splitlines() == [
        f"/export/vhd 192.168.0.0/20{OPTIONS}",
        f"/export/vhd 10.9.0.0/16{OPTIONS}",
        f"/export/iso 192.168.0.0/20{OPTIONS}",
        f"/export/iso 10.9.0.0/16{OPTIONS}",
    ]


def test_a_server_installed_by_itself_needs_no_medium(shell: str, tmp_path: Path) -> None:
    root = installed(tmp_path)
    run_last(root, shell, last_script(nas_answers(hostname="nas", identity=nas_identity())))
    own = root / "var/lib/labkit/own"
    assert stat.S_IMODE(own.stat().st_mode) == 0o600
    assert run_hook(root, shell).returncode == 0
    # The hash is nowhere but where it belongs.
    assert contents(root) == AFTER


def test_time_servers_are_those_that_were_asked_for(shell: str, tmp_path: Path) -> None:
    root = installed(tmp_path)
    run_last(root, shell, last_script(nas_answers(ntp=("a.example", "10.0.0.1"))))
    written = (root / "etc/systemd/timesyncd.conf.d/labkit.conf").read_text()
    assert written == "[Time]\nNTP=a.example 10.0.0.1\n"


@pytest.mark.parametrize("missing", ["usr/sbin/exportfs", "usr/sbin/sshd", "etc/shadow"])
def test_half_an_installation_is_said_to_be_none(shell: str, tmp_path: Path, missing: str) -> None:
    root = installed(tmp_path)
    (root / missing).unlink()
    done = run_last(root, shell)
    assert done.returncode == 1
    assert f"it has no /{missing}" in done.stdout


def test_the_last_command_can_be_run_twice(root: Path, shell: str) -> None:
    before = contents(root)
    assert run_last(root, shell).returncode == 0
    assert contents(root) == before


@pytest.mark.parametrize("missing", ["", "usr/sbin/exportfs"])
def test_the_installer_says_on_the_console_how_the_last_command_went(
    shell: str, tmp_path: Path, missing: str
) -> None:
    root = installed(tmp_path)
    if missing:
        (root / missing).unlink()
    (tmp_path / "nas-late.sh").write_text(last_script(nas_answers()))
    text = preseed(nas_answers(), str(tmp_path))
    (line,) = (line for line in text.splitlines() if "preseed/late_command" in line)
    command = line.partition(" string ")[2]
    for place, here in (("/dev/console", "said"), ("/tmp/labkit.log", "log")):
        command = command.replace(place, str(tmp_path / here))
    command = command.replace(" /target ", f" '{root}' ")
    assert subprocess.run([shell, "-c", command], check=False).returncode == 0
    log = read_log((tmp_path / "said").read_text())
    assert (log.finished, log.failed) == (not missing, bool(missing))
    assert missing in log.failure
