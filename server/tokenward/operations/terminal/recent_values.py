"""Keeps the values of tokens from terminals, which no file contains, in memory for a while."""

from __future__ import annotations

import time
from collections.abc import Callable

from tokenward.errors import TokenGone
from tokenward.model import Fingerprint, Secret

KEPT_SECONDS = 600.0
MOST_VALUES = 1_000


class RecentValues:
    """Values by fingerprint; each is dropped after KEPT_SECONDS."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the clock, in seconds."""
        self._clock = clock
        self._values: dict[Fingerprint, tuple[float, Secret]] = {}

    def add(self, fingerprint: Fingerprint, secret: Secret) -> None:
        """Keep a value, and drop the oldest one if there are too many."""
        self._values.pop(fingerprint, None)
        self._values[fingerprint] = self._clock() + KEPT_SECONDS, secret
        if len(self._values) > MOST_VALUES:
            del self._values[next(iter(self._values))]

    def get(self, fingerprint: Fingerprint) -> Secret:
        """Return a value.

        Raises:
            TokenGone: it is no longer kept.
        """
        self.drop_old()
        if fingerprint not in self._values:
            raise TokenGone(
                f"A terminal's token is remembered for {KEPT_SECONDS / 60:.0f} minutes, and this one is forgotten; "
                "print it again, or store it with `tokenward put NAME`."
            )
        return self._values[fingerprint][1]

    def all(self) -> list[Secret]:
        """Return all the remembered values."""
        self.drop_old()
        return [secret for _, secret in self._values.values()]

    def forget(self, fingerprint: Fingerprint) -> None:
        """Drop a value."""
        self._values.pop(fingerprint, None)

    def drop_old(self) -> float | None:
        """Drop the old values; return the seconds until the next one is due, None if none is left."""
        now = self._clock()
        for fingerprint in [one for one, (due, _) in self._values.items() if due <= now]:
            del self._values[fingerprint]
        return min((due - now for due, _ in self._values.values()), default=None)
