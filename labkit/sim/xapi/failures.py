"""What a call answers instead of a value."""

from dataclasses import dataclass


class Failure(Exception):
    """An error of XAPI's own: a code and its parameters, which clients read."""

    def __init__(self, code: str, *params: str) -> None:
        super().__init__(code, *params)
        self.description = [code, *params]


class Delayed(Exception):
    """A failure that is told only after so many seconds of the world's time."""

    def __init__(self, seconds: float, failure: Failure) -> None:
        super().__init__(seconds, failure)
        self.seconds = seconds
        self.failure = failure


class NoAnswer(Exception):
    """Nobody is there to answer: the connection is dropped."""


@dataclass(frozen=True, slots=True)
class Later:
    """The call goes on; its outcome will be that of this task."""

    task: str
    home: str = ""
    """The machine that remembers the outcome, unless it is the one that was asked."""
