"""Which scenarios there are, and where: what a person wrote wins over what labkit brings.

A scenario is known by the name it gives itself. Where several have one name, the first folder
wins, and in one folder the file that is called like its scenario. Files are read for their name
and title only; one that cannot be read is listed with its problem, and hides no other.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from labkit.errors import ScenarioError
from labkit.scenario.problem import printable, suggestion

_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the catalogue."""

    name: str
    """What the scenario calls itself; a file that cannot be read goes by its own name."""
    title: str
    path: Path
    shadowed: bool = False
    """Another file of this name comes first."""
    problem: str = ""
    """Why the file cannot be read; whether its scenario is right is for `load` to say."""


def find(name: str, home: Path) -> Path:
    """The file of the scenario a person names: a path, or a name in the catalogue."""
    if _is_path(name):
        path = Path(name).expanduser()
        if not _exists(path):
            raise ScenarioError(
                f"There is no file {path}.",
                details="A name that ends in .yaml or contains a separator is taken for a path.",
                hint="`labkit scenario list` shows the scenarios labkit knows.",
            )
        return path
    entries = catalogue(home)
    for entry in entries:
        if entry.name == name and not entry.shadowed:
            return entry.path
    known = sorted({entry.name for entry in entries})
    raise ScenarioError(
        f"There is no scenario `{printable(name)}`.",
        details=_nearest(name, known),
        hint="`labkit scenario list` shows all there are.",
    )


def catalogue(home: Path) -> tuple[Entry, ...]:
    """All scenarios by name, those that win before those they shadow."""
    entries: list[Entry] = []
    taken: set[str] = set()
    for place in places(home):
        found = sorted(_entries(place), key=lambda entry: entry.path.stem != entry.name)
        for entry in found:
            entries.append(replace(entry, shadowed=entry.name in taken))
            taken.add(entry.name)
    return tuple(sorted(entries, key=lambda entry: entry.name.casefold()))


def places(home: Path) -> tuple[Path, ...]:
    """Where scenarios are looked for, in this order: folders, and files a person names."""
    named = [
        Path(place).expanduser()
        for place in os.environ.get("LABKIT_SCENARIOS", "").split(os.pathsep)
        if place
    ]
    for place in named:
        if not _exists(place):
            raise ScenarioError(
                f"There is no {place}.",
                details="LABKIT_SCENARIOS names it as a folder with scenarios.",
                hint="Make the folder, or correct LABKIT_SCENARIOS.",
            )
    usual = [Path("scenarios"), home / "scenarios", shipped()]
    # In labkit's own checkout the current folder's scenarios are the shipped ones.
    once: dict[Path, Path] = {}
    for place in [*named, *usual]:
        if _exists(place):
            once.setdefault(place.resolve(), place)
    return tuple(once.values())


def shipped() -> Path:
    """The scenarios that come with labkit: in its package, or in the checkout it is run from."""
    package = Path(__file__).parents[1]
    installed = package / "scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True  # and cannot be read, which whoever reads it will say


def _is_path(name: str) -> bool:
    separators = {os.sep, os.altsep or os.sep}
    return name.endswith(_ENDINGS) or any(separator in name for separator in separators)


def _nearest(name: str, known: list[str]) -> str:
    for other in known:
        if other.casefold() == name.casefold():
            return f"There is `{other}`: upper and lower case count."
    # A sentence of its own here, whatever `suggestion` begins with.
    meant = suggestion(name, known)
    return f"{meant[0].upper()}{meant[1:]}"


def _entries(place: Path) -> Iterator[Entry]:
    """The scenarios of a folder by file name, or the one in a file."""
    try:
        if not place.is_dir():
            yield _entry(place)
            return
        files = sorted(
            file
            for file in place.iterdir()
            # Editors keep their copies in hidden files.
            if file.suffix in _ENDINGS and not file.name.startswith(".")
        )
    except OSError as error:
        raise ScenarioError(
            f"The folder {place} cannot be read.",
            details=f"{error.strerror}.",
            hint="Allow yourself to read it, or move it away.",
        ) from error
    yield from map(_entry, files)


def _entry(file: Path) -> Entry:
    # Not at the top: `labkit status` looks up no scenario and is not to pay for YAML.
    from labkit.scenario.document import read

    try:
        document = read(file)
    except ScenarioError as error:
        return Entry(file.stem, "", file, problem=error.details or error.what)
    name, title = document.value.get("name"), document.value.get("title", "")
    if not isinstance(name, str) or not name:
        return Entry(file.stem, "", file, problem=f"{file}: has no `name`")
    problem = document.told(document.problems[0]) if document.problems else ""
    return Entry(
        printable(name),
        " ".join(title.split()) if isinstance(title, str) else "",
        file,
        problem=problem,
    )
