"""SHA-512 crypt against its published vectors and, where Python still has it, against `crypt`."""

import importlib
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.sha512crypt import hash_password, verify

PUBLISHED = [
    (
        "Hello world!",
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoE"
        "OfaS35inz1",
    ),
    (
        "Hello world!",
        "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZ"
        "eHBy/YTBmSK6H9qs/y3RnOaw5v.",
    ),
    (
        "This is just a test",
        "$6$rounds=5000$toolongsaltstrin$lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxd"
        "Ycz/e1JSbq3y6JMxxl8audkUEm0",
    ),
    (
        "a very much longer text to encrypt.  This one even stretches over morethan one line.",
        "$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0"
        "oSwbtEW7o7UmJEiDwGqd8p4ur1",
    ),
    (
        "we have a short salt string but not a short password",
        "$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlc"
        "GZelFl5CxtgfiAc0",
    ),
    (
        "a short string",
        "$6$rounds=123456$asaltof16chars..$BtCwjqMJGx5hrJhZywWvt0RLE8uZ4oPwcelCjmw2kSYu.Ec6ycULevoBK25"
        "fs2xXgMNrCzIMVcgEJAstJeonj1",
    ),
    (
        "the minimum number is still observed",
        "$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQ"
        "pyUNGc0dqbpBYYBaHHrsX.",
    ),
]


@pytest.mark.parametrize(("password", "hashed"), PUBLISHED, ids=lambda text: text[:20])
def test_the_published_vectors_hold(password: str, hashed: str) -> None:
    assert verify(password, hashed)
    assert not verify(password + " ", hashed)


def test_rounds_are_kept_within_the_limits() -> None:
    vector = PUBLISHED[-1]
    assert hash_password(vector[0], "roundstoolow", rounds=10) == vector[1]


def test_the_usual_number_of_rounds_is_not_written() -> None:
    assert hash_password("Hello world!", "saltstring") == PUBLISHED[0][1]


def test_two_hashes_of_one_password_differ_and_both_verify() -> None:
    one, other = hash_password("secret"), hash_password("secret")
    assert one != other
    assert verify("secret", one)
    assert verify("secret", other)


@pytest.mark.parametrize("password", ["", "contraseña", "пароль", "密码", "🔑" * 40, "x" * 300])
def test_any_text_can_be_a_password(password: str) -> None:
    hashed = hash_password(password, "salt")
    assert verify(password, hashed)
    assert not verify(password + "x", hashed)


def test_a_hash_of_another_form_is_of_no_password() -> None:
    for other in ["", "!!", "*", "secret", "$1$salt$" + "a" * 22, "$6$salt$short"]:
        assert not verify("secret", other)


def test_a_salt_that_would_break_the_form_is_refused() -> None:
    for salt in ["", "a$b", "a:b", "x" * 17, "né"]:
        with pytest.raises(ValueError, match="salt"):
            hash_password("secret", salt)


def test_a_password_that_c_programs_would_cut_short_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        hash_password("a\0b")


@settings(max_examples=30, deadline=None)
@given(
    password=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    salt=st.text(st.sampled_from("./09AZaz"), min_size=1, max_size=16),
    rounds=st.sampled_from([1000, 1234, 5000]),
)
def test_it_agrees_with_the_crypt_of_the_system(password: str, salt: str, rounds: int) -> None:
    with warnings.catch_warnings():
        # Python 3.11 and 3.12 still have it, and warn.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            crypt = importlib.import_module("crypt")
        except ImportError:
            pytest.skip("this Python has no crypt module")
    said = "" if rounds == 5000 else f"rounds={rounds}$"
    theirs = crypt.crypt(password, f"$6${said}{salt}$")
    if theirs is None:
        # libcrypt has a longest password; labkit has not.
        assert len(password.encode()) > 500
        return
    assert hash_password(password, salt, rounds) == theirs
