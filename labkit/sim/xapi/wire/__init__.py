"""How calls and answers look on the wire, apart from what they mean."""

from dataclasses import dataclass
from typing import Any


class Malformed(Exception):
    """The body is not a call. The text says why, in words fit for the client."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it came."""

    method: str
    params: list[Any]
    id: Any = None
    """JSON-RPC only: comes back with the answer."""
    version: str = ""
    """JSON-RPC only: `2.0`, or empty for 1.0."""
