"""What is wrong with a scenario, and where: the words all of its readers share.

A place is said the way a person would look for it (`hosts.xcp01.nics[0].mac`). Nothing below a
secret is ever said, and no value of one: whoever reports a problem gives its place and a sentence.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

Place = tuple[str | int, ...]
"""Keys and positions from the top of the file; empty: the whole file."""

_SECRETS = frozenset({"root_password"})
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence that goes on where the place ends: 'hosts.xcp01.memory' 'must be …'."""

    place: Place
    text: str
    line: int | None = None
    """Where it stands in the file. None: where the place does."""


def secret(place: Place) -> bool:
    """Whether what stands at this place must not be repeated to anybody."""
    return not _SECRETS.isdisjoint(place)


def spoken(place: Place) -> str:
    """The place as a person writes it."""
    words = ""
    for step in place:
        if isinstance(step, int):
            words += f"[{step}]"
        else:
            words += f".{printable(step)}" if words else printable(step)
        if step in _SECRETS:
            break
    return words


def printable(word: str) -> str:
    """The word on one line, and not longer than one."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in word)
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"


def suggestion(word: str, known: Iterable[str]) -> str:
    """The known word that was meant, else all of them."""
    words = {other.casefold(): other for other in known}
    close = get_close_matches(word.casefold(), words, n=1)
    if close:
        return f"did you mean `{words[close[0]]}`?"
    return f"known here: {', '.join(f'`{printable(other)}`' for other in words.values())}"
