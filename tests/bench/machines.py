"""6J's machines the two ways: labkit's driver in one process, and a script of VBoxManage calls."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from labkit.vbox.driver import AdapterSpec, Attachment, MachineSpec
from labkit.vbox.pyvbox import VirtualBoxDriver
from tests.bench.timing import seconds

THREE = (
    AdapterSpec(Attachment.BRIDGED, "eth0", promiscuous=True),
    AdapterSpec(Attachment.BRIDGED, "eth0", promiscuous=True),
    AdapterSpec(Attachment.INTERNAL, "bench", promiscuous=True),
)

NETWORKS = """
set -e
V={vboxmanage} D={folder}
net() {{ $V modifyvm $1 --nic1 bridged --bridge-adapter1 eth0 --nic-promisc1 allow-all \
  --nic2 bridged --bridge-adapter2 eth0 --nic-promisc2 allow-all \
  --nic3 intnet --intnet3 bench --nic-promisc3 allow-all --cpus 2 --memory 4096 $2; }}
"""

SCRIPT = """
$V createvm --name golden --ostype RedHat_64 --basefolder $D --register
$V modifyvm golden --cpus 2 --memory 4096 --chipset ich9 --paravirt-provider none \
  --rtc-use-utc on --nested-hw-virt on --uart1 0x3f8 4 --uart-mode1 file $D/golden.log
$V createmedium disk --filename $D/golden.vdi --size 65536
$V storagectl golden --name SATA --add sata --portcount 3
$V storageattach golden --storagectl SATA --port 0 --type hdd --medium $D/golden.vdi
$V storageattach golden --storagectl SATA --port 1 --type dvddrive --medium emptydrive
$V snapshot golden take installed
for h in xcp00 xcp01; do
  $V clonevm golden --name $h --snapshot installed --options link --basefolder $D --register
  net $h
done
for h in xcp00 xcp01 golden; do $V unregistervm $h --delete; done
"""

ALIKE = """
$V clonevm golden --name alike --snapshot installed --options link --groups /labkit/bench \
  --basefolder $D --register
net alike "--nested-hw-virt on --uart1 0x3f8 4 --uart-mode1 file $D/alike.log"
$V setextradata alike labkit/lab bench
$V setextradata alike labkit/host alike
"""


@cache
def vboxmanage() -> str | None:
    """VirtualBox's own program: the wrapper on the path complains about a missing driver."""
    inner = Path("/usr/lib/virtualbox/VBoxManage")
    return str(inner) if inner.exists() else shutil.which("VBoxManage")


@cache
def _driver() -> VirtualBoxDriver:
    # One connection, as one `labkit up` has; VBoxSVC is kept awake by it for both.
    return VirtualBoxDriver()


def by_labkit(folder: Path) -> None:
    """What `labkit up` and `labkit down --golden` ask of the driver for two hosts."""
    driver = _driver()
    driver.create(_wanted("golden", folder, disk_mib=65536))
    driver.take_snapshot("golden", "installed")
    for host in ("xcp00", "xcp01"):
        driver.clone("golden", "installed", _wanted(host, folder, adapters=THREE))
    for name in ("xcp00", "xcp01", "golden"):
        driver.remove(name)


@dataclass
class Clones:
    """Seconds for one linked clone of a golden machine, without its removal."""

    labkit: list[float] = field(default_factory=list)
    """With everything a host needs set."""
    command: list[float] = field(default_factory=list)
    """VirtualBox's own command for it, which sets nothing."""
    alike: list[float] = field(default_factory=list)
    """Its own commands for the same machine as labkit's."""
    call: list[float] = field(default_factory=list)
    """The calls behind its command from a program that is connected already, as labkit's is."""


def clones(folder: Path, runs: int) -> Clones:
    """Each in turn, after one round that does not count."""
    driver, took = _driver(), Clones()
    with _golden(folder):
        for _ in range(runs + 1):
            took.labkit.append(_clone(folder))
            took.command.append(seconds(lambda: _commanded_clone(folder)))
            driver.remove("commanded")
            took.alike.append(seconds(lambda: _run(ALIKE, folder)))
            driver.remove("alike")
            took.call.append(seconds(lambda: _bare_clone(driver, folder / "bare")))
            driver.remove("bare")
    return Clones(took.labkit[1:], took.command[1:], took.alike[1:], took.call[1:])


def crowded(folder: Path, machines: int, runs: int) -> dict[str, tuple[list[float], list[float]]]:
    """Seconds for what labkit does with one machine, where it is one of that many, and where
    there is no other but its golden."""
    driver = _driver()
    others = [f"other{number:02}" for number in range(machines - 2)]

    def rounds() -> dict[str, list[float]]:
        found, wanted = _wanted("xcp00", folder, adapters=THREE), _wanted("new", folder)
        took: dict[str, list[float]] = {"cloned": [], "found": [], "made": []}
        for _ in range(runs + 1):
            driver.clone("golden", "installed", found)
            took["found"].append(seconds(lambda: driver.machine("xcp00")))
            driver.remove("xcp00")
            took["cloned"].append(_clone(folder))
            took["made"].append(seconds(lambda: driver.create(wanted)))
            driver.remove("new")
        return {what: every[1:] for what, every in took.items()}

    with _golden(folder):
        alone = rounds()
        for other in others:
            driver.clone("golden", "installed", _wanted(other, folder, adapters=THREE))
        many = rounds()
        for other in others:
            driver.remove(other)
    return {what: (many[what], alone[what]) for what in alone}


@contextmanager
def _golden(folder: Path) -> Iterator[None]:
    driver = _driver()
    driver.create(_wanted("golden", folder, disk_mib=65536))
    driver.take_snapshot("golden", "installed")
    yield
    driver.remove("golden")


def _clone(folder: Path) -> float:
    driver, wanted = _driver(), _wanted("xcp00", folder, adapters=THREE)
    took = seconds(lambda: driver.clone("golden", "installed", wanted))
    driver.remove("xcp00")
    return took


def _commanded_clone(folder: Path) -> None:
    words = "clonevm golden --name commanded --snapshot installed --options link --register"
    subprocess.run(
        [str(vboxmanage()), *words.split(), "--basefolder", str(folder)],
        check=True,
        capture_output=True,
    )


def _bare_clone(driver: VirtualBoxDriver, folder: Path) -> None:
    to = driver._to.bindings
    raw, numbers = to.vbox._i, to.constants
    source = raw.findMachine("golden").findSnapshot("installed").machine
    settings = str(folder / "bare.vbox")
    platform = numbers.PlatformArchitecture_x86
    machine = raw.createMachine(settings, "bare", platform, [], "Linux26_64", "", "", "", "")
    progress = source.cloneTo(machine, numbers.CloneMode_MachineState, [numbers.CloneOptions_Link])
    progress.waitForCompletion(-1)
    assert progress.resultCode == 0, progress.errorInfo.text
    raw.registerMachine(machine)


def by_vboxmanage(folder: Path) -> None:
    """The same in the fewest calls."""
    folder.mkdir(parents=True, exist_ok=True)
    _run(SCRIPT, folder)


def _run(script: str, folder: Path) -> None:
    whole = (NETWORKS + script).format(vboxmanage=vboxmanage(), folder=folder)
    subprocess.run(["sh", "-c", whole], check=True, capture_output=True)


def _wanted(
    name: str, folder: Path, *, disk_mib: int = 0, adapters: tuple[AdapterSpec, ...] = ()
) -> MachineSpec:
    return MachineSpec(
        name=name,
        folder=folder / name,
        group="/labkit/bench",
        cpus=2,
        memory_mib=4096,
        disk_mib=disk_mib,
        adapters=adapters,
        serial_file=folder / f"{name}.log",
        labels={"lab": "bench", "host": name},
    )
