"""The house stands: imports go down only, and every outside library has one door."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "labkit"

# From the roof to the ground. Rooms on one floor do not know each other.
FLOORS = (
    ("__main__",),
    ("cli",),
    ("commands",),
    ("plan", "console"),
    ("report", "steps", "checks"),
    ("runner", "lan", "reach", "golden"),
    ("wait",),
    ("lab",),
    ("backend",),
    ("sim",),
    ("vbox", "media", "xapi"),
    ("scenario",),
    ("events",),
    ("lock", "sha512crypt"),
    ("errors",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# Who may import an outside library. Each has one door, so that its quirks have one place.
DOORS = {
    "virtualbox": {"vbox"},
    "vboxapi": {"vbox"},
    "XenAPI": {"xapi/session.py"},
    "pydantic": {"scenario"},
    "pydantic_core": {"scenario"},
    "ruamel": {"scenario"},
    "jinja2": {"media"},
    "pycdlib": {"media", "sim"},
    "rich": {"console.py"},
    "typer": {"cli"},
    "platformdirs": {"commands/open_lab.py"},
    "cryptography": {"sim/xapi/certificates.py"},
}

# The pretend computer shares words with the product, never logic: a check that shared the
# product's code would share its mistakes.
WORDS_SIM_MAY_USE = {
    "labkit.errors",
    "labkit.lock",
    "labkit.sha512crypt",
    "labkit.vbox.driver",
    "labkit.scenario",
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(module: str) -> str:
    """`labkit.vbox.driver` is in the room `vbox`."""
    return module.split(".")[1] if "." in module else ""


def imports(path: Path) -> Iterator[str]:
    """What a file imports, wherever in it, also what only the type checker reads."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where things are"
            assert node.module is not None
            yield node.module


def name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def test_every_room_has_a_floor() -> None:
    rooms = {room(name(path)) for path in modules()} - {""}
    assert rooms == set(FLOOR)


@pytest.mark.parametrize("path", modules(), ids=name)
def test_imports_go_down_only(path: Path) -> None:
    here = room(name(path))
    for imported in imports(path):
        there = room(imported) if imported.startswith("labkit.") else ""
        if there and here and there != here:
            assert FLOOR[here] < FLOOR[there], f"{name(path)} imports {imported}"


@pytest.mark.parametrize("path", modules(), ids=name)
def test_every_outside_library_has_one_door(path: Path) -> None:
    inside = path.relative_to(PACKAGE).as_posix()
    for imported in imports(path):
        doors = DOORS.get(imported.split(".")[0])
        if doors is not None:
            assert any(inside == door or inside.startswith(f"{door}/") for door in doors), imported


def test_only_the_backend_knows_the_pretend_computer() -> None:
    for path in modules():
        if room(name(path)) not in ("sim", "backend"):
            assert not any(imported.startswith("labkit.sim") for imported in imports(path)), path


def test_the_pretend_computer_shares_words_but_no_logic() -> None:
    for path in modules():
        if room(name(path)) == "sim":
            for imported in imports(path):
                if imported.startswith("labkit.") and not imported.startswith("labkit.sim"):
                    assert any(
                        imported == word or imported.startswith(f"{word}.")
                        for word in WORDS_SIM_MAY_USE
                    ), f"{name(path)} imports {imported}"
