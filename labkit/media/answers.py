"""Answers to the installer's questions, checked before an installer sees them.

The vendor's parser ignores what it does not know and checks few values: a misspelt time zone
leaves a host without one, a host name is taken as it is. Whatever is checked at all is checked
here, when the answers are made.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from labkit.errors import ScenarioError
from labkit.media.generations import GENERATIONS, Generation
from labkit.media.render import render

_HOSTNAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")
_KEYMAP = re.compile(r"[A-Za-z][A-Za-z0-9_.+-]{0,39}")
_TIMEZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
ROOT_HASH = re.compile(r"\$6\$(rounds=[0-9]{1,9}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}")


@dataclass(frozen=True, slots=True)
class Answers:
    """What the golden machine is installed with. Raises `ScenarioError` when a value is wrong.

    Its network and its name are only until a clone's identity replaces them.
    """

    generation: str
    sr_type: str
    """Storage on the machine's own disk: `ext`, `lvm` or `none`."""
    keymap: str = "us"
    timezone: str = "Etc/UTC"
    ntp: tuple[str, ...] = ()
    """Time servers; none: the installer's own."""
    root_password_hash: str = field(default="", repr=False)
    """SHA-512 crypt. May be left out where answers are only compared."""
    hostname: str = "labkit-golden"

    def __post_init__(self) -> None:
        rules = GENERATIONS.get(self.generation)
        if rules is None:
            raise _wrong("installer generation", self.generation, f"one of {_list(GENERATIONS)}")
        if self.sr_type not in (*rules.sr_types, "none"):
            raise _wrong("storage type", self.sr_type, f"one of {_list(rules.sr_types)} and `none`")
        if not _KEYMAP.fullmatch(self.keymap):
            raise _wrong("keyboard", self.keymap, "a console keymap, such as `us` or `es`")
        if not _is_timezone(self.timezone):
            raise _wrong("time zone", self.timezone, "Region/City, such as `Europe/Madrid`")
        for server in self.ntp:
            if not _is_host(server):
                raise _wrong("time server", server, "a host name or an address")
        if not _is_hostname(self.hostname):
            raise _wrong("host name", self.hostname, "letters, digits and dashes")
        if self.root_password_hash and not ROOT_HASH.fullmatch(self.root_password_hash):
            # What it is instead may be the password itself: it is not told.
            raise _wrong("root password hash", "(not shown)", "of the form `$6$salt$…`")

    @property
    def rules(self) -> Generation:
        return GENERATIONS[self.generation]


def answer_file(answers: Answers) -> str:
    """The answer file, as XML."""
    if not answers.root_password_hash:
        raise ValueError("without a root password the host would stop and ask at its first boot")
    rules, storage = answers.rules, answers.sr_type != "none"
    return render(
        "answerfile.xml",
        answers=answers,
        # Always said, since the defaults differ; without storage it is read all the same.
        sr_type=answers.sr_type if storage else rules.default_sr,
        guest_storage="yes" if storage else "no",
        # Installed by DHCP, the host would take its time from there, where later nobody answers.
        says_ntp_source=rules.says_ntp_source,
    )


def _is_timezone(name: str) -> bool:
    if not _TIMEZONE.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        # Windows brings no time zones: there the form has to do.
        return not _knows_timezones()
    return True


def _knows_timezones() -> bool:
    try:
        ZoneInfo("Etc/UTC")
    except (ZoneInfoNotFoundError, OSError):
        return False
    return True


def _is_host(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return _is_hostname(text)
    return True


def _is_hostname(text: str) -> bool:
    return len(text) <= 253 and _HOSTNAME.fullmatch(text) is not None


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _wrong(what: str, value: str, wanted: str) -> ScenarioError:
    return ScenarioError(
        f"The installer cannot be given the {what} `{value}`.",
        details=f"It has to be {wanted}.",
        hint="Correct the scenario; `labkit scenario validate` checks it.",
    )
