"""auth: asking an outside directory, which no pretend pool has."""

from typing import Any

from labkit.sim.xapi.calls import Call, message
from labkit.sim.xapi.failures import Failure


def _ask(call: Call, *_: Any) -> None:
    raise Failure("AUTH_IS_DISABLED")


for _name in (
    "get_subject_identifier",
    "get_subject_information_from_identifier",
    "get_group_membership",
):
    message(f"auth.{_name}")(_ask)
