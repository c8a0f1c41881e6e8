"""A YAML file as plain values, and the line each of them stands on.

YAML's nodes are read, not ruamel.yaml's ready-made values: a node knows its place, and what is
wrong with it (a key given twice, a tag, an alias that contains itself) is noted and read past, so
that a person hears of everything at once.
"""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from labkit.errors import ScenarioError
from labkit.scenario.problem import Place, Problem, printable, secret, spoken
from labkit.scenario.syntax import NOT_YAML, misread

_LARGEST_FILE = 1024 * 1024
# Aliases let a short file stand for an endless one; thirty hosts are about a thousand values.
_MOST_VALUES = 20_000
_TAG = "tag:yaml.org,2002:"
_TEXT = {f"{_TAG}str", f"{_TAG}value"}
_SCALARS = {f"{_TAG}{kind}" for kind in ("null", "bool", "int", "float", "timestamp")} | _TEXT


class Unquoted:
    """Never what a scenario wants: a date, a number beyond Python's, a mapping for a secret."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something stands, lines counted from one."""

    line: int
    column: int
    unquoted: str = ""
    """As written, when that was read as a number, a date or true and false, not as text."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says, whether or not it is a scenario."""

    path: Path
    value: dict[str, Any]
    marks: Mapping[Place, Mark]
    problems: tuple[Problem, ...]
    """What can be read past."""

    def mark(self, place: Place) -> Mark:
        """Where the place stands; one that was left out: its parent."""
        while place not in self.marks:
            place = place[:-1]
        return self.marks[place]

    def line(self, problem: Problem) -> int:
        """The line a problem is on."""
        return problem.line or self.mark(problem.place).line

    def told(self, problem: Problem) -> str:
        """'scenarios/6J.yaml:14: hosts.xcp01.memory: must be …'."""
        place = f"{spoken(problem.place)}: " if problem.place else ""
        return f"{self.path}:{self.line(problem)}: {place}{problem.text}"


def read(path: Path) -> Document:
    """Read the file. Raises `ScenarioError` where nothing can be made of it."""
    try:
        node = _nodes(path, _text(path))
        reading = _Reading(path)
        value = reading.value(node, ())
    except RecursionError:
        raise _unreadable(path, f"{path} is nested too deeply.", "A scenario is not.") from None
    if not isinstance(value, dict):
        line = node.start_mark.line + 1
        raise _unreadable(
            path,
            f"{path} is not a scenario.",
            f"{path}:{line}: must be keys and values, such as `name: 6J`.",
        )
    return Document(path, value, reading.marks, tuple(reading.problems))


def _nodes(path: Path, text: str) -> Node:
    try:
        # A second anchor of one name is legal YAML: ruamel.yaml only warns.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            node = YAML(typ="safe", pure=True).compose(text)
    except NOT_YAML as error:
        line, column, sentence = misread(error, text)
    else:
        if node is None:
            raise _unreadable(path, f"{path} is empty.", "There is nothing in it but comments.")
        assert isinstance(node, Node)
        return node
    # Not chained: ruamel.yaml's own error shows the line, and a password may stand on it.
    raise _unreadable(path, f"{path} is not YAML.", f"{path}:{line}:{column}: {sentence}.")


def _text(path: Path) -> str:
    """The characters of the file."""
    try:
        if path.is_dir():
            raise _unreadable(path, f"{path} is a folder.", "A scenario is one YAML file.")
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        if len(content) > _LARGEST_FILE:
            raise _unreadable(path, f"{path} is too large.", "A scenario has less than 1 MiB.")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unreadable(
            path, f"{path} is not text in UTF-8.", f"{path}:{line}: byte {error.start + 1} is not."
        ) from None
    except FileNotFoundError:
        raise ScenarioError(
            f"There is no file {path}.",
            hint="`labkit scenario list` shows the scenarios labkit knows.",
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _unreadable(path, f"{path} cannot be read.", f"{reason}.") from error


def _unreadable(path: Path, what: str, details: str) -> ScenarioError:
    return ScenarioError(
        what,
        details=details,
        hint=f"Correct the file, then run `labkit scenario validate {path}`.",
    )


class _Reading:
    """One walk over the nodes of a file."""

    def __init__(self, path: Path) -> None:
        self.marks: dict[Place, Mark] = {}
        self.problems: list[Problem] = []
        self._path = path
        self._seen = 0
        self._around: list[Node] = []

    def value(self, node: Node, place: Place) -> Any:
        """The plain value of a node."""
        self._seen += 1
        if self._seen > _MOST_VALUES:
            raise _unreadable(
                self._path,
                f"{self._path} stands for too much.",
                f"With its aliases written out it has more than {_MOST_VALUES} values.",
            )
        # The line of a key is known already, and is the better one.
        self.marks.setdefault(place, _mark(node))
        if any(node is outer for outer in self._around):
            self.problems.append(Problem(place, "is an alias of what it is itself a part of"))
            return None
        if isinstance(node, ScalarNode):
            return self._scalar(node, place)
        if secret(place):
            return Unquoted()
        self._refuse_tag(node, place, {f"{_TAG}map", f"{_TAG}seq"})
        self._around.append(node)
        try:
            if isinstance(node, MappingNode):
                return self._mapping(node, place)
            assert isinstance(node, SequenceNode)
            return [self.value(item, (*place, nth)) for nth, item in enumerate(node.value)]
        finally:
            self._around.pop()

    def _scalar(self, node: ScalarNode, place: Place) -> Any:
        text = str(node.value)
        if self._refuse_tag(node, place, _SCALARS) or node.tag in _TEXT:
            return text
        if text and not secret(place):
            self.marks[place] = replace(self.marks[place], unquoted=text)
        return _plain(str(node.tag), text)

    def _mapping(self, node: MappingNode, place: Place) -> dict[str, Any]:
        pairs: dict[str, tuple[Node, Node]] = {}
        for key, value in _own(node):
            name = self._name(key, place)
            if name in pairs:
                first = _line(pairs[name][0])
                self.problems.append(
                    Problem((*place, name), f"is given twice, first on line {first}", _line(key))
                )
            elif name is not None:
                pairs[name] = (key, value)
        # What is merged in (`<<`) is what the mapping does not say itself.
        for key, value in self._merged(node, place):
            name = self._name(key, place)
            if name is not None:
                pairs.setdefault(name, (key, value))
        found = {}
        for name, (key, value) in pairs.items():
            self.marks[(*place, name)] = _mark(key)
            found[name] = self.value(value, (*place, name))
        return found

    def _name(self, key: Node, place: Place) -> str | None:
        """The text of a key; keys are text throughout."""
        name = str(key.value) if isinstance(key, ScalarNode) else ""
        if key.tag in _TEXT:
            return name
        if not name:
            self.problems.append(Problem(place, "has something that is no key", _line(key)))
            return None
        wanted = f'must be in quotes to be a name: `"{printable(name)}":`'
        self.problems.append(Problem((*place, name), wanted, _line(key)))
        return name

    def _merged(self, node: MappingNode, place: Place) -> Iterator[tuple[Node, Node]]:
        """The pairs that merge keys bring into a mapping, the nearest first."""
        for source in _merges(node):
            several = source.value if isinstance(source, SequenceNode) else [source]
            for one in several:
                if not isinstance(one, MappingNode) or any(one is o for o in self._around):
                    self.problems.append(
                        Problem(place, "merges (`<<`) something that is not a mapping", _line(one))
                    )
                    continue
                yield from _own(one)
                self._around.append(one)
                yield from self._merged(one, place)
                self._around.pop()

    def _refuse_tag(self, node: Node, place: Place, known: set[str]) -> bool:
        if node.tag in known:
            return False
        self.problems.append(
            Problem(place, "has a YAML tag (`!`): leave it out, or put the text in quotes")
        )
        return True


def _mark(node: Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)


def _line(node: Node) -> int:
    return _mark(node).line


def _own(node: MappingNode) -> Iterator[tuple[Node, Node]]:
    return ((key, value) for key, value in node.value if key.tag != f"{_TAG}merge")


def _merges(node: MappingNode) -> Iterator[Node]:
    return (value for key, value in node.value if key.tag == f"{_TAG}merge")


def _plain(tag: str, text: str) -> Any:
    """What YAML 1.2 takes an unquoted word for."""
    kind = tag.removeprefix(_TAG)
    try:
        if kind == "null":
            return None
        if kind == "bool":
            return text.casefold() in ("true", "yes", "on", "y")
        if kind == "int":
            digits = text.replace("_", "")
            return int(digits, 0 if "x" in digits or "o" in digits or "b" in digits else 10)
        if kind == "float":
            return float(text.replace("_", ""))
    except ValueError:
        pass
    return Unquoted()
