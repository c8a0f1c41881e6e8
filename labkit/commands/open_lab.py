"""From what a person typed to a `Lab`: scenario, backend, home, password."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.backend import Backend, open_backend
from labkit.errors import ScenarioError
from labkit.events import Listener
from labkit.lab import Home, Lab, machines_of

if TYPE_CHECKING:
    from labkit.scenario.models import Scenario


def open_home() -> Home:
    """Where labkit keeps its files: `LABKIT_HOME`, else where the operating system says."""
    wanted = os.environ.get("LABKIT_HOME")
    if wanted:
        return Home(Path(wanted).expanduser().absolute())
    from platformdirs import user_data_path

    return Home(user_data_path("labkit", appauthor=False))


def open_lab(
    name: str,
    on: str,
    tell: Listener,
    *,
    lan: str | None = None,
    install_each: bool = False,
    backend: Backend | None = None,
    faults: Sequence[str] = (),
) -> Lab:
    """The lab of a scenario, by its name or its file.

    `lan` is `portable` or `scenario`; None goes on with what the lab was made with. A lab whose
    hosts were installed one by one goes on so, too. `backend` is for who has it open already.
    """
    from labkit.scenario.catalogue import find
    from labkit.scenario.load import load
    from labkit.scenario.portable import portable

    home = open_home()
    scenario = load(find(name, home.path))
    backend = backend or open_backend(on, home.path, faults)
    made = machines_of(backend, scenario.name)
    lan = lan or (made[0].labels.get("lan", "scenario") if made else "scenario")
    if lan == "portable":
        scenario = portable(scenario)
    each = any(machine.labels.get("install") == "each" for machine in made)
    if made and install_each and not each:
        raise ScenarioError(
            f"The hosts of {scenario.name} are clones of a golden machine.",
            details="Machines that exist are not installed anew.",
            hint=f"Run `labkit down {scenario.name}` first, or leave `--install-each` out.",
        )
    lab = lab_of(scenario, backend, home, tell, lan=lan)
    return replace(lab, install_each=install_each or each)


def lab_of(
    scenario: "Scenario", backend: Backend, home: Home, tell: Listener, *, lan: str = "scenario"
) -> Lab:
    """The lab of a scenario that is loaded already. Asks nothing of VirtualBox."""
    from labkit.scenario.digest import digest

    return Lab(
        scenario=scenario,
        scenario_digest=digest(scenario),
        backend=backend,
        home=home,
        tell=tell,
        root_password=_password(scenario, backend),
        iso_folders=_iso_folders(home, backend, scenario),
        lan=lan,
        patience=_patience(),
    )


def _iso_folders(home: Home, backend: Backend, scenario: "Scenario") -> tuple[Path, ...]:
    """Where ISOs are looked for: `LABKIT_ISOS`, `./isos`, labkit's home, the backend's own."""
    named = [Path(part) for part in os.environ.get("LABKIT_ISOS", "").split(os.pathsep) if part]
    own = (backend.isos(scenario.generation_of(kind)) for kind in scenario.kinds)
    once = dict.fromkeys(folder for folders in own for folder in folders)
    return (*named, Path.cwd() / "isos", home.isos, *once)


def given_password(backend: Backend) -> str | None:
    """The root password that is there without asking and without reading the scenario."""
    return os.environ.get("LABKIT_ROOT_PASSWORD") or backend.default_password


def written_password(lab: str) -> str | None:
    """The root password in the scenario of that name, if there is one that has one."""
    from labkit.scenario.catalogue import find
    from labkit.scenario.load import load

    try:
        written = load(find(lab, open_home().path)).installer.root_password
    except ScenarioError:
        # Gone or broken: a lab can be looked at all the same.
        return None
    return None if written is None else written.get_secret_value()


def lab_called(name: str, backend: Backend, home: Home) -> str:
    """The lab of that name, or of that scenario. A lab that exists needs no scenario any more.

    Raises `ScenarioError` when neither is known.
    """
    if machines_of(backend, name) or home.lab(name).is_dir():
        return name
    from labkit.scenario.catalogue import find
    from labkit.scenario.load import load

    return load(find(name, home.path)).name


def same_as_made(lab: Lab) -> None:
    """Raise `ScenarioError` when the lab's machines were made from another scenario than now."""
    for machine in machines_of(lab.backend, lab.name):
        if machine.labels.get("scenario") != lab.scenario_digest:
            raise ScenarioError(
                f"{lab.name} was made from another version of its scenario.",
                details=f"{machine.name} says so. Machines that exist are not changed to fit.",
                hint=f"Run `labkit down {lab.name}` to make it afresh, or undo the change.",
            )


def _password(scenario: "Scenario", backend: Backend) -> Callable[[], str]:
    known: list[str] = []

    def password() -> str:
        if not known:
            known.append(_first_password(scenario, backend))
        return known[0]

    return password


def _patience() -> float:
    """Seconds an installer may be silent: `LABKIT_INSTALL_PATIENCE`, in minutes."""
    said = os.environ.get("LABKIT_INSTALL_PATIENCE") or "20"
    try:
        minutes = float(said)
    except ValueError:
        minutes = 0.0
    if not 0 < minutes < float("inf"):
        raise ScenarioError(
            f"LABKIT_INSTALL_PATIENCE cannot be `{said}`.",
            details="It says for how many minutes an installer may say nothing new.",
            hint="Make it a number greater than 0, such as 20, or unset it.",
        )
    return minutes * 60


def _first_password(scenario: "Scenario", backend: Backend) -> str:
    environment = os.environ.get("LABKIT_ROOT_PASSWORD")
    if environment:
        return environment
    written = scenario.installer.root_password
    if written is not None:
        return written.get_secret_value()
    if backend.default_password is not None:
        return backend.default_password
    if sys.stdin.isatty():
        first = getpass("Root password for the hosts: ")
        if first and first == getpass("The same once more: "):
            return first
        raise ScenarioError(
            "The two root passwords differ, or are empty.",
            hint="Run the command again, or set LABKIT_ROOT_PASSWORD.",
        )
    raise ScenarioError(
        f"Nobody said which root password the hosts of {scenario.name} have.",
        details="It is not in the scenario, and there is no terminal to ask at.",
        hint="Set LABKIT_ROOT_PASSWORD, or `installer.root_password` in the scenario.",
    )
