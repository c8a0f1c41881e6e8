"""The words a fault is written in, each with its place."""

import re
from dataclasses import dataclass

from labkit.errors import ScenarioError
from labkit.scenario.problem import printable, suggestion

_TOKEN = re.compile(r'\s*(?:"(?P<quoted>[^"]*)"|(?P<sign>[:,()])|(?P<word>[^\s:,()"]+))')
_LONGEST = 500
EXAMPLE = "PBD.plug on xcp01: fail twice with SR_BACKEND_FAILURE_73"


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a sign, or a text in quotes (without these)."""

    text: str
    at: int
    """Its first character, counted from one."""
    quoted: bool = False

    @property
    def said(self) -> str:
        """As keywords are compared; a text in quotes is none."""
        return "" if self.quoted else self.text.casefold()


class Tokens:
    """What is still to be read of a fault."""

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.split())
        if len(self.text) > _LONGEST:
            raise self.wrong(None, f"it is longer than {_LONGEST} characters")
        self._left: list[Token] = []
        place = 0
        while place < len(self.text):
            match = _TOKEN.match(self.text, place)
            if match is None:
                raise self.wrong(Token('"', place + 1), "there is no closing quote")
            kind = match.lastgroup or ""
            # A quote stands before what it quotes.
            at = match.start(kind) + 1 - (kind == "quoted")
            self._left.append(Token(match[kind], at, kind == "quoted"))
            place = match.end()

    def next(self, ahead: int = 0) -> Token | None:
        """The next token, or one behind it; None at the end."""
        return self._left[ahead] if ahead < len(self._left) else None

    def take(self, wanted: str) -> Token:
        """The next token, whatever it is; `wanted` says what there should be one for."""
        if not self._left:
            raise self.wrong(None, f"{wanted} is missing at the end")
        return self._left.pop(0)

    def found(self, *words: str) -> bool:
        """Whether these words come next; they are taken then."""
        for ahead, word in enumerate(words):
            token = self.next(ahead)
            if token is None or token.said != word:
                return False
        del self._left[: len(words)]
        return True

    def expect(self, *words: str) -> None:
        """Take these words, which have to come next."""
        for word in words:
            token = self.take(f"`{word}`")
            if token.said != word:
                raise self.unknown(token, [word])

    def unknown(self, token: Token, known: list[str]) -> ScenarioError:
        """The error for a word that cannot stand there."""
        return self.wrong(token, suggestion(token.text, known))

    def wrong(self, token: Token | None, why: str) -> ScenarioError:
        """The error, with the place."""
        place = "" if token is None else f"at `{printable(token.text)}`, character {token.at}: "
        return ScenarioError(
            f"`{printable(self.text)}` is no fault that labkit understands.",
            details=f"{place}{why}",
            hint=f"Put it as in `{EXAMPLE}`; docs/faults.md has all the words.",
        )
