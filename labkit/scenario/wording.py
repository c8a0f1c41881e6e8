"""What pydantic finds, in plain sentences: no type names, no links, no values of secrets."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, get_args

from labkit.scenario.models import Part, Scenario
from labkit.scenario.problem import Place, Problem, secret, suggestion
from labkit.scenario.values import SHAPES

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from labkit.scenario.document import Document

_SENTENCES = {
    "int_type": "must be a whole number without quotes",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "too_short": "must not be empty",
    "too_long": "must have at most {max_length}",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "model_type": "must be keys and values",
    "dict_type": "must be names, each with keys and values",
    "tuple_type": "must be a list: `[one, two]`, or `- ` before each on lines of their own",
}


def worded(found: "ValidationError", document: "Document") -> Iterator[Problem]:
    """A problem for each of pydantic's errors, at its place."""
    for error in found.errors(include_url=False):
        if error["type"] == "value_error" and not error["loc"]:
            continue  # the rules, which `broken` tells with their places
        if error["type"] == "too_short" and error["input"]:
            continue  # there are some, each with an error of its own
        place: Place = tuple(step for step in error["loc"] if step != "[key]")
        match error["type"]:
            case "missing":
                yield Problem(place[:-1], f"the key `{place[-1]}` is missing")
            case "extra_forbidden":
                known = _keys(place[:-1])
                yield Problem(place, f"unknown key; {suggestion(str(place[-1]), known)}")
            case "string_type" | "path_type":
                yield Problem(place, _text_wanted(place, document))
            case _:
                yield Problem(place, _sentence(error))


def _sentence(error: "ErrorDetails") -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return SHAPES[context["pattern"]]
    if kind == "literal_error":
        choices = [f"`{choice}`" for choice in re.findall("'([^']+)'", context["expected"])]
        return f"must be {choices[0]}" if len(choices) == 1 else f"must be {_or(choices)}"
    if kind == "value_error":
        # Raised by labkit's own validators, whose texts are sentences already.
        return str(context["error"])
    return _SENTENCES.get(kind, "cannot be this").format(**context)


def _text_wanted(place: Place, document: "Document") -> str:
    unquoted = document.mark(place).unquoted
    if unquoted:
        return f'must be text: put it in quotes, `"{unquoted}"`'
    return "must be text in quotes" if secret(place) else "must be text"


def _or(choices: list[str]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}"


def _keys(place: Place) -> tuple[str, ...]:
    """The keys a part of a scenario knows, by its place."""
    kind: Any = Scenario
    for step in place:
        if isinstance(kind, type) and issubclass(kind, Part):
            kind = kind.model_fields[str(step)].annotation
            # `PoolSpec | None`: the part is what stands first.
            kind = get_args(kind)[0] if type(None) in get_args(kind) else kind
        else:
            # `dict[Name, HostSpec]` and `tuple[Nic, ...]`: by name or position, a part.
            kind = next(each for each in get_args(kind) if _is_part(each))
    return tuple(kind.model_fields)


def _is_part(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Part)
