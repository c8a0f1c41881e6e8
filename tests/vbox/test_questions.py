"""How often VirtualBox's service is asked: each question is a round trip to another program."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from labkit.vbox.driver import AdapterSpec, Attachment
from tests.contract.rigs import Rig

pytestmark = pytest.mark.vbox

OTHERS = 8
"""More than may go by for a moment's waiting, of which each look is a question, too."""
THREE = (AdapterSpec(Attachment.INTERNAL, "storage", promiscuous=True),) * 3


def questions(act: Callable[[], object]) -> int:
    """How many VirtualBox is asked meanwhile."""
    asked = 0

    def count(_: FrameType, event: str, called: Any) -> None:
        nonlocal asked
        asked += event == "c_call" and called.__name__ == "XPTC_InvokeByIndex"

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return asked


def test_a_clone_takes_less_than_a_hundred(real: Rig) -> None:
    real.golden()
    assert 0 < questions(lambda: real.clone(adapters=THREE)) < 100


def test_there_are_no_more_of_them_among_many_machines(real: Rig) -> None:
    def each() -> dict[str, int]:
        found = {
            "clone": questions(lambda: real.clone(adapters=THREE)),
            "create": questions(lambda: real.create("new")),
            "machine": questions(lambda: real.driver.machine("xcp00")),
        }
        for name in ("xcp00", "new"):
            real.driver.remove(name)
        return found

    real.golden()
    # Which machines cannot be read is asked once.
    assert real.driver.machine("nobody") is None
    few = each()
    for number in range(OTHERS):
        real.clone(f"other{number}")
    many = each()
    assert all(many[act] < few[act] + OTHERS for act in few), (few, many)
