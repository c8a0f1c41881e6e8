"""What is no scenario at all, and what a message must never say."""

import os
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from labkit.errors import ScenarioError
from labkit.scenario.catalogue import shipped
from labkit.scenario.load import load
from labkit.scenario.models import Scenario

SECRET = "hunter2"


def _refusal(path: Path) -> ScenarioError:
    with pytest.raises(ScenarioError) as refusal:
        load(path)
    assert refusal.value.exit_code == 2
    return refusal.value


def test_a_folder_is_not_a_scenario(tmp_path: Path) -> None:
    assert _refusal(tmp_path).what == f"{tmp_path} is a folder."


def test_a_file_that_is_not_there_points_to_the_list(tmp_path: Path) -> None:
    error = _refusal(tmp_path / "no.yaml")
    assert "There is no file" in error.what
    assert "labkit scenario list" in error.hint


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root and Windows read every file"
)
def test_a_file_one_may_not_read_says_why(tmp_path: Path) -> None:
    path = tmp_path / "private.yaml"
    path.write_text("name: x")
    path.chmod(0)
    assert _refusal(path).details == "Permission denied."


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert str(tmp_path / "file" / "6J.yaml") in _refusal(tmp_path / "file" / "6J.yaml").what


def test_an_iso_named_by_mistake_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    with path.open("wb") as file:
        file.truncate(3 * 1024 * 1024 * 1024)
    assert _refusal(path).what == f"{path} is too large."


def test_an_error_names_the_command_that_checks_the_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.yaml"
    path.touch()
    assert f"labkit scenario validate {path}" in _refusal(path).hint


def test_what_a_shared_adapter_lacks_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "6J.yaml"
    text = (shipped() / "6J.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("network: storage", "net: storage"), encoding="utf-8")
    told = _refusal(path).details.splitlines()
    assert len(told) == 2
    assert "hosts.xcp00.nics[2]: the key `network` is missing" in told[0]
    assert "hosts.xcp00.nics[2].net: unknown key; did you mean `network`?" in told[1]


@pytest.mark.parametrize(
    "written",
    [
        f"root_password: *{SECRET}",
        f"root_password: &{SECRET}",
        f"root_password: !{SECRET} x",
        f"root_password: !!{SECRET} x",
        f"root_password: %{SECRET}",
        f"root_password: @{SECRET}",
        f"root_password: `{SECRET}`",
        f"root_password: {SECRET}: {SECRET}",
        f"root_password: '{SECRET}",
        f'root_password: "\\{SECRET}"',
        f'root_password: "{SECRET}\\q"',
        f'root_password: "{SECRET}\\U99999999"',
        f"root_password: [{SECRET}]",
        f"root_password: {{{SECRET}: 1}}",
        f"root_password:\n    {SECRET}: {SECRET}\n    {SECRET}: 2\n    1: {SECRET}",
        f"root_password: {SECRET}\x07",
        f"root_password: {SECRET}\n  colour: red",
        f"root_password: {SECRET}\n  root_password: {SECRET}",
        f"root_pasword: {SECRET}",
    ],
)
def test_a_password_is_never_repeated(written: str, tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text(f"name: x\ninstaller:\n  {written}\n", encoding="utf-8")
    error = _refusal(path)
    cause: BaseException | None = error
    while cause is not None:
        assert SECRET not in f"{cause} {vars(cause)}"
        cause = cause.__cause__ or cause.__context__


@pytest.mark.parametrize("number", ["12345678", "2031-12-31", "0x7a69", "true", "1_2.5e3"])
def test_a_password_that_looks_like_a_number_is_not_repeated_either(
    number: str, tmp_path: Path
) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text(f"name: x\ninstaller: {{root_password: {number}}}\n", encoding="utf-8")
    error = _refusal(path)
    assert "installer.root_password: must be text in quotes" in error.details
    assert number not in error.details


def test_a_scenario_shows_no_password() -> None:
    wanted = dict(load(shipped() / "6J.yaml"))
    installer = {"generation": "xcp-ng-8.3", "root_password": SECRET}
    scenario = Scenario.model_validate({**wanted, "installer": installer})
    assert SECRET not in repr(scenario) + str(scenario) + scenario.model_dump_json()
    with pytest.raises(ValidationError) as found:
        Scenario.model_validate({**wanted, "installer": {"root_password": SECRET, "x": SECRET}})
    assert SECRET not in str(found.value)


def test_a_scenario_made_without_a_file_keeps_the_rules_too() -> None:
    wanted = dict(load(shipped() / "6J.yaml"))
    host = wanted["hosts"]["xcp00"]
    with pytest.raises(ValidationError, match=r"is taken by hosts\.xcp00\.address"):
        Scenario.model_validate({**wanted, "hosts": {"xcp00": host, "xcp01": host}})
