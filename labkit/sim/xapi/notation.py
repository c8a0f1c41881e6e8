"""How the tables of classes are written, and what of one counts in a release.

A table says what a class has: enumerations, fields, and the messages that do not follow from
the fields.

    class network: create                         flags: `create`, `no-<message>`, `plain`
    enum network_purpose = nbd insecure_nbd       a second line adds words
    MTU: int rw = 1500                            type, `rw` or `constructor`, default
    PIFs: PIF ref set <- PIF.network              read off the other end of the relation
    add_purpose(self: network ref, value: enum network_purpose)
    get_foo(self: network ref, bar: int?) -> int  `?`: may be left out

Marks in brackets end a line. Releases are `1.6`, `8.2` and `8.3`:

    [since 8.2]  [until 8.2]    the line counts from, or up to and with, that release
    [removed]  [removed 8.2]    it is known and answers MESSAGE_REMOVED; from that release on
    [sessionless]               the message takes no session
    [hidden]                    the message can be called and is in no documentation

What changed has a line for each way it was; a class that is written in two ways has two lines
`class`. The tables hold what xapi's datamodel says, at 25.6 for XCP-ng 8.3, at stockholm for
8.2, and what its lifecycles say of tampa for XCP 1.6.
"""

import re
from collections.abc import Iterator
from typing import Any

from labkit.sim.xapi.classes import Class, Field, Message, Parameter, derived
from labkit.sim.xapi.kinds import Kind, kind, zero

RELEASES = ("1.6", "8.2", "8.3")
"""From old to new."""

Marks = dict[str, str]
"""`since`, `until`, `removed`: the release; the other marks: nothing."""


def read(name: str, text: str, release: str) -> Class | None:
    """The class a table describes, as it was in a release; None when there was none."""
    fields: dict[str, Field] = {}
    elsewhere: dict[str, Any] = {}
    explicit: dict[str, Message] = {}
    enums: dict[str, tuple[str, ...]] = {}
    flags: set[str] | None = None
    for line, marks, counts in _lines(text, release):
        if line.startswith("class "):
            if counts:
                flags = {*line.partition(":")[2].split(), *_removed(marks, release)}
        elif line.startswith("enum "):
            if counts:
                label, _, words = line.removeprefix("enum ").partition(" = ")
                enums[label] = (*enums.get(label, ()), *words.split())
        elif re.match(r"\w+\(", line):
            if counts:
                message = _message(name, line, marks, release)
                explicit[message.name] = message
        else:
            field = _field(line, bool(_removed(marks, release)))
            if counts:
                fields[field.name] = field
            else:
                elsewhere[field.name] = field.default
    if flags is None:
        return None
    implicit = {} if "plain" in flags else derived(name, fields, flags)
    return Class(name, fields, implicit | explicit, enums, elsewhere)


def _lines(text: str, release: str) -> Iterator[tuple[str, Marks, bool]]:
    """The lines without their marks, these, and whether the line counts in the release."""
    at = RELEASES.index(release)
    for line in filter(None, text.splitlines()):
        bare, bracket, marked = line.partition(" [")
        if not bracket:
            yield line, {}, True
            continue
        marks = {}
        for mark in marked.rstrip("]").split("] ["):
            word, _, value = mark.partition(" ")
            marks[word] = value
        since = RELEASES.index(marks.get("since", RELEASES[0]))
        until = RELEASES.index(marks.get("until", RELEASES[-1]))
        yield bare, marks, since <= at <= until


def _removed(marks: Marks, release: str) -> set[str]:
    """`removed`, if it was by then."""
    since = marks.get("removed")
    gone = since is not None and RELEASES.index(since or RELEASES[0]) <= RELEASES.index(release)
    return {"removed"} if gone else set()


def _field(line: str, removed: bool) -> Field:
    name, _, rest = line.partition(": ")
    rest, _, default = rest.partition(" = ")
    rest, _, source = rest.partition(" <- ")
    writing = ""
    for word in ("rw", "constructor"):
        if rest.endswith(f" {word}"):
            rest, writing = rest.removesuffix(f" {word}"), word
    of, _, there = source.partition(".")
    wanted = kind(rest)
    relation = (of, there) if source else None
    return Field(name, wanted, writing, relation, default_of(wanted, default), removed)


def default_of(wanted: Kind, text: str) -> Any:
    """A default as the datamodel writes it: `{"a" -> "b"}`, `{0}`, `"text"`, `true`, `1.`"""
    if not text:
        return zero(wanted)
    match wanted.name:
        case "map":
            return dict(re.findall(r'"([^"]*)" -> "([^"]*)"', text))
        case "set":
            return [default_of(wanted.parts[0], each) for each in text.strip("{}").split(", ")]
        case "bool":
            return text == "true"
        case "int":
            return int(text)
        case "float":
            return float(text)
    return text.strip('"')


def _message(of: str, line: str, marks: Marks, release: str) -> Message:
    name, _, rest = line.partition("(")
    inside, after = _closed(rest)
    parameters = tuple(_parameter(each) for each in inside.split(", ") if each)
    return Message(
        of,
        name,
        parameters,
        kind(after.removeprefix(" -> ") or "void"),
        session="sessionless" not in marks,
        removed=bool(_removed(marks, release)),
        hidden="hidden" in marks,
    )


def _closed(rest: str) -> tuple[str, str]:
    """What is before and after the bracket that closes the parameters: types have brackets too."""
    depth = 0
    for at, letter in enumerate(rest):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0:
            return rest[:at], rest[at + 1 :]
    raise ValueError(f"no end of parameters: {rest}")


def _parameter(text: str) -> Parameter:
    name, _, spelled = text.partition(": ")
    return Parameter(name, kind(spelled.removesuffix("?")), required=not spelled.endswith("?"))
