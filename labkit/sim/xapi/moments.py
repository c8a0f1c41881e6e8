"""The date in the pretend world, as XAPI writes it."""

from datetime import UTC, datetime, timedelta

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
"""When every world began. All its hosts keep the same time."""


def comparable(date: str) -> str:
    """A date that a client wrote in any of its spellings, as the text that dates are compared
    by. Raises `ValueError` or `OverflowError`."""
    read = datetime.fromisoformat(date.replace("-", "") if date.count("-") == 2 else date)
    read = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    # Not every system's `%Y` has four digits for every year.
    return f"{read.year:04}{read:%m%dT%H:%M:%SZ}"


def moment(now: float) -> str:
    """The date `now` seconds after the world began."""
    return f"{_BEGIN + timedelta(seconds=now):%Y%m%dT%H:%M:%SZ}"
