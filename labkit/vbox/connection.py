"""VirtualBox as the driver has it open: work to await, states to settle, sessions to hold.

Everything waited for here has a deadline. These are VirtualBox's own moments; what a guest
does, and how long that takes, is waited for elsewhere.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from labkit.errors import LabError
from labkit.vbox.bindings import Bindings
from labkit.vbox.driver import Power
from labkit.vbox.refusals import LOOK, is_locked, reason
from labkit.vbox.words import power_of

Given = TypeVar("Given")

ONLINE = (Power.RUNNING, Power.PAUSED, Power.BROKEN)
"""States in which a machine has a program of its own: a Guru Meditation leaves it running."""
_LONGEST = 30 * 60.0
"""Seconds for one piece of VirtualBox's own work, such as writing many GiB of memory to disk."""
_SLICE_MS = 100
"""A call into VirtualBox cannot be interrupted: Ctrl-C works between two."""
_GIVE_BACK = 30.0
"""Seconds for a machine that has been stopped to be really over."""


@dataclass(frozen=True, slots=True)
class Connection:
    """The way in, and how many seconds to wait where somebody else's session is in the way."""

    bindings: Bindings
    patience: float

    def finish(self, progress: Any, what: str, hint: str = LOOK) -> None:
        """Wait for a piece of work. Raises `LabError` that begins with `what` when it failed:
        VirtualBox itself raises nothing then."""
        deadline = time.monotonic() + _LONGEST
        while True:
            progress.wait_for_completion(_SLICE_MS)
            if progress.completed:
                break
            if time.monotonic() > deadline:
                raise LabError(
                    what,
                    details=f"VirtualBox is still at it after {_LONGEST / 60:.0f} minutes.",
                    hint=hint,
                )
        if progress.result_code != 0:
            raise LabError(what, details=str(progress.error_info.text).strip(), hint=hint)

    def settle(self, machine: Any, name: str) -> Power:
        """The machine's power, once it is not about to become another."""
        deadline = time.monotonic() + _LONGEST
        while (power := power_of(self.bindings, machine)) is Power.CHANGING:
            if time.monotonic() > deadline:
                raise LabError(
                    f"`{name}` does not settle.",
                    details=f"VirtualBox is still at it after {_LONGEST / 60:.0f} minutes.",
                    hint=LOOK,
                )
            time.sleep(0.02)
        return power

    def ended(self, machine: Any, name: str) -> None:
        """Wait until the machine has stopped and given its session back, which it does a moment
        after VirtualBox's progress says that it is done."""
        unlocked = self.bindings.constants.SessionState_Unlocked
        deadline = time.monotonic() + _GIVE_BACK
        while (
            power_of(self.bindings, machine) not in (Power.OFF, Power.SAVED)
            or machine._i.sessionState != unlocked
        ):
            if time.monotonic() > deadline:
                raise LabError(
                    f"`{name}` did not stop.",
                    details=f"It is still at it after {_GIVE_BACK:.0f} seconds.",
                    hint=LOOK,
                )
            time.sleep(0.01)

    def unlocked(self, name: str, act: Callable[[], Given]) -> Given:
        """Do what somebody else's session may be in the way of: again and again, for a while."""
        deadline = time.monotonic() + self.patience
        while True:
            try:
                return act()
            except self.bindings.errors as cause:
                if not is_locked(self.bindings, cause):
                    raise
                if time.monotonic() > deadline:
                    raise LabError(
                        f"`{name}` is in use by another program.",
                        details=reason(self.bindings, cause),
                        hint="Close its window or its settings in VirtualBox, then run the "
                        "command again.",
                    ) from cause
            time.sleep(0.02)

    @contextmanager
    def session(self, machine: Any, name: str) -> Iterator[Any]:
        """The machine's session, with `.machine` to be changed and, where it runs, `.console`.
        Changes are lost unless they are saved."""
        kinds = self.bindings.library.LockType
        # A running machine belongs to its own program, and is only ever shared.
        kind = kinds.shared if self.settle(machine, name) in ONLINE else kinds.write
        session = self.bindings.session()
        self.unlocked(name, lambda: machine.lock_machine(session, kind))
        try:
            yield session
        finally:
            self.close(session)

    @contextmanager
    def running(self, machine: Any, name: str) -> Iterator[Any]:
        """The session of a machine that runs. Raises `LabError` when it does not."""
        if self.settle(machine, name) not in ONLINE:
            raise LabError(
                f"`{name}` is not running.",
                details=f"It is {power_of(self.bindings, machine)}.",
                hint="Start it first.",
            )
        with self.session(machine, name) as session:
            yield session

    def close(self, session: Any) -> None:
        """Give a session back. A machine that stops takes its session along, which may happen
        between the look and the call: then there is nothing left to give back."""
        with suppress(*self.bindings.errors):
            if session._i.state == self.bindings.constants.SessionState_Locked:
                session.unlock_machine()
