"""Answers to the installer's questions, checked before an installer sees them.

The vendor's parser ignores what it does not know and checks few values: a misspelt time zone
leaves a host without one, a host name is taken as it is. Whatever is checked at all is checked
here, when the answers are made.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, get_args

from labkit.errors import ScenarioError
from labkit.media.generations import GENERATIONS, Generation
from labkit.media.render import render
from labkit.scenario.scripts import RESERVED, Stage, script_refused
from labkit.scenario.services import NEEDED_SERVICES
from labkit.scenario.timezones import timezone_missing

if TYPE_CHECKING:
    from labkit.media.identity import Identity
    from labkit.scenario.models import Scenario

_HOSTNAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")
_KEYMAP = re.compile(r"[A-Za-z][A-Za-z0-9_.+-]{0,39}")
_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9@_-]{0,99}")
_SCRIPT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9]+)?")
ROOT_HASH = re.compile(r"\$6\$(rounds=[0-9]{1,9}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}")
_MD5_HASH = re.compile(r"\$1\$[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{22}")
_STAGES = get_args(Stage)
_HASHES = {"$6$": ROOT_HASH, "$1$": _MD5_HASH}

NO_PASSWORD = f"$6$placeholder${'.' * 86}"
"""In the form of a hash, and of no password anybody knows."""


@dataclass(frozen=True, slots=True)
class Script:
    """A person's own script, and when the installer runs it."""

    stage: Stage
    name: str
    """On the medium."""
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answers:
    """What a machine is installed with. Raises `ScenarioError` when a value is wrong.

    A golden machine's network and name are only until a clone's identity replaces them.
    """

    generation: str
    sr_type: str
    """Storage on the machine's own disk: `ext`, `lvm` or `none`."""
    keymap: str = "us"
    timezone: str = "Etc/UTC"
    ntp: tuple[str, ...] = ()
    """Time servers; none: the installer's own."""
    disk: str = "sda"
    services: tuple[tuple[str, str], ...] = ()
    """Services and `enabled` or `disabled`."""
    scripts: tuple[Script, ...] = ()
    root_password_hash: str = field(default="", repr=False)
    """For `crypt`. May be left out where answers are only compared."""
    hostname: str = "labkit-golden"
    identity: "Identity | None" = None
    """Who the host is, where it is installed to be itself; None: a golden machine."""

    def __post_init__(self) -> None:
        rules = GENERATIONS.get(self.generation)
        if rules is None:
            raise _wrong("installer generation", self.generation, f"one of {_list(GENERATIONS)}")
        if self.sr_type not in (*rules.sr_types, "none"):
            raise _wrong("storage type", self.sr_type, f"one of {_list(rules.sr_types)} and `none`")
        if not _KEYMAP.fullmatch(self.keymap):
            raise _wrong("keyboard", self.keymap, "a console keymap, such as `us` or `es`")
        if why := timezone_missing(self.timezone, rules.timezones):
            raise _refused(f"the time zone `{self.timezone}`", f"{why[0].upper()}{why[1:]}.")
        for server in self.ntp:
            if not _is_host(server):
                raise _wrong("time server", server, "a host name or an address")
        if not rules.knows_disk(self.disk):
            raise _wrong("disk", self.disk, f"one {rules.name} has a driver for, such as `sda`")
        self._check_services(rules)
        self._check_scripts(rules)
        if not _is_hostname(self.hostname):
            raise _wrong("host name", self.hostname, "letters, digits and dashes")
        forms = [_HASHES[begins] for begins in rules.root_hashes]
        if self.root_password_hash and not any(
            form.fullmatch(self.root_password_hash) for form in forms
        ):
            # What it is instead may be the password itself: it is not told.
            wanted = " or ".join(f"`{begins}salt$…`" for begins in rules.root_hashes)
            raise _wrong("root password hash", "(not shown)", f"of the form {wanted}")

    def _check_services(self, rules: Generation) -> None:
        names = [name for name, _ in self.services]
        if names and not rules.services:
            raise _refused(
                f"the service `{names[0]}`", f"That of {rules.name} passes over services."
            )
        for name, state in self.services:
            if not _SERVICE.fullmatch(name) or names.count(name) > 1:
                raise _wrong("service", name, "a name without `.service`, and said once")
            if state not in ("enabled", "disabled"):
                raise _wrong("state of a service", state, "`enabled` or `disabled`")
            if state == "disabled" and name in NEEDED_SERVICES:
                raise _refused(f"the end of `{name}`", "Without it no XAPI would ever answer.")

    def _check_scripts(self, rules: Generation) -> None:
        names = [script.name.lower() for script in self.scripts]
        for script in self.scripts:
            if (
                not _SCRIPT.fullmatch(script.name)
                or names.count(script.name.lower()) > 1
                or script.name.lower() in RESERVED
            ):
                raise _wrong("script", script.name, "a plain file name, and one of its own")
            if why := script_refused(script.text, rules.interpreters):
                raise _refused(f"the script `{script.name}`", f"It {why}.")
            if script.stage not in _STAGES:
                # The installer would never run it, and say nothing.
                raise _wrong("stage of a script", script.stage, f"one of {_list(_STAGES)}")

    @property
    def rules(self) -> Generation:
        return GENERATIONS[self.generation]


def answers_of(scenario: "Scenario", root_password_hash: str = "") -> Answers:
    """What a scenario says to its installer."""
    installer = scenario.installer
    return Answers(
        generation=installer.generation,
        sr_type=scenario.storage.local,
        keymap=installer.keymap,
        timezone=installer.timezone,
        ntp=installer.ntp,
        disk=installer.disk,
        services=tuple(installer.services.items()),
        scripts=tuple(
            Script(each.stage, each.file.name, each.file.text) for each in installer.scripts
        ),
        root_password_hash=root_password_hash,
    )


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
        ntp_source=rules.ntp_source,
    )


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
    return _refused(f"the {what} `{value}`", f"It has to be {wanted}.")


def _refused(what: str, why: str) -> ScenarioError:
    return ScenarioError(
        f"The installer cannot be given {what}.",
        details=why,
        hint="Correct the scenario; `labkit scenario validate` checks it.",
    )
