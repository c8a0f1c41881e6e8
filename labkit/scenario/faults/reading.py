"""From what a person wrote to a fault: `WHERE: WHAT, WHEN`.

After the colon the clauses may come in any order, with commas or without: that is how people
write them.
"""

import re
from dataclasses import dataclass, field, replace

from labkit.scenario.faults.fault import (
    ALL_MESSAGES,
    DRIVER_WORDS,
    DriverWord,
    Drop,
    Fail,
    Fault,
    Hang,
    Messages,
    Moment,
    Refuse,
    Unreachable,
    What,
    When,
)
from labkit.scenario.faults.literals import a_message, a_name, count, named, quoted, span
from labkit.scenario.faults.tokens import Token, Tokens

_CODE = re.compile(r"[A-Z][A-Z0-9_]+")
_ORDINAL = re.compile(r"([0-9]{1,6})(?:st|nd|rd|th|\.)?")
_LONG = 3600.0
"""Seconds something hangs when nobody says for how long."""
_XAPI = ["fail", "hang", "drop"]
_VIRTUALBOX = ["fail", "hang", "locked"]
_CLAUSES = [
    "with", "after", "before", "for", "half-way", "once", "twice", "times", "always", "from",
]  # fmt: skip


@dataclass
class _Said:
    """The clauses read so far."""

    verb: Token | None = None
    code: str | None = None
    params: tuple[str, ...] = ()
    after: bool | None = None
    half_way: bool = False
    seconds: float | None = None
    counted: bool = False
    when: When = field(default_factory=lambda: When(times=None))


def read(text: str) -> Fault:
    """The fault that was meant. Raises `ScenarioError` with the place and what may stand there."""
    tokens = Tokens(text)
    where = _where(tokens)
    said = _Said()
    while (token := tokens.next()) is not None:
        if token.said in (",", "and"):
            tokens.take("")
        else:
            _clause(tokens, where, said)
    what = _what(tokens, where, said)
    once = not said.counted and said.when.odds == 1 and said.when.first == 1
    return Fault(where, what, replace(said.when, times=1) if once else said.when, tokens.text)


def _where(tokens: Tokens) -> Messages | DriverWord:
    token = tokens.take("a message, a host or `VBoxSVC`")
    if token.said == "vboxsvc":
        tokens.expect(":")
        word = tokens.take("a word of the driver's")
        if word.said not in DRIVER_WORDS:
            raise tokens.unknown(word, list(DRIVER_WORDS))
        machine = a_name(tokens, "a machine") if tokens.found("of") else None
        tokens.expect(":")
        return DriverWord(word.said, machine)
    if "." in token.text or token.text == "*":
        message = a_message(tokens, token)
        host = a_name(tokens, "a host") if tokens.found("on") else None
    else:
        message, host = ALL_MESSAGES, named(tokens, token, "a message, a host or `VBoxSVC`")
    tokens.expect(":")
    return Messages(message, host)


def _clause(tokens: Tokens, where: Messages | DriverWord, said: _Said) -> None:
    token = tokens.take("")
    verbs = _verbs(where)
    match token.said:
        case word if word in verbs and said.verb is None:
            said.verb = token
            _rest_of_verb(tokens, token, where, said)
        case "with":
            if tokens.found("a", "chance", "of"):
                tokens.expect("1", "in")
                said.when = replace(said.when, odds=count(tokens, tokens.take("a number")))
            else:
                _code(tokens, where, said)
        case "after" | "before" if tokens.found("taking", "effect"):
            said.after = token.said == "after"
        case "after":
            _moment(tokens, said)
        case "half-way" | "halfway":
            said.half_way = True
        case "for":
            said.seconds = span(tokens)
        case "from":
            tokens.expect("the")
            nth = tokens.take("a number")
            if (match := _ORDINAL.fullmatch(nth.said)) is None or not int(match[1]):
                raise tokens.wrong(nth, "must be as in `from the 2nd time`")
            tokens.expect("time")
            tokens.found("on")
            said.when = replace(said.when, first=int(match[1]))
        case _:
            _times(tokens, token, said, verbs)


def _verbs(where: Messages | DriverWord) -> list[str]:
    if isinstance(where, DriverWord):
        return _VIRTUALBOX
    whole = where.message == ALL_MESSAGES and where.host is not None
    return [*_XAPI, "unreachable"] if whole else _XAPI


def _rest_of_verb(tokens: Tokens, verb: Token, where: Messages | DriverWord, said: _Said) -> None:
    if verb.said == "drop":
        tokens.found("the")
        tokens.expect("connection")
    elif verb.said == "locked":
        tokens.expect("session")
    elif verb.said == "fail" and isinstance(where, DriverWord):
        said.params = quoted(tokens)[:1]


def _code(tokens: Tokens, where: Messages | DriverWord, said: _Said) -> None:
    token = tokens.take("a code")
    if isinstance(where, DriverWord):
        if not token.quoted:
            raise tokens.wrong(token, "VirtualBox has no codes: put its words in quotes")
        said.params = (token.text,)
        return
    if token.quoted or _CODE.fullmatch(token.text) is None:
        raise tokens.wrong(token, "must be one of XAPI's codes, such as `SR_BACKEND_FAILURE_73`")
    said.code, said.params = token.text, quoted(tokens)


def _moment(tokens: Tokens, said: _Said) -> None:
    token = tokens.take("a message")
    message = a_message(tokens, token) if "." in token.text else named(tokens, token, "a message")
    host = a_name(tokens, "a host") if tokens.found("on") or tokens.found("of") else None
    said.when = replace(said.when, moment=Moment(message, host))


def _times(tokens: Tokens, token: Token, said: _Said, verbs: list[str]) -> None:
    known = {"once": 1, "twice": 2, "always": None}
    if token.said in known:
        times = known[token.said]
    elif not token.quoted and token.text[:1].isdigit():
        times = count(tokens, token)
        if not tokens.found("time"):
            tokens.expect("times")
    elif said.verb is None:
        raise tokens.unknown(token, verbs)
    else:
        raise tokens.unknown(token, _CLAUSES)
    said.counted, said.when = True, replace(said.when, times=times)


def _what(tokens: Tokens, where: Messages | DriverWord, said: _Said) -> What:
    verb = said.verb.said if said.verb is not None else ""
    after = bool(said.after)
    if not verb:
        raise tokens.wrong(None, f"what goes wrong is missing: {', '.join(_verbs(where))}")
    if said.seconds is not None and verb not in ("hang", "unreachable"):
        raise tokens.wrong(said.verb, "takes no time: `for` goes with `hang` and `unreachable`")
    if said.half_way and verb != "drop":
        raise tokens.wrong(said.verb, "only `drop the connection` can be half-way")
    if said.code is not None and verb != "fail":
        raise tokens.wrong(said.verb, "has no code: only `fail` is `with` one")
    if verb == "unreachable" and said.after is not None:
        raise tokens.wrong(said.verb, "has nothing that takes effect")
    if verb == "hang":
        return Hang(_LONG if said.seconds is None else said.seconds, after)
    if verb == "unreachable":
        return Unreachable(said.seconds)
    if verb == "drop":
        if said.half_way and said.after is False:
            raise tokens.wrong(said.verb, "half an answer comes after taking effect")
        return Drop(said.half_way, after or said.half_way)
    if isinstance(where, DriverWord):
        words = said.params[0] if said.params else "VERR_GENERAL_FAILURE"
        return Refuse(None if verb == "locked" else words, after)
    if said.code is None:
        raise tokens.wrong(said.verb, "with what? Say `fail with` and one of XAPI's codes")
    return Fail(said.code, said.params, after)
