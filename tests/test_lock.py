"""A lock is the operating system's: gone when its holder is."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from labkit.lock import Held, locked

HOLDER = """
import sys, time
from pathlib import Path
from labkit.lock import locked
with locked(Path(sys.argv[1]), holder="the other one"):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def held_by_another(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the lock until it is killed."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        try:
            yield other
        finally:
            other.kill()


def test_the_second_learns_who_holds_it(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with held_by_another(lock), pytest.raises(Held, match="the other one"), locked(lock):
        raise AssertionError("the lock was taken twice")


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    with held_by_another(tmp_path / "lock") as other:
        other.kill()
        other.wait()
        with locked(tmp_path / "lock", holder="me"):
            assert (tmp_path / "lock").read_text() == "me"


def test_a_blocking_holder_waits_for_its_turn(tmp_path: Path) -> None:
    with held_by_another(tmp_path / "lock") as other:
        threading.Timer(0.3, other.kill).start()
        with locked(tmp_path / "lock", block=True):
            assert other.wait(timeout=10) != 0


def test_the_lock_is_free_again_after_its_block(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(tmp_path / "lock"):
            pass
