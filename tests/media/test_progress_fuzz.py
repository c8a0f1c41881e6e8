"""However a serial file grows, reading it again and again tells one story."""

import re
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.media.progress import InstallLog, read_log
from tests.media.test_progress import FAILURE, INSTALLATION

SCRIPT_FAILED = INSTALLATION.replace("Script returned 0", "Script returned 1")
NOISE = (
    "\x1b[0m",
    "\x1b[1;31m",
    "\x1b]0;title\x07",
    "\x1b[2K",
    "\x1b(B",
    "\x1b[?25l",
    "\x00",
    "\x07",
)
_ATOMS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\r\n|.", re.DOTALL)


@st.composite
def growing(draw: st.DrawFn, text: str) -> list[str]:
    """What is in the file at each look: the text with noise anywhere in it, cut anywhere, in the
    middle of an escape sequence too."""
    atoms = _ATOMS.findall(text)
    for place in draw(st.lists(st.integers(0, len(atoms)), max_size=20)):
        atoms.insert(place, draw(st.sampled_from(NOISE)))
    for place in draw(st.lists(st.integers(0, len(atoms) - 1), max_size=40)):
        if atoms[place] == "\r\n":
            atoms[place] = draw(st.sampled_from(["\n", "\r", "\r\r\n"]))
    noisy = "".join(atoms)
    cuts = sorted(draw(st.sets(st.integers(0, len(noisy)), max_size=40)))
    return [*(noisy[:cut] for cut in cuts), noisy]


def plain(text: str) -> str:
    for noise in NOISE:
        text = text.replace(noise, "")
    return text


def told(texts: list[str]) -> list[InstallLog]:
    found = [read_log(text) for text in texts]
    for earlier, later in pairwise(found):
        assert (earlier.fraction or 0.0) <= (later.fraction or 0.0)
        assert earlier.failed <= later.failed
    for one in found:
        assert one.fraction is None or 0.0 <= one.fraction <= 1.0
        assert not (one.finished and one.failed)
        assert not any(mark in one.last_line for mark in "\x1b\r\n\x00\x07")
    return found


@settings(max_examples=100, deadline=None)
@given(growing(INSTALLATION))
def test_a_good_installation_is_finished_at_its_last_sentence_and_not_before(
    texts: list[str],
) -> None:
    for text, found in zip(texts, told(texts), strict=True):
        assert not found.failed
        assert found.finished == ("The installation completed successfully" in plain(text))
    assert read_log(texts[-1]) == read_log(INSTALLATION)


@settings(max_examples=100, deadline=None)
@given(growing(FAILURE))
def test_a_failed_installation_is_never_finished_and_ends_with_the_same_words(
    texts: list[str],
) -> None:
    for text, found in zip(texts, told(texts), strict=True):
        assert not found.finished
        assert not found.failed or "INSTALL FAILED." in plain(text)
    assert read_log(texts[-1]) == read_log(FAILURE)


@settings(max_examples=50, deadline=None)
@given(growing(SCRIPT_FAILED))
def test_a_failed_script_of_labkits_is_never_taken_for_a_success(texts: list[str]) -> None:
    assert not any(found.finished for found in told(texts))
