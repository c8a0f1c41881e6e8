"""Answers to Debian's questions, checked before its installer sees them.

A preseed file is lines: what does not fit a line, or says more than one thing on it, is refused
here. So is what the installer would ask about: it would wait for a person.
"""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address

from labkit.errors import ScenarioError
from labkit.media.answers import ROOT_HASH
from labkit.media.debian.identity import NasIdentity
from labkit.scenario.generations import DEBIAN_GENERATIONS, DebianInstaller
from labkit.scenario.timezones import timezone_missing

_HOSTNAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")
_MIRROR = re.compile(r"http://(?P<host>[A-Za-z0-9.:-]+)(?P<folder>(/[A-Za-z0-9._~-]+)+)/?")
_SHARE = re.compile(r"(/[A-Za-z0-9_-][A-Za-z0-9._-]*){2,}")
_SYSTEM = ("bin", "boot", "dev", "etc", "lib", "lib64", "proc", "root", "run", "sbin", "sys")
"""Folders of the server's own, whose contents are nobody's to mount."""


@dataclass(frozen=True, slots=True)
class NasAnswers:
    """What a storage server is installed with. Raises `ScenarioError` when a value is wrong.

    A golden machine's name and address are only until a clone's identity replaces them.
    """

    generation: str
    keymap: str = "us"
    """A console keymap, as the hosts have it; the installer has other names for some."""
    timezone: str = "Etc/UTC"
    ntp: tuple[str, ...] = ()
    """Time servers; none: Debian's own."""
    mirror: str = "http://deb.debian.org/debian"
    """Where packages come from: the ISO has but the smallest system."""
    disk: str = "sda"
    vhd_share: str = "/export/vhd"
    """For the disks of virtual machines."""
    iso_share: str = "/export/iso"
    root_password_hash: str = field(default="", repr=False)
    """SHA-512 crypt. May be left out where answers are only compared."""
    hostname: str = "labkit-golden"
    identity: NasIdentity | None = None
    """Who the server is, where it is installed to be itself; None: a golden machine."""

    def __post_init__(self) -> None:
        rules = DEBIAN_GENERATIONS.get(self.generation)
        if rules is None:
            known = ", ".join(f"`{name}`" for name in DEBIAN_GENERATIONS)
            raise _wrong("installer generation", self.generation, f"one of {known}")
        if rules.keymap(self.keymap) is None:
            raise _wrong("keyboard", self.keymap, f"one {rules.name} knows, such as `us` or `es`")
        if why := timezone_missing(self.timezone, rules.timezones):
            raise _refused(f"the time zone `{self.timezone}`", f"{why[0].upper()}{why[1:]}.")
        for server in self.ntp:
            if not _is_host(server):
                raise _wrong("time server", server, "a host name or an address")
        mirror = _MIRROR.fullmatch(self.mirror)
        if mirror is None or not _is_authority(mirror["host"]):
            raise _wrong("mirror", self.mirror, "of the form `http://deb.debian.org/debian`")
        if not rules.knows_disk(self.disk):
            raise _wrong("disk", self.disk, f"one {rules.name} has a driver for, such as `sda`")
        self._check_shares()
        if len(self.hostname) > 63 or not _HOSTNAME.fullmatch(self.hostname):
            raise _wrong("host name", self.hostname, "letters, digits and dashes")
        if self.root_password_hash and not ROOT_HASH.fullmatch(self.root_password_hash):
            # What it is instead may be the password itself: it is not told.
            raise _wrong("root password hash", "(not shown)", "of the form `$6$salt$…`")

    def _check_shares(self) -> None:
        for share in (self.vhd_share, self.iso_share):
            if not _SHARE.fullmatch(share) or share.split("/")[1] in _SYSTEM:
                raise _wrong("share", share, "a folder of its own, such as `/export/vhd`")
        one, other = f"{self.vhd_share}/", f"{self.iso_share}/"
        if one.startswith(other) or other.startswith(one):
            raise _refused(
                f"the shares `{self.vhd_share}` and `{self.iso_share}`", "One is in the other."
            )

    @property
    def rules(self) -> DebianInstaller:
        return DEBIAN_GENERATIONS[self.generation]

    @property
    def mirror_parts(self) -> tuple[str, str]:
        """The mirror's host and its folder."""
        mirror = _MIRROR.fullmatch(self.mirror)
        assert mirror is not None
        return mirror["host"], mirror["folder"]

    @property
    def device(self) -> str:
        return f"/dev/{self.disk.removeprefix('/dev/')}"


def _is_authority(text: str) -> bool:
    host, _, port = text.partition(":")
    return _is_host(host) and (not port or (port.isdigit() and 0 < int(port) < 65536))


def _is_host(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return len(text) <= 253 and _HOSTNAME.fullmatch(text) is not None
    return True


def _wrong(what: str, value: str, wanted: str) -> ScenarioError:
    return _refused(f"the {what} `{value}`", f"It has to be {wanted}.")


def _refused(what: str, why: str) -> ScenarioError:
    return ScenarioError(
        f"Debian's installer cannot be given {what}.",
        details=why,
        hint="Correct the scenario; `labkit scenario validate` checks it.",
    )
