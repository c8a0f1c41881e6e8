"""What VirtualBox refuses, in labkit's errors: what, VirtualBox's own words, what to do now."""

from collections.abc import Iterator
from contextlib import contextmanager

from labkit.errors import LabError
from labkit.vbox.bindings import Bindings

LOOK = "Look at the machine in VirtualBox, then run the command again."

_OBJECT_NOT_FOUND = 0x80BB0001
_INVALID_OBJECT_STATE = 0x80BB0007


@contextmanager
def asking(bindings: Bindings, what: str, hint: str = LOOK) -> Iterator[None]:
    """Turn VirtualBox's refusals inside into a `LabError` that begins with `what`."""
    try:
        yield
    except bindings.errors as cause:
        if not isinstance(_original(cause), bindings.manager.oXcptClass):
            raise  # pyvbox wraps whatever breaks in a call, a mistake of ours too
        if bindings.manager.xcptIsDeadInterface(_original(cause)):
            raise LabError(
                f"{what} VirtualBox's service went away meanwhile.",
                details=reason(bindings, cause),
                hint="Run the command again: that starts the service anew.",
            ) from cause
        raise LabError(what, details=reason(bindings, cause), hint=hint) from cause
    except OSError as cause:
        raise LabError(what, details=str(cause), hint=hint) from cause


def reason(bindings: Bindings, cause: Exception) -> str:
    """VirtualBox's own words."""
    if isinstance(cause, bindings.library.VBoxError):
        return str(cause.msg or cause)
    return str(bindings.manager.xcptGetMessage(cause))


def is_unknown(bindings: Bindings, cause: Exception) -> bool:
    """Whether VirtualBox said that it knows no such thing."""
    return _code(bindings, cause) == _OBJECT_NOT_FOUND


def is_locked(bindings: Bindings, cause: Exception) -> bool:
    """Whether VirtualBox said that somebody else has the machine's session."""
    return _code(bindings, cause) == _INVALID_OBJECT_STATE


def _code(bindings: Bindings, cause: Exception) -> int:
    if isinstance(cause, bindings.library.VBoxError):
        return int(cause.value) & 0xFFFFFFFF
    return int(bindings.manager.xcptGetStatus(cause)) & 0xFFFFFFFF


def _original(cause: Exception) -> Exception:
    original: Exception = getattr(cause, "exc", cause)
    return original
