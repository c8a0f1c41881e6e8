"""What goes wrong, in three sentences: what happened, the details, what to do now.

Every error labkit expects is a `LabError`; anything else that reaches the command line is
a bug of labkit's own and is shown with its traceback. One place prints them:
`labkit/cli/telling.py`.
"""


class LabError(Exception):
    """The lab could not be brought where it was asked to be.

    `what` is one sentence naming the thing; `details` are the facts behind it (may be several
    lines); `hint` says what to do now. No secret ever goes into one.
    """

    exit_code = 1

    def __init__(self, what: str, *, details: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.details = details
        self.hint = hint


class ScenarioError(LabError):
    """What a person wrote, a scenario or a command line, cannot be meant."""

    exit_code = 2


class ComputerError(LabError):
    """This computer cannot do it: VirtualBox, an ISO, disk or network is missing."""

    exit_code = 3
