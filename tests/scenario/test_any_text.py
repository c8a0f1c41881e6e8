"""Whatever a file says, a person gets a scenario or a `ScenarioError`, and nothing else."""

import json
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkit.errors import ScenarioError
from labkit.scenario.catalogue import shipped
from labkit.scenario.load import load
from labkit.scenario.models import HostSpec, NetworkSpec, Scenario

COURSE = (shipped() / "6J.yaml").read_text(encoding="utf-8")
MARKS = [
    *"-:?,[]{}#&*!|>'\"%@`~ \t\n\\\0=\x85\u2028\ud800",
    "<<: ",
    "&a ",
    "*a",
    "- ",
    "  ",
    "---\n",
]
WORDS = ["null", "1e999", "0x", ".inf", "2001-01-01", "0o9", "\\ud800", "%YAML 1.1\n", "!!int "]
PIECES = st.sampled_from(MARKS) | st.sampled_from(WORDS)

SETTINGS = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "any.yaml"


def _scenario_or_refusal(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    try:
        scenario = load(file)
    except ScenarioError as error:
        assert error.what
        assert error.details
        assert error.hint
        f"{error.what}{error.details}".encode()  # no half characters: it can be printed
        assert len(error.details.splitlines()) < 200
    else:
        assert isinstance(scenario, Scenario)


@SETTINGS
@given(content=st.binary(max_size=200))
def test_any_bytes(file: Path, content: bytes) -> None:
    _scenario_or_refusal(file, content)


@SETTINGS
@given(pieces=st.lists(PIECES | st.text(string.printable, max_size=3), max_size=30))
def test_any_yaml_like_text(file: Path, pieces: list[str]) -> None:
    _scenario_or_refusal(file, "".join(pieces).encode("utf-8", "surrogatepass"))


@SETTINGS
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(COURSE)), st.integers(0, 12), PIECES), min_size=1, max_size=4
    )
)
def test_6j_with_slips_of_the_pen(file: Path, changes: list[tuple[int, int, str]]) -> None:
    text = COURSE
    for start, length, instead in changes:
        text = text[:start] + instead + text[start + length :]
    _scenario_or_refusal(file, text.encode("utf-8", "surrogatepass"))


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["lan", "one", "10.0.0.1", "10.0.0.0/24", "4 GiB", "bridged", "internal"])
)  # fmt: skip
KEYS = st.sampled_from([*Scenario.model_fields, *HostSpec.model_fields, *NetworkSpec.model_fields])
KEYS |= st.sampled_from(["network", "mac", "generation", "root_password", "lan", "one", "two"])
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=20,
)


@SETTINGS
@given(
    wanted=st.fixed_dictionaries(
        {},
        optional={
            "name": SCALARS,
            "installer": st.dictionaries(KEYS, TREES, max_size=3) | TREES,
            "networks": st.dictionaries(KEYS, TREES, max_size=3) | TREES,
            "hosts": st.dictionaries(KEYS, st.dictionaries(KEYS, TREES, max_size=6), max_size=3),
            "pool": TREES,
        },
    )
)
def test_any_tree_of_values(file: Path, wanted: object) -> None:
    # JSON is YAML, nearly: written so, a tree reaches the models and the rules.
    _scenario_or_refusal(file, json.dumps(wanted).encode())
