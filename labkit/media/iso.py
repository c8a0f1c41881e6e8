"""The vendor's ISO: found, told apart by what is in it, and never changed.

Only what labkit needs is read. The installer's own names are not assumed: the file the boot
configuration replaces has another name in each of an ISO's directory trees, and a wrong one
makes a medium that boots under BIOS and lands at a bare `grub>` under UEFI.
"""

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from labkit.errors import ComputerError
from labkit.media.generations import GENERATIONS, INSTALLERS, generation_of
from labkit.media.marker import read_marker

_SECTOR = 2048
_ANSWERS = ("/xsinst/answerfile.xml", "/labkit/preseed.cfg")
_GET_ONE = "Download it again; isos/README says from where and how to check it."


@dataclass(frozen=True, slots=True)
class BootFile:
    """A boot configuration on the ISO."""

    path: str
    """Its name in the Rock Ridge and Joliet trees: `/EFI/xenserver/grub.cfg`."""
    primary: str
    """Its name in the primary tree, whose names are cut to eight characters:
    `/EFI/XENSERVE/grub.cfg`."""
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class VendorIso:
    """An installer's ISO, as labkit sees it."""

    path: Path
    product: str
    version: str
    generation: str | None
    """None: labkit cannot drive it."""
    volume_id: str
    size: int
    """Bytes of the file."""
    marker: str = field(repr=False)
    """The text of its `.treeinfo`, `XS-REPOSITORY` or `.disk/info`."""
    isolinux: BootFile
    grub: BootFile | None
    """None: the ISO boots under BIOS only."""


def inspect(path: Path) -> VendorIso:
    """What is in an installer's ISO. Raises `ComputerError` when it is none, or only half."""
    path = path.absolute()
    volume_id, size = _volume(path)
    return _inspected(path, volume_id, size, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _inspected(path: Path, volume_id: str, size: int, changed: int) -> VendorIso:
    """Once for each file as it is: a command asks many times."""
    import pycdlib
    from pycdlib.pycdlibexception import PyCdlibException

    iso = pycdlib.PyCdlib()
    try:
        iso.open(str(path))
    except (PyCdlibException, struct.error, IndexError, OSError) as error:
        raise ComputerError(
            f"The ISO {path} cannot be read.", details=str(error), hint=_GET_ONE
        ) from error
    try:
        return _vendor_iso(iso, path, volume_id, size)
    finally:
        iso.close()


def find_iso(generation: str, folders: Sequence[Path], wanted: Path | None) -> VendorIso:
    """The ISO of a generation: the wanted one, else the first that fits in the folders.

    Raises `ComputerError` that says what was found instead.
    """
    rules = INSTALLERS[generation]
    if wanted is not None:
        found = inspect(wanted)
        if found.generation != generation:
            raise ComputerError(
                f"The ISO {found.path} is not of the generation {generation}.",
                details=f"It is {found.product} {found.version}.",
                hint="Correct `installer.iso` or `installer.generation` in the scenario.",
            )
        return found
    others = []
    for path in _isos(folders):
        try:
            found = inspect(path)
        except ComputerError as error:
            others.append(f"{path}: {error.what}")
            continue
        if found.generation == generation:
            return found
        others.append(f"{path}: this is {found.product} {found.version}")
    raise ComputerError(
        f"There is no ISO of {rules.product} {rules.versions} on this computer.",
        details="\n".join(
            [f"Looked in: {', '.join(map(str, folders)) or 'no folder at all'}.", *others]
        ),
        hint=f"Put {rules.iso_name} into {folders[0] if folders else 'isos/'}: "
        "isos/README says from where to get it.",
    )


def _isos(folders: Sequence[Path]) -> list[Path]:
    return [
        path
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.iterdir())
        if path.suffix.lower() == ".iso" and path.is_file()
    ]


def _volume(path: Path) -> tuple[str, int]:
    """Volume label and file size. Found out without pycdlib, for errors a person understands."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(16 * _SECTOR)
            descriptor = file.read(_SECTOR)
    except FileNotFoundError as error:
        raise ComputerError(
            f"There is no ISO {path}.",
            hint="Correct its path in the scenario; isos/README says from where to get it.",
        ) from error
    except OSError as error:
        raise ComputerError(
            f"The ISO {path} cannot be read.",
            details=str(error),
            hint="Make it a file that you may read.",
        ) from error
    if len(descriptor) < _SECTOR or descriptor[:6] != b"\x01CD001":
        raise ComputerError(
            f"{path} is not an ISO.",
            details=f"It is {size} bytes long and has no volume descriptor.",
            hint=_GET_ONE,
        )
    (blocks,) = struct.unpack_from("<I", descriptor, 80)
    (block,) = struct.unpack_from("<H", descriptor, 128)
    if blocks * block > size:
        raise ComputerError(
            f"The ISO {path} is truncated.",
            details=f"Its own table says {blocks * block} bytes; the file has {size}.",
            hint=_GET_ONE,
        )
    return descriptor[40:72].decode("ascii", "replace").strip(), size


def _vendor_iso(iso: Any, path: Path, volume_id: str, size: int) -> VendorIso:
    if not (iso.has_rock_ridge() and iso.has_joliet()):
        raise _not_ours(path, volume_id, "It has no Rock Ridge or no Joliet names.")
    found = read_marker(lambda name: _text(iso, f"/{name}"))
    if found is None:
        names = sorted({rules.marker for rules in GENERATIONS.values()})
        raise _not_ours(
            path,
            volume_id,
            f"It has no {' or '.join(names)}: it is another product, or a "
            "network installer (netinstall) without packages.",
        )
    if found.not_ours:
        raise _not_ours(path, volume_id, found.not_ours)
    if any(_text(iso, answers) is not None for answers in _ANSWERS):
        raise ComputerError(
            f"The ISO {path} is not the vendor's own.",
            details=f"It is {found.product} {found.version} with answers on it already, as "
            "`labkit media build` makes it.",
            hint="Use the vendor's ISO; isos/README says from where to get it.",
        )
    generation = generation_of(found.product, found.version)
    # Those of a generation labkit does not know are only looked at, to say what they are.
    alike = "debian-12" if found.product.startswith("Debian") else "xcp-ng-8.3"
    rules = generation or INSTALLERS[alike]
    isolinux = _boot_file(iso, rules.isolinux)
    grub = _boot_file(iso, rules.grub) if rules.grub else None
    if not found.product or isolinux is None:
        what = f"{found.product or 'an unknown product'} {found.version}"
        raise _not_ours(path, volume_id, f"It is {what}.")
    return VendorIso(
        path=path,
        product=found.product,
        version=found.version,
        generation=generation.name if generation else None,
        volume_id=volume_id,
        size=size,
        marker=found.text,
        isolinux=isolinux,
        grub=grub,
    )


def _boot_file(iso: Any, path: str) -> BootFile | None:
    text = _text(iso, path)
    if text is None:
        return None
    primary = iso.full_path_from_dirrecord(iso.get_record(rr_path=path))
    return BootFile(path, _primary(primary, path), text)


def _primary(primary: str, path: str) -> str:
    """The name to give for the primary tree: the real name as long as capital letters and a
    version are all that tells the two apart, since Rock Ridge takes its name from here too."""
    return "/".join(
        real if cut.partition(";")[0].rstrip(".").upper() == real.upper() else cut
        for cut, real in zip(primary.split("/"), path.split("/"), strict=True)
    )


def _text(iso: Any, path: str) -> str | None:
    from pycdlib.pycdlibexception import PyCdlibInvalidInput

    read = io.BytesIO()
    try:
        iso.get_file_from_iso_fp(read, rr_path=path)
    except PyCdlibInvalidInput:
        return None
    return read.getvalue().decode("utf-8", "replace")


def _not_ours(path: Path, volume_id: str, why: str) -> ComputerError:
    return ComputerError(
        f"The ISO {path} is not an installer that labkit knows.",
        details=f"{why} Its label is `{volume_id}`.",
        hint="isos/README says which ISO to get.",
    )
