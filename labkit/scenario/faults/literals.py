"""The names, numbers, times and texts in a fault."""

import re

from labkit.scenario.faults.fault import ALL_MESSAGES
from labkit.scenario.faults.tokens import Token, Tokens

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_MESSAGE = re.compile(r"(\*|[A-Za-z][A-Za-z_]*)\.(\*|[A-Za-z][A-Za-z0-9_]*)")
_SPAN = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([a-z]*)")
_COUNT = re.compile(r"[0-9]{1,6}")
_UNITS = {
    "s": 1, "sec": 1, "second": 1, "seconds": 1,
    "m": 60, "min": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hour": 3600, "hours": 3600,
}  # fmt: skip


def a_message(tokens: Tokens, token: Token) -> str:
    if token.text == "*":
        return ALL_MESSAGES
    if token.quoted or _MESSAGE.fullmatch(token.text) is None:
        raise tokens.wrong(token, "must be a message to XAPI, such as `VM.start` or `VM.*`")
    return token.text


def a_name(tokens: Tokens, what: str) -> str:
    return named(tokens, tokens.take(what), what)


def named(tokens: Tokens, token: Token, what: str) -> str:
    if token.quoted or _NAME.fullmatch(token.text) is None:
        raise tokens.wrong(token, f"must be {what}")
    return token.text


def count(tokens: Tokens, token: Token) -> int:
    if token.quoted or _COUNT.fullmatch(token.text) is None or not int(token.text):
        raise tokens.wrong(token, "must be a whole number from 1")
    return int(token.text)


def span(tokens: Tokens) -> float:
    token = tokens.take("a time such as `40s`")
    match = _SPAN.fullmatch(token.said)
    unit = tokens.take("`s`, `min` or `h`").said if match and not match[2] else match and match[2]
    if match is None or unit not in _UNITS:
        raise tokens.wrong(token, "must be a time such as `40s`, `2min` or `1h`")
    return float(match[1]) * _UNITS[unit]


def quoted(tokens: Tokens) -> tuple[str, ...]:
    """The texts in quotes that come next, with brackets and commas around them or without."""
    found: list[str] = []
    bracket = tokens.found("(")
    while (token := tokens.next()) is not None:
        if token.quoted:
            found.append(tokens.take("").text)
        elif token.said == "," and (bracket or _quoted_behind(tokens)):
            tokens.take("")
        else:
            break
    if bracket:
        tokens.expect(")")
    return tuple(found)


def _quoted_behind(tokens: Tokens) -> bool:
    behind = tokens.next(1)
    return behind is not None and behind.quoted
