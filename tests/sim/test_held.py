"""A program that keeps the world in memory, and others that want it too."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.errors import ComputerError
from labkit.sim.held import HeldStore
from labkit.sim.store import Store

SPEED = 0.001


@pytest.fixture
def held(tmp_path: Path) -> Iterator[HeldStore]:
    store = HeldStore(tmp_path / "sim", SPEED)
    yield store
    store.close()


def note(store: Store, name: str) -> None:
    with store.turn() as world:
        world.host_only[name] = "noted"


def notes(store: Store) -> set[str]:
    with store.turn(reading=True) as world:
        return set(world.host_only)


def test_another_program_sees_the_same_world_within_a_moment(held: HeldStore) -> None:
    note(held, "first")
    other = Store(held.folder, SPEED)
    began = time.monotonic()
    assert notes(other) == {"first"}
    assert time.monotonic() - began < 1
    note(other, "second")
    assert notes(held) == {"first", "second"}


def test_the_file_is_not_written_after_every_turn(held: HeldStore) -> None:
    note(held, "first")
    written = []
    for number in range(100):
        note(held, str(number))
        written.append((held.folder / "world.json").exists())
    assert not any(written)


def test_what_was_done_is_in_the_file_soon(held: HeldStore) -> None:
    note(held, "first")
    deadline = time.monotonic() + 5
    while '"first"' not in _text(held.folder):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _text(folder: Path) -> str:
    try:
        return (folder / "world.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def test_closing_writes_the_world_and_turns_after_it_are_kept_at_once(held: HeldStore) -> None:
    note(held, "first")
    held.close()
    assert notes(Store(held.folder, SPEED)) == {"first"}
    note(held, "second")
    assert '"second"' in _text(held.folder)
    assert notes(Store(held.folder, SPEED)) == {"first", "second"}


def test_nobody_starves_and_nothing_is_lost_between_many(held: HeldStore) -> None:
    stores = [held, HeldStore(held.folder, SPEED), *(Store(held.folder, SPEED) for _ in range(2))]
    ended = time.monotonic() + 20

    def work(number: int, store: Store) -> None:
        for turn in range(6):
            note(store, f"{number}-{turn}")
            assert time.monotonic() < ended

    threads = [threading.Thread(target=work, args=each) for each in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stores[1].close()
    wanted = {f"{number}-{turn}" for number in range(len(stores)) for turn in range(6)}
    assert notes(Store(held.folder, SPEED)) == wanted


def test_who_was_killed_while_waiting_is_not_waited_for(held: HeldStore) -> None:
    note(held, "first")
    (held.folder / "world.wanted").touch()
    note(held, "second")
    assert not (held.folder / "world.wanted").exists()
    assert notes(held) == {"first", "second"}


def test_time_passes_while_nobody_looks(tmp_path: Path) -> None:
    store = HeldStore(tmp_path / "sim", 1000.0)
    with store.turn(reading=True) as world:
        before = world.now
    time.sleep(1.2)  # Longer than the gap that is not counted in a world nobody holds.
    with store.turn(reading=True) as world:
        assert world.now - before > 1100
    store.close()


def test_a_world_that_cannot_be_kept_stays_in_memory(held: HeldStore) -> None:
    note(held, "first")
    in_the_way = held.folder / "world.new"
    in_the_way.mkdir()
    with pytest.raises(ComputerError):
        held.close()
    in_the_way.rmdir()
    assert notes(held) == {"first"}


@pytest.mark.skipif(os.name != "posix", reason="by a signal")
def test_a_program_killed_outright_loses_moments_only(tmp_path: Path) -> None:
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from labkit.sim.held import HeldStore\n"
        "store = HeldStore(Path(sys.argv[1]), 1.0)\n"
        "with store.turn() as world:\n"
        "    world.host_only['first'] = 'noted'\n"
        "print('there', flush=True)\n"
        "time.sleep(60)\n"
    )
    folder = tmp_path / "sim"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        program.stdout.readline()
        deadline = time.monotonic() + 10
        while "first" not in _text(folder):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        program.send_signal(signal.SIGKILL)
    assert notes(Store(folder, SPEED)) == {"first"}
