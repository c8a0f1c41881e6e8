"""A call on its way through XAPI, and the register of what answers it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labkit.sim.world import SimMachine, World
from labkit.sim.xapi.database import Database
from labkit.sim.xapi.tasks import begin


@dataclass
class Call:
    """One call, as its behaviour sees it."""

    world: World
    machine: SimMachine
    """The host that was called."""
    home: SimMachine
    """The host on whose disk the records are: the same, or its master."""
    db: Database
    name: str
    """The message, `Class.name`."""
    session: str = ""
    task: str | None = None
    """The task of an asynchronous call."""

    def task_of_its_own(self) -> str:
        """The task a long call goes on in."""
        if self.task is None:
            self.task = begin(self.world, self.home, self.name, awaited=True)
        return self.task


Behaviour = Callable[..., Any]
"""Called with the call and its parameters; answers a value, or `Later`."""

BEHAVIOURS: dict[str, Behaviour] = {}


def message(name: str) -> Callable[[Behaviour], Behaviour]:
    """Register what answers the message `Class.name`."""

    def register(answer: Behaviour) -> Behaviour:
        BEHAVIOURS[name] = answer
        return answer

    return register
