"""The date in the pretend world, as XAPI writes it."""

from datetime import UTC, datetime, timedelta

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
"""When every world began. All its hosts keep the same time."""


def moment(now: float) -> str:
    """The date `now` seconds after the world began."""
    return f"{_BEGIN + timedelta(seconds=now):%Y%m%dT%H:%M:%SZ}"
