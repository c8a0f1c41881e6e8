"""SHA-512 crypt (`$6$`), the form of a root password that installers and /etc/shadow take.

labkit's own, after the public domain specification by Ulrich Drepper: Python 3.13 dropped its
`crypt` module, and none of the packages that replace it is worth one more dependency.
"""

import hashlib
import hmac
import re
import secrets

_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DEFAULT_ROUNDS = 5000
_LEAST_ROUNDS, _MOST_ROUNDS = 1000, 999_999_999
_SALT = re.compile(r"[./0-9A-Za-z]{1,16}")
_HASH = re.compile(r"\$6\$(?:rounds=(\d{1,10})\$)?([^$\n:]{0,64})\$([./0-9A-Za-z]{86})")


def hash_password(password: str, salt: str | None = None, rounds: int = _DEFAULT_ROUNDS) -> str:
    """`$6$salt$…`; the salt is random unless given: 1 to 16 characters of `./0-9A-Za-z`."""
    if salt is None:
        salt = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    if not _SALT.fullmatch(salt):
        raise ValueError("a salt has 1 to 16 characters of ./0-9A-Za-z")
    rounds = _within_limits(rounds)
    said = "" if rounds == _DEFAULT_ROUNDS else f"rounds={rounds}$"
    return f"$6${said}{salt}${_digest(password, salt, rounds)}"


def verify(password: str, hash: str) -> bool:
    """Whether the hash is of this password. False for a hash of another form."""
    match = _HASH.fullmatch(hash)
    if match is None:
        return False
    rounds = _within_limits(int(match[1])) if match[1] else _DEFAULT_ROUNDS
    return hmac.compare_digest(_digest(password, match[2], rounds), match[3])


def _within_limits(rounds: int) -> int:
    return max(_LEAST_ROUNDS, min(rounds, _MOST_ROUNDS))


def _digest(password: str, salt: str, rounds: int) -> str:
    """The 86 characters after the salt. Step by step as the specification numbers them."""
    if "\0" in password:
        raise ValueError("a password cannot hold a NUL character")
    key, seed = password.encode(), salt.encode()[:16]
    # Steps 4 to 8: B.
    b = hashlib.sha512(key + seed + key).digest()
    # 1 to 3 and 9 to 12: A.
    a = hashlib.sha512(key + seed + _stretched(b, len(key)))
    count = len(key)
    while count:
        a.update(b if count & 1 else key)
        count >>= 1
    last = a.digest()
    # 13 to 16: P; 17 to 20: S.
    p = _stretched(hashlib.sha512(key * len(key)).digest(), len(key))
    s = _stretched(hashlib.sha512(seed * (16 + last[0])).digest(), len(seed))
    # 21: the rounds that make guessing slow.
    for number in range(rounds):
        c = hashlib.sha512(p if number & 1 else last)
        if number % 3:
            c.update(s)
        if number % 7:
            c.update(p)
        c.update(last if number & 1 else p)
        last = c.digest()
    return _encoded(last)


def _stretched(digest: bytes, length: int) -> bytes:
    return (digest * (length // len(digest) + 1))[:length]


def _encoded(digest: bytes) -> str:
    """Step 22: three bytes at a time, in the order the specification deals them out."""
    groups, (x, y, z) = [], (0, 21, 42)
    for _ in range(21):
        groups.append(_characters(digest[x] << 16 | digest[y] << 8 | digest[z], 4))
        x, y, z = y + 1, z + 1, x + 1
    return "".join(groups) + _characters(digest[63], 2)


def _characters(number: int, count: int) -> str:
    return "".join(_ALPHABET[number >> 6 * place & 63] for place in range(count))
