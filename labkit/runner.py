"""Carry out steps in order; when one breaks, leave a lab that the next run goes on from.

Finished steps stay finished: an installation takes twenty minutes and is not thrown away
because a later step failed. Only the step that broke is taken back, and since nobody takes
anything back after a power cut, `run` starts from whatever it finds.
"""

from collections.abc import Sequence
from typing import Protocol

from labkit.errors import LabError
from labkit.events import Event, Happened
from labkit.lab import Lab


class Step(Protocol):
    """One change to a lab. Steps are frozen dataclasses: what they find out stays in the world."""

    @property
    def title(self) -> str:
        """What a person would call it: 'Start xcp01'."""

    @property
    def stage(self) -> str:
        """The stage it belongs to, one of `labkit.plan.STAGES`."""

    def done(self, lab: Lab) -> bool:
        """Ask VirtualBox or XAPI, never a file of labkit's own, whether nothing is left to do."""

    def run(self, lab: Lab) -> None:
        """Make the change, from whatever an earlier run left, or raise `LabError`."""

    def undo(self, lab: Lab) -> None:
        """Take back what `run` left, be it all, half or nothing."""


def carry_out(steps: Sequence[Step], lab: Lab) -> int:
    """Run every step that is not done yet and say how many that were.

    Stops at the first that fails: takes that one back and lets its error through. Interruption
    (Ctrl-C, SIGTERM) is such an error too.
    """
    ran = 0
    for step in steps:
        # Asked now and not when the plan was made: the steps before change the answer.
        if step.done(lab):
            _tell(lab, step, "already done")
            continue
        try:
            # Told inside: an interruption may come as soon as somebody has heard it.
            _tell(lab, step, "started")
            step.run(lab)
        except BaseException as cause:
            _tell(lab, step, "failed", _in_short(cause))
            _take_back(step, lab)
            raise
        _tell(lab, step, "done")
        ran += 1
    return ran


def _take_back(step: Step, lab: Lab) -> None:
    try:
        step.undo(lab)
    except LabError as stuck:
        # The first failure is the one to report; this one is told beside it.
        _tell(lab, step, "stuck", stuck.what)
    else:
        _tell(lab, step, "undone")


def _tell(lab: Lab, step: Step, happened: Happened, note: str = "") -> None:
    lab.tell(Event(step.title, happened, note))


def _in_short(cause: BaseException) -> str:
    return "interrupted" if isinstance(cause, (KeyboardInterrupt, SystemExit)) else str(cause)
