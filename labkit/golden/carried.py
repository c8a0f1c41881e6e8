"""A golden machine carried to another computer: thirty laptops, one installation."""

import re
import shutil
from pathlib import Path

from labkit.backend import Backend
from labkit.errors import ComputerError, LabError, ScenarioError
from labkit.golden import archive
from labkit.golden.archive import Manifest, Progress
from labkit.golden.found import ROLE, Origin, check_disk, origin_of, seal, sealed, spec
from labkit.lab import Home, Place, find_machine
from labkit.vbox.driver import Machine, Power


def export(backend: Backend, home: Home, machine: Machine, file: Path, progress: Progress) -> None:
    """Write a golden machine into one file. A file that is there already stays as it is."""
    if not sealed(machine):
        raise LabError(
            f"{machine.name} is not finished: there is nothing to export yet.",
            hint="`labkit golden build SCENARIO` goes on with it.",
        )
    if file.exists():
        raise ScenarioError(
            f"{file} is there already.", hint="Name a new file, or remove that one first."
        )
    if not file.parent.is_dir():
        raise ScenarioError(f"There is no folder {file.parent}.", hint="Make it, or name another.")
    # Nobody may remove it meanwhile.
    with home.held(machine.name, f"labkit golden export to {file}"):
        check_disk(backend.driver, machine)
        disk, origin = backend.driver.disk(machine.name), origin_of(machine)
        manifest = Manifest(
            generation=origin.generation,
            digest=origin.digest,
            answers=origin.answers,
            iso=origin.iso,
            made=origin.made,
            backend=backend.name,
            virtualbox=backend.driver.version(),
            memory_mib=machine.memory_mib,
            disk_bytes=disk.stat().st_size,
        )
        whole = archive.needed(manifest)
        _expect_room(file.parent, whole, shutil.disk_usage(file.parent).free)
        try:
            archive.write(file, manifest, disk, progress)
        except OSError as refusal:
            raise ComputerError(
                f"{file} could not be written; nothing is left of it.",
                details=f"{refusal}. It needs {_spoken(whole)}.",
                hint="Make room there, or name a file on another disk.",
            ) from refusal


def read(backend: Backend, file: Path) -> Manifest:
    """What is in a file to be imported. Raises `ComputerError` when it cannot be used here."""
    manifest = archive.read(file)
    if manifest.backend != backend.name:
        raise ComputerError(
            f"{file} is of another backend than {backend.name}.",
            details=f"It was exported with `--on {manifest.backend}`.",
            hint=f"Import it with `--on {manifest.backend}`.",
        )
    # The name of a folder is made of it.
    if not re.fullmatch(r"golden-[a-z0-9]+(-[a-z0-9.]+)*-[0-9a-f]{12}", _origin(manifest).name):
        raise ComputerError(
            f"{file} does not say which golden machine it is.",
            details=f"It says `{manifest.generation}` and `{manifest.digest}`.",
            hint="Export the machine again.",
        )
    return manifest


def bring_in(
    backend: Backend, home: Home, file: Path, manifest: Manifest, progress: Progress
) -> bool:
    """Make the golden machine that is in a file; False when it is there already."""
    origin = _origin(manifest)
    place = Place(origin.name, home.golden / origin.name)
    with home.held(origin.name, f"labkit golden import {file}"):
        machine = find_machine(backend, origin.name, role=ROLE)
        if machine is not None and sealed(machine):
            check_disk(backend.driver, machine)
            return False
        if machine is not None and machine.power is not Power.OFF:
            raise LabError(
                f"{origin.name} is being installed here.",
                details=f"Its machine is {machine.power}.",
                hint="Let `labkit up` finish it, or remove it with `labkit golden prune`.",
            )
        _remove(backend, place, machine)
        free = min(shutil.disk_usage(_there(home.path)).free, backend.free(home.path))
        _expect_room(home.path, manifest.disk_bytes, free)
        try:
            image = place.medium_folder / "disk.vdi"
            archive.extract(file, image, progress)
            made = backend.driver.create(
                spec(place, origin, memory_mib=manifest.memory_mib, image=image)
            )
            seal(backend.driver, made)
        except BaseException as broken:  # Ctrl-C too
            _take_back(backend, place, broken)
            raise
        place.clear()
    return True


def _origin(manifest: Manifest) -> Origin:
    return Origin(
        generation=manifest.generation,
        digest=manifest.digest,
        answers=manifest.answers,
        iso=manifest.iso,
        made=manifest.made,
    )


def _remove(backend: Backend, place: Place, machine: Machine | None) -> None:
    if machine is not None:
        backend.driver.remove(machine.name)
    place.clear()


def _take_back(backend: Backend, place: Place, broken: BaseException) -> None:
    try:
        _remove(backend, place, find_machine(backend, place.machine, role=ROLE))
    except LabError as stuck:
        # The first failure is the one to report; the next import clears away what is left.
        broken.add_note(f"{stuck.what} {stuck.details}")


def _there(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def _expect_room(folder: Path, wanted: int, free: int) -> None:
    if free < wanted:
        raise ComputerError(
            f"There is not enough room in {folder}; nothing was written.",
            details=f"It needs {_spoken(wanted)}; {_spoken(free)} are free.",
            hint="Make room there, or choose a folder on another disk.",
        )


def _spoken(size: int) -> str:
    for unit, factor in (("GiB", 1024**3), ("MiB", 1024**2)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size / 1024:.0f} KiB"
