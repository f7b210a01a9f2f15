"""PartMatches: counts how often outputs showed an agent parts of one value, and withholds its outputs after too many.

Each match hides a line, so the agent has seen what is counted, and whether it is withheld tells it nothing else. The
ledger alone holds the count and decides. Only while it cannot be read does a file count: it says that the ledger once
withheld outputs, or could not record a match.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tokenward.custody.ledger.events import JSON, Event
from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import StateDamaged
from tokenward.model import Fingerprint
from tokenward.places import Places
from tokenward.safe_files import ensure_private_file

MOST = 10
"""The most matches of one value in an hour."""
WITHHELD = (
    "[Tokenward withholds what this agent's commands and tools print, because too much of it showed parts of a stored "
    "token. Only a person can lift that, with `tokenward agents lift`.]"
)
_HOUR = timedelta(hours=1)


class PartMatches:
    """The count for one agent, which all its commands and hooks share."""

    def __init__(self, places: Places, agent: str, folder: Path) -> None:
        """Take the agent, as people write it, and the folder in which it works."""
        self._places = places
        self._agent = agent
        self._folder = folder
        self._is_blind = self._is_uncounted = False

    @property
    def is_withheld(self) -> bool:
        """Return whether this agent gets no output.

        Without the ledger, that is every agent if outputs were ever withheld, and this one if a match was not counted.
        """
        if not self._is_blind:
            try:
                return self._agent in withheld_agents(self._places)
            except StateDamaged:
                # A locked file would delay each text by seconds.
                self._is_blind = True
        return self._is_uncounted or os.path.lexists(self._places.withheld)

    def add(self, fingerprint: Fingerprint) -> None:
        """Count a match; withhold further outputs if it is one too many, or cannot be counted."""
        if self.is_withheld:
            return
        try:
            self._record(fingerprint)
        except StateDamaged:
            self._is_blind = self._is_uncounted = True
            with suppress(StateDamaged):
                _note(self._places.withheld)

    def _record(self, fingerprint: Fingerprint) -> None:
        ledger, origin = Ledger(self._places.ledger), str(self._folder)
        detail = {"purpose": "agent output", "agent": self._agent}
        # Of two processes, one sees what the other has counted.
        with ledger.together():
            ledger.record(Event.PART_HIDDEN, fingerprint=fingerprint, origin=origin, detail=detail)
            if ledger.hidden_parts(fingerprint, datetime.now(UTC) - _HOUR) >= MOST:
                _note(self._places.withheld)
                detail |= {"why": "parts of a token"}
                ledger.record(Event.WITHHELD, fingerprint=fingerprint, origin=origin, detail=detail)


def withheld_agents(places: Places) -> Sequence[str]:
    """Return the agents that get no output.

    Raises:
        StateDamaged: the ledger cannot be read.
    """
    return Ledger(places.ledger).withheld_agents() if os.path.lexists(places.ledger) else ()


def lift(places: Places, detail: Mapping[str, JSON]) -> None:
    """Give all agents their outputs again, and count from nothing; the detail says who asks for it.

    Raises:
        StateDamaged: the ledger cannot be written.
    """
    Ledger(places.ledger).record(Event.LIFTED, detail=detail)
    with suppress(OSError):
        places.withheld.unlink()


def _note(path: Path) -> None:
    if not os.path.lexists(path):
        ensure_private_file(path)
