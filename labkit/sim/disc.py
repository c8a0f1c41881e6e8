"""What a machine finds on a DVD: two trees of files, and what firmware boots from it.

The primary tree has short names for firmware and Rock Ridge names for Linux; Joliet has names
of its own. Both are kept, since an image may say different things in them.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Content:
    """Bytes in some file on the computer."""

    file: Path
    offset: int
    length: int

    def read(self) -> bytes:
        with self.file.open("rb") as file:
            file.seek(self.offset)
            return file.read(self.length)


@dataclass
class Entry:
    """A file or, without content, a directory."""

    name: str
    """As this tree has it."""
    long_name: str
    """As Rock Ridge has it."""
    content: Content | None = None
    entries: "list[Entry]" = field(default_factory=list)

    def named(self, name: str) -> "Entry | None":
        """Short names are the same in capitals."""
        wanted = name.casefold()
        return next((e for e in self.entries if e.name.casefold() == wanted), None)

    def known_as(self, name: str) -> "Entry | None":
        """The first entry of that Rock Ridge name: there may be two."""
        return next((e for e in self.entries if e.long_name == name), None)


Pick = Callable[[Entry, str], Entry | None]
"""How a name is looked up in a directory."""


@dataclass
class Disc:
    """What is in a drive."""

    label: str = ""
    boots: frozenset[str] = frozenset()
    """Firmware it has El Torito entries for: `bios`, `efi`."""
    primary: Entry = field(default_factory=lambda: Entry("", ""))
    joliet: Entry = field(default_factory=lambda: Entry("", ""))

    def read(self, path: str) -> bytes:
        """A file as Linux and grub find it, by its Rock Ridge name. `FileNotFoundError`."""
        return _read(self.primary, path, Entry.known_as)

    def read_short(self, path: str) -> bytes:
        """A file as isolinux finds it, by its name in the primary tree. `FileNotFoundError`."""
        return _read(self.primary, path, Entry.named)

    def folder(self, path: str) -> dict[str, bytes]:
        """The files of a directory, as Linux finds them; empty when there is none."""
        place = self.primary
        for name in parts(path):
            inner = place.known_as(name)
            if inner is None:
                return {}
            place = inner
        return {e.long_name: e.content.read() for e in place.entries if e.content is not None}

    def holds(self, path: str) -> bool:
        try:
            self.read(path)
        except FileNotFoundError:
            return False
        return True


def read_iso(path: Path) -> Disc:
    """A real image. What cannot be read as ISO 9660 is a disc with nothing on it."""
    # Only here: it would slow down every command.
    from pycdlib import PyCdlib
    from pycdlib.pycdlibexception import PyCdlibException

    image = PyCdlib()
    try:
        image.open(str(path))
    except (PyCdlibException, struct.error, IndexError, ValueError):
        return Disc()
    try:
        label = image.pvd.volume_identifier.decode("ascii", "replace").rstrip()
        primary = _tree(image.pvd.root_directory_record(), path)
        joliet = Entry("", "")
        if image.joliet_vd is not None:
            joliet = _tree(image.joliet_vd.root_directory_record(), path, "utf-16-be")
        boots = set()
        if image.eltorito_boot_catalog is not None:
            platforms = {image.eltorito_boot_catalog.validation_entry.platform_id}
            platforms |= {s.platform_id for s in image.eltorito_boot_catalog.sections}
            boots = {"efi" if platform == 0xEF else "bios" for platform in platforms}
        return Disc(label, frozenset(boots), primary, joliet)
    finally:
        image.close()


def _tree(record: Any, file: Path, encoding: str = "ascii") -> Entry:
    top = Entry("", "")
    for child in record.children:
        if child.is_dot() or child.is_dotdot():
            continue
        name = child.file_identifier().decode(encoding, "replace").split(";")[0].rstrip(".")
        long_name = name if encoding != "ascii" else name.lower()
        if child.rock_ridge is not None and child.rock_ridge.name():
            long_name = child.rock_ridge.name().decode()
        if child.is_dir():
            entry = _tree(child, file, encoding)
            entry.name, entry.long_name = name, long_name
        else:
            length = child.get_data_length()
            entry = Entry(name, long_name, Content(file, child.extent_location() * 2048, length))
        top.entries.append(entry)
    return top


def parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def find(top: Entry, path: str, pick: Pick) -> Entry | None:
    place: Entry | None = top
    for name in parts(path):
        place = pick(place, name) if place is not None else None
    return place


def _read(top: Entry, path: str, pick: Pick) -> bytes:
    found = find(top, path, pick)
    if found is None or found.content is None:
        raise FileNotFoundError(path)
    return found.content.read()
