"""The storage server itself: Debian 12 with its packages and labkit's last command, started for
the first time with an identity medium, mounts its own shares as a host would.

What the installer would have made is made with its packages, since the installer has no mirror
here; labkit's part is run as it is.
"""

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from labkit.media.debian.answers import NasAnswers
from labkit.media.debian.identity import NasIdentity, write_identity
from labkit.media.debian.medium import last_script
from labkit.sha512crypt import hash_password
from tests.boot.computer import last_lines
from tests.contract.witness import run

pytestmark = pytest.mark.boot

_SERVER = Path("/opt/labkit/nas-parts")
LONGEST = 300.0
"""Seconds until it must have said all and be off. Two free cores need about 60."""
HASH = hash_password("a secret")
ANSWERS = NasAnswers("debian-12", root_password_hash=HASH)
IDENTITY = NasIdentity(
    machine_id="0123456789abcdef0123456789abcdef",
    hostname="nas",
    address="192.168.1.5",
    netmask="255.255.255.0",
    gateway="",
    dns=(),
    clients=("192.168.1.0/24",),
    root_password_hash=HASH,
    mac="52:54:00:12:34:56",
)
_UNIT = """\
[Unit]
After=multi-user.target nfs-server.service ssh.service network-online.target
Wants=network-online.target
[Service]
Type=oneshot
ExecStart=/bin/sh /nas-proof
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the server says on its serial port, from power-on to its power button."""
    gather = Path(__file__).with_name("nas-parts")
    words = [str(gather), str(_SERVER), *ANSWERS.rules.packages]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-20:])
        pytest.exit(f"Debian's packages could not be had:\n{last}", returncode=3)
    folder = tmp_path_factory.mktemp("nas")
    return _first_boot(folder, _disk(folder), _medium(folder))


def test_the_clone_becomes_itself_at_its_first_boot(said: str) -> None:
    assert "labkit: this is now nas, 192.168.1.5" in said
    assert f"proof: names nas {IDENTITY.machine_id}" in said
    keys = "ssh_host_ecdsa_key ssh_host_ed25519_key ssh_host_rsa_key"
    assert f"proof: keys {keys}" in said


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("share", ["vhd", "iso"])
def test_a_host_writes_into_a_share_as_root(said: str, version: int, share: str) -> None:
    assert f"proof: written {version} 0 /export/{share}/{version}\n" in said


def test_only_the_clients_may_mount_them(said: str) -> None:
    (line,) = (line for line in said.splitlines() if line.startswith("proof: exports "))
    for share in ("vhd", "iso"):
        options = line.partition(f"/export/{share} ")[2].partition(")")[0].strip()
        client, _, rest = options.partition("(")
        assert client == "192.168.1.0/24"
        assert {"rw", "sync", "no_root_squash", "no_subtree_check"} <= set(rest.split(","))


def test_nothing_failed_on_the_way(said: str) -> None:
    assert "proof: failed \n" in said
    assert "proof: states active active active active \n" in said


def _disk(folder: Path) -> Path:
    root, image = folder / "root", folder / "disk.img"
    subprocess.run(["cp", "--archive", _SERVER / "root", root], check=True)
    script = folder / "nas-late.sh"
    script.write_text(last_script(ANSWERS))
    subprocess.run(["sh", script, root], check=True)
    (root / "etc/fstab").write_text("/dev/sda / ext4 defaults 0 1\n")
    shutil.copy(Path(__file__).with_name("nas-proof"), root / "nas-proof")
    units = root / "etc/systemd/system"
    (units / "nas-proof.service").write_text(_UNIT)
    (units / "graphical.target.wants").mkdir(exist_ok=True)
    (units / "graphical.target.wants/nas-proof.service").symlink_to("../nas-proof.service")
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", root, image, "2G"], check=True)
    shutil.rmtree(root)
    return image


def _medium(folder: Path) -> Path:
    viso, flat = write_identity(folder / "the medium", IDENTITY), folder / "identity.iso"
    run("clonemedium", "dvd", str(viso), str(flat), "--format", "RAW")
    run("closemedium", "dvd", str(flat))
    run("closemedium", "dvd", str(viso))
    return flat


def _first_boot(folder: Path, disk: Path, medium: Path) -> str:
    serial = folder / "serial.log"
    parameters = " ".join(["root=/dev/sda rw", *ANSWERS.rules.installed_parameters])
    words = ["qemu-system-x86_64", "-accel", "tcg", "-M", "q35", "-cpu", "max", "-m", "1024"]
    words += ["-display", "none", "-vga", "none", "-monitor", "stdio", "-serial", f"file:{serial}"]
    words += ["-kernel", str(_SERVER / "vmlinuz"), "-initrd", str(_SERVER / "initrd")]
    words += ["-append", parameters, "-cdrom", str(medium)]
    words += ["-drive", f"file={disk},format=raw,if=none,id=disk"]
    words += ["-device", "ide-hd,drive=disk,bus=ide.0", "-nic", "user,restrict=on,model=e1000"]
    until, pressed = time.monotonic() + LONGEST, False
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    ) as qemu:
        assert qemu.stdin is not None
        try:
            while qemu.poll() is None:
                if not pressed and "proof: end" in _text(serial):
                    qemu.stdin.write(b"system_powerdown\n")
                    qemu.stdin.flush()
                    pressed = True
                assert time.monotonic() < until, "it is not off yet:\n" + last_lines(serial)
                time.sleep(0.5)
        finally:
            qemu.kill()
    assert pressed, "it went off by itself:\n" + last_lines(serial)
    return _text(serial)


def _text(serial: Path) -> str:
    text = serial.read_text("utf-8", "replace") if serial.exists() else ""
    return text.replace("\r", "")
