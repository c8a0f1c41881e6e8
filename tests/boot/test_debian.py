"""The storage server's medium: from power-on to Debian's installer, and the installer itself.

Debian's ISO cannot be had as a package, its network installer can: that one is the installer of
the ISO without the packages to install. So the way to the installer is proved with an ISO in
Debian's layout, and the answers with the installer itself, as far as it comes without a mirror.
"""

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from labkit.media.debian.answers import NasAnswers
from labkit.media.debian.identity import NasIdentity
from labkit.media.debian.medium import last_script, preseed, write_boot_medium
from labkit.media.debian.progress import FINISHED, read_log
from labkit.sha512crypt import hash_password
from tests.boot.computer import LONGEST, boot, last_lines, spent
from tests.boot.debian_disc import write_debian_disc
from tests.boot.told import Told
from tests.contract.witness import run

pytestmark = pytest.mark.boot

_DEBIAN = Path("/opt/labkit/debian-parts")
BUSIEST = 300.0
"""Seconds of a processor's time until the installer must have missed its mirror. It needs about
75."""
HASH = hash_password("a secret")
ANSWERS = NasAnswers("debian-12", timezone="Europe/Madrid", keymap="es", root_password_hash=HASH)
IDENTITY = NasIdentity(
    machine_id="0" * 32,
    hostname="nas",
    address="192.168.1.5",
    netmask="255.255.255.0",
    gateway="",
    dns=(),
    clients=("192.168.1.0/24",),
    root_password_hash=HASH,
)


@pytest.fixture(scope="session")
def debian(parts: Path) -> Path:
    """Debian's installer, and what its ISO is made of."""
    gather = Path(__file__).with_name("debian-parts")
    words = [str(gather), str(_DEBIAN), str(parts)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-20:])
        pytest.exit(f"Debian's packages could not be had:\n{said}", returncode=3)
    return _DEBIAN


@dataclass(frozen=True)
class Booted:
    viso: Path
    told: Told


@pytest.fixture(scope="module", params=["bios", "uefi"])
def booted(
    request: pytest.FixtureRequest,
    parts: Path,
    debian: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Booted:
    folder = tmp_path_factory.mktemp("debian")
    iso = write_debian_disc(folder / "niño's ISOs" / "debian.iso", parts, debian)
    assert iso.generation == "debian-12"
    viso = write_boot_medium(folder / "the medium", iso, ANSWERS)
    # QEMU knows nothing of VISO files; VirtualBox's own code makes this one whole.
    flat = folder / "flat.iso"
    run("clonemedium", "dvd", str(viso), str(flat), "--format", "RAW")
    run("closemedium", "dvd", str(flat))
    run("closemedium", "dvd", str(viso))
    return Booted(viso, boot(flat, request.param, folder / "computer"))


def test_the_kernel_gets_the_parameters_of_the_installer(booted: Booted) -> None:
    words = booted.told.command_line.split()
    # Boot loaders add where they took it from.
    own = [word for word in words if not word.startswith(("BOOT_IMAGE=", "initrd="))]
    assert own == list(ANSWERS.rules.parameters)


def test_the_installer_gets_its_answers_byte_for_byte(booted: Booted) -> None:
    assert booted.told.files["cdrom/labkit/preseed.cfg"] == preseed(ANSWERS).encode()


def test_the_installer_gets_its_script_byte_for_byte(booted: Booted) -> None:
    assert booted.told.files["cdrom/labkit/nas-late.sh"] == last_script(ANSWERS).encode()


def test_the_cd_is_still_the_one_the_installer_looks_for(booted: Booted) -> None:
    assert booted.told.files["cdrom/.disk/info"].startswith(b"Debian GNU/Linux 12")


def test_debconf_takes_every_line_of_the_answers(tmp_path: Path) -> None:
    file = tmp_path / "preseed.cfg"
    file.write_text(preseed(ANSWERS))
    done = subprocess.run(
        ["debconf-set-selections", "-c", file], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_installer_asks_nothing_until_it_misses_its_mirror(
    debian: Path, tmp_path: Path
) -> None:
    text = _install(debian, tmp_path)
    log = read_log(text)
    assert "labkit: the installer has its answers" in text
    assert "Configuring the network with DHCP" in text
    assert "mirror" in log.failure, log.failure
    # The one question, and nothing before it.
    assert text.count("Prompt:") + text.count("[Press enter to continue]") == 1
    # Lines, as on paper: nothing that paints a screen, let alone a clock on it.
    assert "\x1b" not in text[text.index("labkit: the installer") :]


def test_the_installers_own_shell_runs_labkits_last_command(debian: Path, tmp_path: Path) -> None:
    root = tmp_path / "installer"
    subprocess.run(["cp", "--archive", debian / "installer", root], check=True)
    (root / "cdrom/labkit").mkdir(parents=True)
    (root / "cdrom/labkit/nas-late.sh").write_text(last_script(ANSWERS))
    (root / "dev/console").unlink(missing_ok=True)
    (line,) = (line for line in preseed(ANSWERS).splitlines() if "preseed/late_command" in line)
    command = line.partition(" string ")[2]
    said: list[str] = []
    for name in ("etc/debian_version", "etc/shadow", "usr/sbin/exportfs", "usr/sbin/sshd"):
        _last_command(root, command, said)
        file = root / "target" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    (root / "target/usr/bin").mkdir()
    (root / "target/usr/bin/ssh-keygen").write_text("")
    (root / "target/etc/network").mkdir()
    (root / "target/etc/systemd/system").mkdir(parents=True)
    _last_command(root, command, said)
    assert [read_log(text).failed for text in said] == [True, True, True, True, False]
    assert "no /usr/sbin/exportfs" in read_log(said[2]).failure
    assert said[4] == f"{FINISHED}\n"
    hook = "/target/usr/libexec/labkit-identity"
    subprocess.run(["chroot", root, "/bin/sh", "-n", hook], check=True)


def _last_command(root: Path, command: str, said: list[str]) -> None:
    (root / "dev/console").write_text("")
    subprocess.run(["chroot", root, "/bin/sh", "-c", command], check=True)
    said.append((root / "dev/console").read_text())


def _install(debian: Path, folder: Path) -> str:
    """What the installer says on the serial port, until it says that it cannot go on."""
    medium = folder / "extra/cdrom/labkit"
    medium.mkdir(parents=True)
    (medium / "preseed.cfg").write_text(preseed(ANSWERS))
    (medium / "nas-late.sh").write_text(last_script(ANSWERS))
    names = "\n".join(str(file.relative_to(folder / "extra")) for file in _tree(folder / "extra"))
    extra = subprocess.run(
        ["cpio", "--quiet", "--create", "--format=newc", "--owner=0:0"],
        cwd=folder / "extra",
        input=names.encode(),
        capture_output=True,
        check=True,
    ).stdout
    initrd, serial, errors = folder / "initrd", folder / "serial.log", folder / "qemu.log"
    initrd.write_bytes((debian / "initrd.gz").read_bytes() + extra)
    words = ["qemu-system-x86_64", "-accel", "tcg", "-M", "q35", "-cpu", "max", "-m", "1024"]
    words += ["-display", "none", "-vga", "none", "-monitor", "none", "-serial", f"file:{serial}"]
    words += ["-kernel", str(debian / "linux"), "-initrd", str(initrd)]
    words += ["-append", " ".join(ANSWERS.rules.parameters)]
    # An address, and nowhere to go from there.
    words += ["-nic", "user,restrict=on,model=e1000"]
    until = time.monotonic() + LONGEST
    with errors.open("wb") as said, subprocess.Popen(words, stdout=said, stderr=said) as qemu:
        try:
            while qemu.poll() is None:
                text = serial.read_text("utf-8", "replace") if serial.exists() else ""
                if read_log(text).failed:
                    return text
                assert spent(qemu.pid) < BUSIEST and time.monotonic() < until, (
                    "it goes on and on:\n" + last_lines(serial)
                )
                time.sleep(0.5)
        finally:
            qemu.kill()
    pytest.fail(f"QEMU ended:\n{errors.read_text()}\n{last_lines(serial)}")


def _tree(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))
