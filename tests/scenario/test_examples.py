"""Every file in good/ is read as the JSON beside it says; every one in bad/ is refused in the
very words beside it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from labkit.errors import ScenarioError
from labkit.scenario.load import load

HERE = Path(__file__).parent
GOOD = sorted(path.name for path in (HERE / "good").glob("*.yaml"))
BAD = sorted(path.name for path in (HERE / "bad").glob("*.yaml"))

Expect = Callable[[Path, str], None]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_scenario_is_read(name: str, expect: Expect) -> None:
    scenario = load(HERE / "good" / name)
    found = scenario.model_dump_json(indent=2) + "\n"
    expect((HERE / "good" / name).with_suffix(".json"), found)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_scenario_is_refused_in_plain_words(
    name: str, expect: Expect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HERE / "bad")
    with pytest.raises(ScenarioError) as refusal:
        load(Path(name))
    error = refusal.value
    expect(Path(name).with_suffix(".txt"), f"{error.what}\n{error.details}\n{error.hint}\n")


@pytest.mark.parametrize("name", BAD)
def test_every_problem_has_its_file_and_line(name: str) -> None:
    path = HERE / "bad" / name
    told = path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()[1:-1]
    places = [line for line in told if line.startswith(f"{name}:")]
    if places:
        assert places == told
        lines = path.read_bytes().count(b"\n") + 1
        numbers = [int(line.split(":")[1]) for line in places]
        assert numbers == sorted(numbers)
        assert all(1 <= number <= lines for number in numbers)


@pytest.mark.parametrize("name", BAD)
def test_nobody_is_told_of_pydantic_or_a_password(name: str) -> None:
    told = (HERE / "bad" / name).with_suffix(".txt").read_text(encoding="utf-8")
    for word in ("pydantic", "http", "_type", "input_value", "NoneType", "hunter2", "12345678"):
        assert word not in told


def test_there_is_an_example_of_every_expectation_and_the_other_way_round() -> None:
    wanted = {Path(name).stem for name in BAD}
    assert {path.stem for path in (HERE / "bad").glob("*.txt")} == wanted
    assert len(wanted) >= 35
