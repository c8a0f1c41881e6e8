"""How long steps took on this computer, to say what to expect the next time.

A convenience and nothing else: a history that cannot be read is begun again.
"""

import json
from contextlib import suppress
from pathlib import Path


class History:
    """Seconds each step took last, by backend and title."""

    def __init__(self, path: Path, on: str) -> None:
        self._path = path
        self._on = on
        self._seconds = self._read()

    def expected(self, step: str) -> float | None:
        """Seconds the step is likely to take; None when it has not been seen here."""
        return self._seconds.get(f"{self._on}: {step}")

    def took(self, step: str, seconds: float) -> None:
        """Remember how long a step took."""
        self._seconds[f"{self._on}: {step}"] = round(seconds, 2)

    def keep(self) -> None:
        """Write it down. A disk that is full must not be what ends a lab that is up."""
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._path.with_suffix(".new")
            fresh.write_text(json.dumps(self._seconds, indent=1, sort_keys=True), encoding="utf-8")
            fresh.replace(self._path)

    def _read(self) -> dict[str, float]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(found, dict):
            return {}
        return {step: took for step, took in found.items() if isinstance(took, int | float)}


def spoken(seconds: float) -> str:
    """Seconds as a person says them: `0.4 s`, `12 s`, `3:05 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{int(seconds) // 60}:{int(seconds) % 60:02} min"
