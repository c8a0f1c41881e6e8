"""Rules of the installers: what the generation a scenario names cannot do.

The vendor's parsers check little and ignore what they do not know, so all of it is asked of the
generation before there is a machine.
"""

from collections.abc import Callable, Iterator

from labkit.scenario.generations import DEBIAN_GENERATIONS, GENERATIONS, DebianInstaller, Generation
from labkit.scenario.problem import Problem, spoken
from labkit.scenario.scripts import ScriptFile, script_refused
from labkit.scenario.services import NEEDED_SERVICES
from labkit.scenario.sound import Sound
from labkit.scenario.timezones import timezone_missing
from labkit.scenario.values import size_in_words


def disks_hold_the_installation(sound: Sound) -> Iterator[Problem]:
    """A disk is as large as the installer demands."""
    nas = sound.of_kind("nas")
    for place, size in sound.at(int, "hosts", "*", "disk").items():
        rules = _server(sound) if place[1] in nas else _generation(sound)
        if rules is not None and size < rules.smallest_disk_mib:
            yield Problem(
                place,
                f"must be at least {size_in_words(rules.smallest_disk_mib)}:"
                f" the installer of {rules.name} refuses a smaller disk",
            )


def the_installer_can_have_the_disk(sound: Sound) -> Iterator[Problem]:
    """The installer has a driver for a disk of that name."""
    rules, disk = _generation(sound), sound.one(str, "installer", "disk")
    if rules is not None and disk is not None and not rules.knows_disk(disk):
        yield Problem(
            ("installer", "disk"),
            f"the installer of {rules.name} knows no such disk:"
            " `sda` is the first of a SATA controller",
        )


def the_time_zone_is_known(sound: Sound) -> Iterator[Problem]:
    """The time zone is one that hosts of the generation know, and the storage server, too."""
    servers = [_server(sound)] if sound.of_kind("nas") else []
    years = [rules.timezones for rules in (_generation(sound), *servers) if rules is not None]
    name = sound.one(str, "installer", "timezone")
    if years and name is not None and (why := timezone_missing(name, min(years))):
        yield Problem(("installer", "timezone"), why)


def services_can_be_set(sound: Sound) -> Iterator[Problem]:
    """Services are set only where the installer does it, and never those a host needs."""
    rules = _generation(sound)
    services = sound.one(dict, "installer", "services") or {}
    if services and rules is not None and not rules.services:
        yield Problem(
            ("installer", "services"),
            f"the installer of {rules.name} passes over services in silence: that came with 8.0."
            " Use a script of the stage `filesystem-populated`",
        )
        return
    for name, state in services.items():
        if state == "disabled" and name in NEEDED_SERVICES:
            yield Problem(
                ("installer", "services", name),
                "must not be disabled: without it no XAPI would ever answer",
            )


def scripts_have_an_interpreter(sound: Sound) -> Iterator[Problem]:
    """A script begins with an interpreter that the installer takes."""
    rules = _generation(sound)
    for place, script in _scripts(sound):
        if rules is not None and (why := script_refused(script.text, rules.interpreters)):
            yield Problem(place, why)


def scripts_have_names_of_their_own(sound: Sound) -> Iterator[Problem]:
    """No two scripts have the same file name: they are side by side on the medium."""
    first: dict[str, tuple[str | int, ...]] = {}
    for place, script in _scripts(sound):
        before = first.setdefault(script.name.lower(), place)
        if before != place:
            yield Problem(place, f"has the same file name as {spoken(before)}")


RULES: tuple[Callable[[Sound], Iterator[Problem]], ...] = (
    disks_hold_the_installation,
    the_installer_can_have_the_disk,
    the_time_zone_is_known,
    services_can_be_set,
    scripts_have_an_interpreter,
    scripts_have_names_of_their_own,
)


def _generation(sound: Sound) -> Generation | None:
    return GENERATIONS.get(sound.one(str, "installer", "generation") or "")


def _server(sound: Sound) -> DebianInstaller | None:
    return DEBIAN_GENERATIONS.get(
        sound.one(str, "storage", "server", "installer", "generation") or ""
    )


def _scripts(sound: Sound) -> Iterator[tuple[tuple[str | int, ...], ScriptFile]]:
    yield from sound.at(ScriptFile, "installer", "scripts", "*", "file").items()
