"""The pretend computer's time, for whoever waits on it."""

import time

from labkit.sim.store import LONGEST_GAP, Store


class SimClock:
    """A `labkit.backend.Clock` that shows the world's time and waits `speed` times less."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def now(self) -> float:
        """Seconds since the world began."""
        with self._store.turn(reading=True) as world:
            return world.now

    def sleep(self, seconds: float) -> None:
        """Wait until that much of the world's time has passed."""
        until = self.now() + seconds
        while (left := until - self.now()) > 0:
            # Time that nobody looks at for long does not count, so look now and then.
            time.sleep(min(left / self._store.speed, LONGEST_GAP / 2))
