"""A scenario is found by name, and what a person wrote wins."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from labkit.errors import ScenarioError
from labkit.scenario.catalogue import Entry, catalogue, find, shipped
from labkit.scenario.load import load


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, seen from an empty folder."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.delenv("LABKIT_SCENARIOS", raising=False)
    return tmp_path / "home"


def _write(path: Path, name: str, title: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"name: {name}\ntitle: {title}\n", encoding="utf-8")
    return path


def _entry(home: Path, name: str) -> Entry:
    return next(entry for entry in catalogue(home) if entry.name == name and not entry.shadowed)


def test_the_shipped_scenarios_are_found_from_anywhere(home: Path) -> None:
    assert find("6J", home) == shipped() / "6J.yaml"
    assert _entry(home, "6J").title == "Homogeneous pool of two XCP-ng hosts"


def test_every_shipped_scenario_is_right_and_called_like_its_file() -> None:
    for path in shipped().glob("*.yaml"):
        assert load(path).name == path.stem


def test_what_is_nearer_to_a_person_wins(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_home = _write(home / "scenarios" / "mine.yaml", "6J")
    assert find("6J", home) == at_home
    here = _write(Path("scenarios") / "6J.yaml", "6J")
    assert find("6J", home) == here
    folder = _write(home / "a" / "6J.yml", "6J")
    file = _write(home / "b" / "course.yaml", "6J")
    monkeypatch.setenv("LABKIT_SCENARIOS", os.pathsep.join([str(file), str(folder.parent)]))
    assert find("6J", home) == file
    listed = [(entry.path, entry.shadowed) for entry in catalogue(home) if entry.name == "6J"]
    assert listed == [
        (file, False),
        (folder, True),
        (here, True),
        (at_home, True),
        (shipped() / "6J.yaml", True),
    ]


def test_in_one_folder_the_file_called_like_the_scenario_wins(home: Path) -> None:
    _write(home / "scenarios" / "a-copy.yaml", "lab")
    lab = _write(home / "scenarios" / "lab.yaml", "lab")
    assert find("lab", home) == lab
    assert [entry.shadowed for entry in catalogue(home) if entry.name == "lab"] == [False, True]


@pytest.mark.parametrize("name", ["./6J", "mine.yaml", "folder/mine.yaml"])
def test_a_path_is_taken_as_it_is(name: str, home: Path) -> None:
    with pytest.raises(ScenarioError, match="There is no file"):
        find(name, home)
    _write(Path(name), "whatever")
    assert find(name, home) == Path(name)


def test_a_file_without_ending_in_the_current_folder_is_not_a_scenario(home: Path) -> None:
    _write(Path("6J"), "other")
    assert find("6J", home) == shipped() / "6J.yaml"


def test_an_unknown_name_is_told_the_closest(home: Path) -> None:
    with pytest.raises(ScenarioError) as refusal:
        find("6JJ", home)
    assert refusal.value.exit_code == 2
    assert refusal.value.what == "There is no scenario `6JJ`."
    assert refusal.value.details == "Did you mean `6J`?"
    assert "labkit scenario list" in refusal.value.hint


def test_a_name_in_the_wrong_case_is_told_and_not_taken(home: Path) -> None:
    _write(home / "scenarios" / "6j.yaml", "Other")
    with pytest.raises(ScenarioError) as refusal:
        find("6j", home)
    assert refusal.value.details == "There is `6J`: upper and lower case count."


def test_a_name_like_no_other_is_told_all(home: Path) -> None:
    with pytest.raises(ScenarioError) as refusal:
        find("", home)
    assert "`6J`" in refusal.value.details


def test_a_broken_file_is_listed_with_its_problem_and_hides_no_other(home: Path) -> None:
    folder = home / "scenarios"
    good = _write(folder / "good.yaml", "good")
    (folder / "torn.yaml").write_text("name: [a\n", encoding="utf-8")
    (folder / "nameless.yaml").write_text("title: x\n", encoding="utf-8")
    (folder / "twice.yaml").write_text("name: twice\nname: once\n", encoding="utf-8")
    (folder / "latin.yaml").write_bytes(b"name: a\xf1o\n")
    (folder / ".good.yaml.swp.yaml").write_text("name: good\n", encoding="utf-8")
    (folder / "notes.txt").write_text("name: notes\n", encoding="utf-8")
    found = {entry.name: entry.problem for entry in catalogue(home)}
    assert found == {
        "6J": found["6J"],
        "6J-nas": found["6J-nas"],
        "good": "",
        "torn": f"{folder / 'torn.yaml'}:2:1: the list opened on line 1 is not closed by a `]`.",
        "nameless": f"{folder / 'nameless.yaml'}: has no `name`",
        "twice": f"{folder / 'twice.yaml'}:2: name: is given twice, first on line 1",
        "latin": f"{folder / 'latin.yaml'}:1: byte 8 is not.",
    }
    assert find("good", home) == good
    # `load` then says why; taking a shipped one of that name instead would hide it.
    assert find("torn", home) == folder / "torn.yaml"


def test_a_folder_that_is_not_there_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABKIT_SCENARIOS", str(home / "typo"))
    with pytest.raises(ScenarioError) as refusal:
        catalogue(home)
    assert str(home / "typo") in refusal.value.what
    assert "LABKIT_SCENARIOS" in refusal.value.hint


def test_in_labkits_own_checkout_nothing_is_listed_twice(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shipped().parent)
    assert [entry.shadowed for entry in catalogue(home) if entry.name == "6J"] == [False]


def test_looking_a_scenario_up_by_its_words_loads_neither_pydantic_nor_yaml() -> None:
    program = (
        "import sys\n"
        "import labkit.scenario.catalogue, labkit.scenario.portable, labkit.scenario.digest\n"
        "import labkit.scenario.reference, labkit.scenario.problem\n"
        "print({'pydantic', 'ruamel.yaml'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert found.stdout.strip() == b"set()"
