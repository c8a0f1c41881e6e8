"""The first-boot hook, under the init that starts it: systemd, and System V's own.

A host is written as its installation leaves it, labkit's script included, and started with the
identity's medium in its drive. Stand-ins of the vendor's programs note whom they take it for.
"""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from labkit.media.generations import GENERATIONS
from labkit.media.identity import write_identity
from tests.boot.host import Boot, Seen, install, start
from tests.boot.stand_ins import SCRIPTS, UNITS
from tests.contract.witness import run
from tests.media import test_hook, test_hook_sysv
from tests.media.conftest import HASH
from tests.media.test_identity import identity

pytestmark = pytest.mark.boot


@dataclass(frozen=True)
class Style:
    """Hosts with one init."""

    generation: str
    installed: Mapping[str, str]
    after: Mapping[str, str]
    order: tuple[str, ...]
    """The vendor's programs."""
    trace: str
    """What a host has that has booted."""

    @property
    def init(self) -> str:
        return GENERATIONS[self.generation].init


STYLES = {
    "systemd": Style(
        "xcp-ng-8.3",
        test_hook.INSTALLED,
        test_hook.AFTER,
        tuple(UNITS),
        "var/lib/xcp/state.db",
    ),
    "sysv": Style(
        "xcp-1.6",
        test_hook_sysv.INSTALLED,
        test_hook_sysv.AFTER,
        tuple(SCRIPTS),
        "var/xapi/state.db",
    ),
}
ROOTS = Path("/opt/labkit/boot-roots")
NEW = identity()


@pytest.fixture(scope="module")
def roots(parts: Path) -> Path:
    make = Path(__file__).parent / "installed/roots"
    done = subprocess.run([make, parts, ROOTS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    return ROOTS


@pytest.fixture(scope="module", params=STYLES.values(), ids=list(STYLES))
def style(request: pytest.FixtureRequest) -> Style:
    style: Style = request.param
    return style


@pytest.fixture(scope="module")
def medium(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("identity")
    viso = write_identity(folder, NEW)
    # QEMU knows nothing of VISO files; VirtualBox's own code makes this one whole.
    flat = folder / "flat.iso"
    run("clonemedium", "dvd", str(viso), str(flat), "--format", "RAW")
    run("closemedium", "dvd", str(flat))
    run("closemedium", "dvd", str(viso))
    return flat


@pytest.fixture(scope="module")
def booted_twice(
    style: Style, roots: Path, parts: Path, medium: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Boot, Boot]:
    """A host's first, and its second."""
    folder = tmp_path_factory.mktemp("twice")
    disk = folder / "host.img"
    install(disk, style.generation, style.installed, roots)
    kernel = parts / "vmlinuz"
    first = start(disk, roots, kernel, folder / "first", cd=medium)
    return first, start(disk, roots, kernel, folder / "second", cd=medium)


@pytest.fixture(scope="module")
def booted_before(
    style: Style, roots: Path, parts: Path, medium: Path, tmp_path_factory: pytest.TempPathFactory
) -> Boot:
    folder = tmp_path_factory.mktemp("before")
    disk = folder / "host.img"
    install(disk, style.generation, {**style.installed, style.trace: ""}, roots)
    return start(disk, roots, parts / "vmlinuz", folder / "boot", cd=medium)


@pytest.fixture(scope="module")
def without_medium(
    style: Style, roots: Path, parts: Path, tmp_path_factory: pytest.TempPathFactory
) -> Boot:
    folder = tmp_path_factory.mktemp("without")
    disk = folder / "host.img"
    install(disk, style.generation, style.installed, roots)
    return start(disk, roots, parts / "vmlinuz", folder / "boot", cd=None)


def own_files(boot: Boot, style: Style) -> dict[str, str]:
    """What the hook has to do with, as far as it is there."""
    names = style.installed.keys() | style.after.keys()
    return {n: (boot.files / n).read_text() for n in names if (boot.files / n).exists()}


def labkit_said(boot: Boot) -> list[str]:
    return [line.partition("labkit: ")[2] for line in boot.console if "labkit: " in line]


def test_all_of_the_vendors_programs_see_the_new_host_and_no_other(
    booted_twice: tuple[Boot, Boot], style: Style
) -> None:
    uuid = NEW.host_uuid.lower()
    wanted = {
        Seen(name, "after", uuid, NEW.control_domain_uuid, NEW.hostname) for name in style.order
    }
    assert set(booted_twice[0].seen) == wanted
    assert len(booted_twice[0].seen) == len(style.order)


def test_a_first_boot_makes_the_clone_itself(booted_twice: tuple[Boot, Boot], style: Style) -> None:
    assert own_files(booted_twice[0], style) == style.after
    assert not list((booted_twice[0].files / "etc").rglob("*.labkit"))


def test_what_it_did_stands_on_the_serial_console(booted_twice: tuple[Boot, Boot]) -> None:
    said = labkit_said(booted_twice[0])
    assert "changed /etc/shadow" in said
    assert said[-1] == f"this is now {NEW.hostname}, {NEW.address}, host {NEW.host_uuid.lower()}"
    assert not any(HASH in line for line in booted_twice[0].console)


def test_nothing_is_left_out_to_break_a_cycle(booted_twice: tuple[Boot, Boot]) -> None:
    """systemd would start a host without one of its units, the hook perhaps."""
    assert not [line for line in booted_twice[0].console if "ordering cycle" in line.lower()]


def test_a_second_boot_changes_nothing(booted_twice: tuple[Boot, Boot], style: Style) -> None:
    first, second = booted_twice
    assert own_files(second, style) == own_files(first, style)
    assert set(second.seen) == set(first.seen)
    assert len(second.seen) == 2 * len(style.order)
    # systemd does not even start it.
    already = f"nothing to do: this is host {NEW.host_uuid.lower()} already"
    assert labkit_said(second) == ([] if style.init == "systemd" else [already])


def test_a_host_that_has_booted_before_is_left_alone_and_boots(
    booted_before: Boot, style: Style
) -> None:
    assert {seen.name for seen in booted_before.seen} == set(style.order)
    assert {seen.stamp for seen in booted_before.seen} == {"before"}
    assert own_files(booted_before, style) == style.installed
    refused = f"nothing was changed: this host has booted before: there is /{style.trace}"
    assert labkit_said(booted_before) == [refused]


def test_without_a_medium_nothing_is_changed_and_the_host_boots(
    without_medium: Boot, style: Style
) -> None:
    assert {seen.name for seen in without_medium.seen} == set(style.order)
    assert own_files(without_medium, style) == style.installed
    refused = "nothing was changed: no medium labelled LABKIT came within 30 seconds"
    assert labkit_said(without_medium) == [refused]
