"""Steps are carried out so that a lab can always be gone on with."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from labkit.errors import LabError
from labkit.events import Event
from labkit.lab import Lab
from labkit.runner import Step, carry_out


@dataclass
class World:
    """What the steps of these tests change: a set of names, and a listener's notes."""

    made: set[str] = field(default_factory=set)
    told: list[tuple[str, str]] = field(default_factory=list)

    def tell(self, event: Event) -> None:
        self.told.append((event.step, event.happened))


@dataclass(frozen=True)
class Make:
    """Puts its title into the world; fails with `breaks` half-way if that is given."""

    title: str
    breaks: BaseException | None = None
    cannot_undo: bool = False
    stage: str = "hosts"

    def done(self, lab: Any) -> bool:
        return self.title in lab.made

    def run(self, lab: Any) -> None:
        lab.made.add(f"half {self.title}")
        if self.breaks is not None:
            raise self.breaks
        lab.made.discard(f"half {self.title}")
        lab.made.add(self.title)

    def undo(self, lab: Any) -> None:
        if self.cannot_undo:
            raise LabError("It is stuck.")
        lab.made -= {self.title, f"half {self.title}"}


def run(world: World, *steps: Make) -> int:
    return carry_out(cast("list[Step]", list(steps)), cast(Lab, world))


def test_steps_run_in_order_and_say_so() -> None:
    world = World()
    assert run(world, Make("one"), Make("two")) == 2
    assert world.told == [("one", "started"), ("one", "done"), ("two", "started"), ("two", "done")]


def test_a_failure_undoes_only_the_step_that_broke() -> None:
    world = World()
    with pytest.raises(LabError, match="no disk"):
        run(world, Make("one"), Make("two", LabError("no disk")), Make("three"))
    assert world.made == {"one"}
    assert world.told[-2:] == [("two", "failed"), ("two", "undone")]


def test_a_second_run_goes_on_where_the_first_stopped() -> None:
    world = World()
    with pytest.raises(LabError):
        run(world, Make("one"), Make("two", LabError("no disk")))
    assert run(world, Make("one"), Make("two")) == 1
    assert ("one", "already done") in world.told


def test_doing_it_twice_is_doing_it_once() -> None:
    world = World()
    run(world, Make("one"))
    assert run(world, Make("one")) == 0


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), SystemExit(143)])
def test_an_interruption_tidies_up_and_is_not_swallowed(interruption: BaseException) -> None:
    world = World()
    with pytest.raises(type(interruption)):
        run(world, Make("one", interruption))
    assert world.made == set()


def test_what_cannot_be_undone_is_told_beside_the_first_error() -> None:
    world = World()
    with pytest.raises(LabError, match="no disk"):
        run(world, Make("one", LabError("no disk"), cannot_undo=True))
    assert world.told[-1] == ("one", "stuck")


def test_whether_a_step_is_done_is_asked_at_its_turn(tmp_path: Path) -> None:
    """An earlier step may do a later one's work."""

    @dataclass(frozen=True)
    class Both(Make):
        def run(self, lab: Any) -> None:
            lab.made |= {"one", "two"}

    world = World()
    assert run(world, Both("one"), Make("two")) == 1
