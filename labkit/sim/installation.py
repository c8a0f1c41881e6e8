"""One run of the installer: from its answers to an installed system, or to a traceback."""

import re
import secrets
import uuid
from collections.abc import Mapping, Sequence

from labkit.sha512crypt import hash_password
from labkit.sim import identity
from labkit.sim.adapters import chosen, lease, named
from labkit.sim.answer_file import AnswerFile, Answers, Refused, Script
from labkit.sim.disc import Disc
from labkit.sim.installed import System
from labkit.sim.packages import listed, listed_of_old
from labkit.sim.product import TREEINFO, Product, known, repositories
from labkit.sim.world import SimMachine

_INTERPRETERS = re.compile(rb"#!\s*(/bin/sh|/bin/bash|/usr/bin/python|/usr/bin/env python)\b")
_PACKAGES_TAKE = 250.0
"""Seconds for all of them."""


class Dies(Exception):
    """The installation fails: the exception the real installer would log."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")


class Installation:
    """Decides what the installer does, and when it says what."""

    def __init__(
        self,
        machine: SimMachine,
        discs: Sequence[Disc],
        parameters: Sequence[str],
        product: Product,
        url: str,
        with_screens: bool,
    ) -> None:
        self.log: list[tuple[float, list[str]]] = []
        """Entries by the second they are written."""
        self.at = 0.0
        self.waits = False
        """For a person, and for ever."""
        self._machine = machine
        self._discs = discs
        self._ramdisk = _ramdisk(discs, parameters)
        assert product.generation is not None
        self._product = product
        self._known = known(product.generation)
        self._rules = self._known.rules
        self._url = url
        self._with_screens = with_screens
        self._scripts: tuple[Script, ...] = ()

    def decide(self) -> System | None:
        """The system it leaves on the disk; None when it fails or waits."""
        try:
            self._say(4, f"Fetching answerfile from {self._url}")
            system = self._install(self._fetch(self._url))
        except Dies as cause:
            self._fail(cause)
            return None
        except Refused as cause:
            self._fail(Dies("AnswerfileException", str(cause)))
            return None
        if system is not None:
            self._say(3, "The installation completed successfully.")
            self._last_scripts("0")
        return system

    def _install(self, text: bytes) -> System | None:
        file = AnswerFile(text, self._rules)
        # A wrong answer is reported only after the scripts for the start have run.
        answers, wrong = None, None
        try:
            self._scripts = file.scripts()
            if self._with_screens and file.asks_first():
                self.waits = True
                return None
            self._say(6, "Processing XML answerfile for installation.")
            answers = file.answers()
        except Refused as cause:
            wrong = cause
        self._run("installation-start")
        if wrong is not None:
            raise wrong
        assert answers is not None
        self._say(3, "Starting actual installation")
        self._prepare(answers)
        self._packages(answers)
        self._say(4, "DISPATCH: NEW PHASE: Completing installation...")
        if answers.ntp_none:
            raise Dies("TypeError", "argument of type 'NoneType' is not iterable")
        self._say(25, "Building the initial memory disk")
        self._say(15, "Installing the boot loader")
        scripts = self._run("filesystem-populated")
        hook = any(identity.installs_hook(script, self._known.init) for script in scripts)
        system = self._system(answers, hook)
        for uuid_ in filter(None, map(identity.host_uuid, scripts)):
            system.inventory["INSTALLATION_UUID"] = uuid_
        return system

    def _prepare(self, answers: Answers) -> None:
        self._say(2, "DISPATCH: NEW PHASE: Preparing for installation...")
        if answers.disk != "/dev/sda" or self._machine.disk.size_mib == 0:
            raise Dies("RuntimeError", f"The disk {answers.disk} could not be found.")
        smallest = self._rules.smallest_disk_gib
        if self._machine.disk.size_mib // 1024 < smallest:
            raise Dies("RuntimeError", f"The disk {answers.disk} is smaller than {smallest}GB.")
        self._say(12, f"Partitioning {answers.disk}")
        self._say(14, "Making file systems")

    def _packages(self, answers: Answers) -> None:
        self._say(3, "DISPATCH: NEW PHASE: Reading package information...")
        elsewhere = [source for source in answers.sources if source != "local"]
        if elsewhere:
            raise Dies("IOError", f"labkit's pretend installer has no network for {elsewhere[0]}")
        # Any block device with the marker will do, whatever its label.
        old = self._known.marker == "repository"
        disc = next(
            (d for d in self._discs if (repositories(d) if old else d.holds(TREEINFO))), None
        )
        if disc is None:
            raise Dies("NoRepository", "No repository found at the specified location.")
        try:
            names = listed_of_old(disc) if old else listed(disc)
        except LookupError as cause:
            raise Dies("NoRepository", str(cause)) from cause
        missing = next((name for name in names if not disc.holds(name)), None)
        if missing is not None:
            raise Dies("ErrorInstallingPackage", f"{missing} is not on the medium")
        self._say(10, f"{len(names)} packages to install")
        for number, name in enumerate(names, 1):
            package = name.rpartition("/")[2].removesuffix(".rpm")
            count = f"{number}/{len(names)}"
            # Before there was yum nobody counted.
            said = (
                f"Starting installation of package {package}"
                if old
                else f"YUM:   Installing : {package:<52} {count:>9} "
            )
            self._say(_PACKAGES_TAKE / len(names), said)

    def _run(self, stage: str) -> list[bytes]:
        """Fetch and run the scripts of a stage; a script that cannot be had is fatal, one that
        ends badly is not."""
        fetched = []
        for script in self._scripts:
            if script.stage != stage:
                continue
            text = self._fetch(script.url)
            if not _INTERPRETERS.match(text[:40]):
                raise Dies("RuntimeError", f"Missing or invalid interpreter in {script.url}")
            self._say(1, f"Running script {script.url} for stage {stage}")
            self._say(1, "Script returned 0")
            fetched.append(text)
        return fetched

    def _last_scripts(self, outcome: str) -> None:
        try:
            self._run("installation-complete")
        except Dies as cause:
            # After a success the real one passes over this in silence.
            if outcome == "1":
                self._say(0, f"Logging failed: {cause}")

    def _fetch(self, url: str) -> bytes:
        if not url.startswith("file://"):
            raise Dies("IOError", f"labkit's pretend installer has no network for {url}")
        path = url.removeprefix("file://")
        name = path.removeprefix("/tmp/ramdisk/")  # noqa: S108  # the installer's, not ours
        if name == path or name not in self._ramdisk:
            raise Dies("IOError", f"[Errno 2] No such file or directory: '{path}'")
        return self._ramdisk[name]

    def _fail(self, cause: Dies) -> None:
        self._say(1, "INSTALL FAILED.", "A fatal exception occurred:", _traceback(cause))
        self._last_scripts("1")
        # On screens it lets a person read the last of it.
        self._say(10 if self._with_screens else 0, "An unrecoverable error has occurred.")

    def _say(self, seconds: float, *entries: str) -> None:
        self.at += seconds
        self.log.append((self.at, list(entries)))

    def _system(self, answers: Answers, hook: bool) -> System:
        password = {
            "none": "!!",
            "hash": answers.password,
            "plaintext": answers.password and hash_password(answers.password),
        }[answers.password_type]
        interface = chosen(self._machine, answers.interface)
        management = {
            "interface": interface,
            "mode": answers.mode,
            "address": answers.address,
            "netmask": answers.netmask,
            "gateway": answers.gateway,
            "dns": list(answers.dns),
        }
        if answers.mode == "dhcp":
            management |= lease(self._machine, named(self._machine, ()).get(interface))
        return System(
            generation=str(self._product.generation),
            inventory=_inventory(self._product, interface),
            hostname=answers.hostname.split(".")[0],
            management=management,
            root_hash=password,
            sr_type=answers.sr_type,
            hook=hook,
            machine_id=secrets.token_hex(16),
        )


def _ramdisk(discs: Sequence[Disc], parameters: Sequence[str]) -> Mapping[str, bytes]:
    """What `make-ramdisk=` copies off a medium, into memory, before the installer starts."""
    folder = "xsinst"
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "xsinst":
            # Only if it comes first.
            folder = value
        elif name == "make-ramdisk":
            drive = re.fullmatch(r"/dev/sr(\d+)", value)
            if drive is not None and int(drive[1]) < len(discs):
                return discs[int(drive[1])].folder(folder)
    return {}


def _inventory(product: Product, interface: str) -> dict[str, str]:
    return {
        "INSTALLATION_UUID": str(uuid.uuid4()),
        "CONTROL_DOMAIN_UUID": str(uuid.uuid4()),
        "PRODUCT_BRAND": product.brand,
        "PRODUCT_VERSION": product.version,
        "PLATFORM_NAME": product.platform,
        "PLATFORM_VERSION": product.platform_version,
        "PRIMARY_DISK": "/dev/sda",
        "MANAGEMENT_INTERFACE": interface.replace("eth", "xenbr"),
    }


def _traceback(cause: Dies) -> str:
    return f'Traceback (most recent call last):\n  File "pretended.py", line 1, in go\n{cause}'
