"""PartMatches: counts how often outputs showed an agent parts of one value, and withholds its outputs after too many.

Each match hides a line, so the agent has seen what is counted, and whether it is withheld tells it nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from pathlib import Path

from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Fingerprint
from tokenward.places import Places
from tokenward.safe_files import ensure_private_file, read_own, replace_private, unwritable

MOST = 10
"""The most matches of one value in an hour."""
WITHHELD = (
    "[Tokenward withholds what this agent's commands and tools print, because too much of it showed parts of a stored "
    "token. Only a person can lift that, with `tokenward agents lift`.]"
)
_HOUR = 3_600
_LARGE, _LARGEST = 65_536, 4_194_304
_WITHHELD = "withheld"


class PartMatches:
    """The count for one agent, which all its commands and hooks share."""

    def __init__(self, places: Places, agent: str, folder: Path) -> None:
        """Take the agent, as people write it, and the folder in which it works."""
        self._places = places
        self._agent = agent
        self._folder = folder

    @property
    def is_withheld(self) -> bool:
        """Return whether this agent gets no output."""
        return self._agent in withheld_agents(self._places)

    def add(self, fingerprint: Fingerprint) -> None:
        """Count a match; record in the ledger if it is one too many.

        Raises:
            StateDamaged: it cannot be counted, so nothing may be shown.
        """
        if self.is_withheld:
            return
        now = int(time.time())
        _drop_old(self._places, now)
        _add(self._places.part_matches, now, fingerprint, self._agent)
        matches = [one for one in _rows(self._places) if one[1] == fingerprint and _is_recent(one, now)]
        if len(matches) < MOST:
            return
        _add(self._places.part_matches, now, _WITHHELD, self._agent)
        detail = {"purpose": "agent output", "agent": self._agent, "why": "parts of a token; withheld"}
        Ledger(self._places.ledger).record(
            Event.REFUSED, fingerprint=fingerprint, origin=str(self._folder), detail=detail
        )


def withheld_agents(places: Places) -> Collection[str]:
    """Return the agents that get no output.

    Raises:
        StateDamaged: the record cannot be read.
    """
    return dict.fromkeys(agent for _, what, agent in _rows(places) if what == _WITHHELD)


def lift(places: Places) -> None:
    """Give all agents their outputs again, and count from nothing."""
    places.part_matches.unlink(missing_ok=True)


def _rows(places: Places) -> Iterator[list[str]]:
    try:
        text = read_own(places.part_matches, _LARGEST).decode("utf-8", "replace")
    except FileNotFoundError:
        return
    except OSError as error:
        raise unwritable(places.part_matches, error) from None
    yield from (row for row in (line.split("\t") for line in text.splitlines()) if len(row) == 3)


def _is_recent(row: list[str], now: int) -> bool:
    return row[0] >= str(now - _HOUR)


def _drop_old(places: Places, now: int) -> None:
    """Keep a large file from growing until nobody can read it."""
    path = places.part_matches
    try:
        if path.exists() and path.stat().st_size > _LARGE:
            rows = [row for row in _rows(places) if row[1] == _WITHHELD or _is_recent(row, now)]
            replace_private(path, "".join("\t".join(row) + "\n" for row in rows).encode())
    except OSError as error:
        raise unwritable(path, error) from None


def _add(path: Path, now: int, what: str, agent: str) -> None:
    """Add a row in one piece, because others may add theirs at the same time."""
    ensure_private_file(path)
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{now}\t{what}\t{agent}\n")
    except OSError as error:
        raise unwritable(path, error) from None
