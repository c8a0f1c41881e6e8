"""docs/simulator.md tells what is simulated, and that is all that is."""

import inspect
from pathlib import Path

import pytest

from labkit.sim.xapi import coverage, messages
from labkit.sim.xapi.calls import BEHAVIOURS
from labkit.sim.xapi.datamodel import GENERATIONS, model_of
from labkit.sim.xapi.depth import DEPTH

PAGE = Path(__file__).parents[3] / "docs" / "simulator.md"
COMMAND = "python -m labkit.sim.xapi.coverage > docs/simulator.md"


def test_the_page_is_what_the_code_says() -> None:
    # Compared as one yes or no: two such pages laid side by side help nobody.
    current = PAGE.read_text(encoding="utf-8") == coverage.page()
    assert current, f"docs/simulator.md is not current. Run: {COMMAND}"


def test_every_class_that_does_something_says_how_far_it_goes() -> None:
    for generation in GENERATIONS:
        for name in model_of(generation).class_names:
            if coverage.counted(generation, name)[coverage.BEHAVIOUR]:
                assert name in DEPTH, f"labkit/sim/xapi/depth.py has no note on {name}"


def test_every_behaviour_is_that_of_a_message() -> None:
    models = [model_of(generation) for generation in GENERATIONS]
    for name in {name for model in models for name in model.class_names}:
        messages.load(name)
    for name in BEHAVIOURS:
        assert any(model.find(name) is not None for model in models), name


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_behaviour_takes_the_parameters_its_message_has(generation: str) -> None:
    model = model_of(generation)
    for name in model.class_names:
        messages.load(name)
    for name, behaviour in BEHAVIOURS.items():
        message = model.find(name)
        if message is None or message.removed:
            continue
        needed = sum(each.required for each in message.parameters)
        for count in range(needed, len(message.parameters) + 1):
            # Raises TypeError where it takes another number.
            inspect.signature(behaviour).bind(None, *range(count))


def test_what_is_not_simulated_is_told_from_what_follows_from_fields() -> None:
    answers = coverage.answers("xcp-ng-8.3", "host")
    assert answers["disable"] == coverage.BEHAVIOUR
    assert answers["get_enabled"] == coverage.DERIVED
    assert answers["license_apply"] == coverage.REMOVED
    assert answers["dmesg"] == coverage.NOT_SIMULATED
    assert coverage.answers("xcp-1.6", "Certificate") == {}
