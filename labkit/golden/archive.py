"""A golden machine in one file: a tar with a manifest first, then the disk.

Not compressed: most of an installed disk is packages, which are, and a teacher's USB stick is
slow enough without. The manifest has the disk's checksum, so it can only be written when the
disk has been; its place is kept free until then, and the disk is read once.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from labkit.errors import ComputerError

FORMAT = 1
_MANIFEST, _DISK = "manifest.json", "disk.vdi"
_ROOM = 4096
"""Bytes kept for the manifest."""
_CHUNK = 1024 * 1024
_KIND = "labkit golden machine"

Progress = Callable[[float], None]
"""Told from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in the file."""

    generation: str
    digest: str
    answers: str
    iso: str
    made: str
    backend: str
    """Pretended disks are no use to VirtualBox, nor the other way round."""
    virtualbox: str
    """The version that wrote the disk."""
    memory_mib: int
    disk_bytes: int
    disk_sha256: str = ""
    """Empty until the disk has been read."""


class _Hashing(io.RawIOBase):
    """Reads a file, and knows its checksum afterwards."""

    def __init__(self, file: Any, size: int, progress: Progress) -> None:
        self._file, self._size, self._progress = file, size, progress
        self._read = 0
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        part: bytes = self._file.read(size)
        self.sha256.update(part)
        self._read += len(part)
        self._progress(min(1.0, self._read / max(self._size, 1)))
        return part


def needed(manifest: Manifest) -> int:
    """Bytes of the whole file."""
    blocks = -(-manifest.disk_bytes // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
    whole = 2 * tarfile.BLOCKSIZE + _ROOM + blocks + 2 * tarfile.BLOCKSIZE
    return -(-whole // tarfile.RECORDSIZE) * tarfile.RECORDSIZE


def write(file: Path, manifest: Manifest, disk: Path, progress: Progress) -> None:
    """Write the file whole or not at all; raises `OSError`, on a full disk say."""
    half = file.with_name(f"{file.name}.part")
    try:
        with half.open("wb") as out:
            with (
                disk.open("rb") as source,
                tarfile.TarFile(
                    fileobj=out, mode="w", format=tarfile.GNU_FORMAT, copybufsize=_CHUNK
                ) as tar,
            ):
                reader = _Hashing(source, manifest.disk_bytes, progress)
                tar.addfile(_entry(_MANIFEST, _ROOM), io.BytesIO(bytes(_ROOM)))
                tar.addfile(_entry(_DISK, manifest.disk_bytes), reader)
            out.seek(tarfile.BLOCKSIZE)
            out.write(_text(manifest, reader.sha256.hexdigest()))
            out.flush()
            os.fsync(out.fileno())
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)


def read(file: Path) -> Manifest:
    """What is in the file. Raises `ComputerError` when labkit did not write it, when a newer
    labkit did, or when it is cut off."""
    with _opened(file) as tar:
        return _manifest(file, tar)


def extract(file: Path, to: Path, progress: Progress) -> None:
    """Write the disk that is in the file to a file of its own, checked; raises `ComputerError`
    and leaves nothing when it is not what was put in."""
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _opened(file) as tar:
            manifest = _manifest(file, tar)
            member = tar.next()
            source = tar.extractfile(member) if member and member.name == _DISK else None
            if source is None:
                raise _damaged(file, "There is no disk in it.")
            reader = _Hashing(source, manifest.disk_bytes, progress)
            with to.open("wb") as out:
                while part := reader.read(_CHUNK):
                    out.write(part)
                written = out.tell()
        found = reader.sha256.hexdigest()
        if (written, found) != (manifest.disk_bytes, manifest.disk_sha256):
            raise _damaged(
                file, f"Its disk should have SHA-256 {manifest.disk_sha256} and has {found}."
            )
    except BaseException:
        to.unlink(missing_ok=True)
        raise


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(file, "r:") as tar:
            yield tar
    except tarfile.ReadError as cause:
        if "unexpected end of data" in str(cause):
            raise _damaged(file, "It ends too early.") from cause
        raise _foreign(file, str(cause)) from cause
    except FileNotFoundError as cause:
        raise ComputerError(
            f"There is no file {file}.", hint="Say which file `labkit golden export` wrote."
        ) from cause


def _manifest(file: Path, tar: tarfile.TarFile) -> Manifest:
    member = tar.next()
    if member is None or member.name != _MANIFEST or member.size != _ROOM:
        raise _foreign(file, f"It does not begin with a {_MANIFEST}.")
    source = tar.extractfile(member)
    assert source is not None, "a member of that size is a file"
    try:
        said = json.loads(source.read())
        kind, number = said.pop("kind"), said.pop("format")
    except (ValueError, KeyError, AttributeError) as cause:
        raise _foreign(file, f"Its {_MANIFEST} says something else.") from cause
    if kind != _KIND:
        raise _foreign(file, f"It is `{kind}`.")
    if not isinstance(number, int) or number > FORMAT:
        raise ComputerError(
            f"A newer labkit wrote {file}.",
            details=f"It is of format {number}; this one reads up to {FORMAT}.",
            hint="Install that labkit here, or export the machine again with one like this.",
        )
    kinds = {field.name: field.type for field in fields(Manifest)}
    if set(said) != set(kinds) or any(type(said[key]) is not kinds[key] for key in kinds):
        raise _damaged(file, f"Its {_MANIFEST} lacks something.")
    return Manifest(**said)


def _text(manifest: Manifest, sha256: str) -> bytes:
    said = {"kind": _KIND, "format": FORMAT} | asdict(manifest) | {"disk_sha256": sha256}
    text = json.dumps(said, indent=2).encode()
    assert len(text) < _ROOM, "a manifest is a few short lines"
    return text.ljust(_ROOM - 1) + b"\n"


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o644
    return entry


def _foreign(file: Path, why: str) -> ComputerError:
    return ComputerError(
        f"{file} is not a golden machine that labkit exported.",
        details=why,
        hint="Say which file `labkit golden export` wrote.",
    )


def _damaged(file: Path, why: str) -> ComputerError:
    return ComputerError(
        f"The file {file} is damaged; nothing was made of it.",
        details=why,
        hint="Copy it again from where it came, or export the machine again.",
    )
