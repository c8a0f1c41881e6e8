"""A lock that the operating system holds: released when its process ends, however it ends.

Never stale, so never to be cleared by hand. Beside it stands who holds it, for a person to read.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

if sys.platform == "win32":  # pragma: no cover - exercised on Windows only
    import msvcrt

    def _take(file: IO[str], *, block: bool) -> None:
        # Byte 2^30 stands for the file: Windows makes locked bytes unreadable, and the text
        # at the beginning has to stay readable.
        file.seek(1 << 30)
        # LK_LOCK tries ten times, a second apart, and then raises: go on until it is had.
        while True:
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if block else msvcrt.LK_NBLCK, 1)
                return
            except OSError:
                if not block:
                    raise
else:
    import fcntl

    def _take(file: IO[str], *, block: bool) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if block else fcntl.LOCK_NB))


class Held(Exception):
    """Somebody else holds the lock; the text is what the holder wrote."""


@contextmanager
def locked(path: Path, *, holder: str = "", block: bool = False) -> Iterator[None]:
    """Hold the lock at `path` while inside.

    Raises `Held` with the other holder's words when it is taken and `block` is false.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Closing the file gives the lock back; the file itself stays, since removing it would let
    # two processes hold two files of the same name.
    path.touch(mode=0o600)
    with path.open("r+", encoding="utf-8") as file:
        try:
            _take(file, block=block)
        except OSError as taken:
            file.seek(0)
            raise Held(file.read().strip()) from taken
        file.seek(0)
        file.truncate()
        file.write(holder)
        file.flush()
        yield
