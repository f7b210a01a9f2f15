"""Values that were seen where they cannot be found again, kept in memory for a while."""

from __future__ import annotations

import time
from collections.abc import Callable

from tokenward.errors import TokenGone
from tokenward.model import Fingerprint, Secret

SECONDS = 600.0
"""How long a value is kept."""
MOST = 1_000


class Remembered:
    """Values by fingerprint; each is dropped when its time is over."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Take what tells the time in seconds."""
        self._clock = clock
        self._kept: dict[Fingerprint, tuple[float, Secret]] = {}

    def keep(self, fingerprint: Fingerprint, secret: Secret) -> None:
        """Keep a value from now on; of too many the oldest is dropped."""
        self._kept.pop(fingerprint, None)
        self._kept[fingerprint] = self._clock() + SECONDS, secret
        if len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]

    def get(self, fingerprint: Fingerprint) -> Secret:
        """A value.

        Raises:
            TokenGone: it is no longer kept.
        """
        self.drop_old()
        if fingerprint not in self._kept:
            raise TokenGone(
                f"The value of a token from a terminal is kept for {SECONDS / 60:.0f} minutes, and this one is gone; "
                "print it again, or store it by `tokenward put NAME`."
            )
        return self._kept[fingerprint][1]

    def all(self) -> list[Secret]:
        self.drop_old()
        return [secret for _, secret in self._kept.values()]

    def forget(self, fingerprint: Fingerprint) -> None:
        self._kept.pop(fingerprint, None)

    def drop_old(self) -> float | None:
        """Drop what has been kept for long enough; in how many seconds the next is due, None when nothing is kept."""
        now = self._clock()
        for fingerprint in [one for one, (due, _) in self._kept.items() if due <= now]:
            del self._kept[fingerprint]
        return min((due - now for due, _ in self._kept.values()), default=None)
