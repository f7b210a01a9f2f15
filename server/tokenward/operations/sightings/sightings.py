"""Which tokens stand where, against which of them are on record: what is to be recorded once it has stayed so."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.custody.ledger.reading import storable
from tokenward.model import Finding, Fingerprint, Surface
from tokenward.operations.finding_facts import finding_facts
from tokenward.places import shown

BATCH = 500
"""Events of one transaction, so that other processes wait only a moment."""
MOST_PLACES = 10_000
"""Places of one folder that are on record at a time; more would only fill the disk."""
_LOOKED_AT = (Surface.FILE.value, Surface.DOCUMENT.value)
"""The surfaces of what a look at the whole folder comes upon."""

Place: TypeAlias = tuple[str, Fingerprint]
"""A token in a text, whose name is spelled as the ledger has it."""
Change: TypeAlias = tuple[Fingerprint, Event]


class Seen(NamedTuple):
    """The tokens of a text, each at its first place."""

    surface: Surface
    tokens: Mapping[Fingerprint, Finding]

    @classmethod
    def of(cls, surface: Surface, findings: Iterable[Finding]) -> Seen:
        tokens: dict[Fingerprint, Finding] = {}
        for finding in findings:
            tokens.setdefault(finding.fingerprint, finding)
        return cls(surface, tokens)


_NOTHING = Seen(Surface.FILE, {})


class Standing:
    """What stands in the files and open documents of one folder.

    A token stands in a text while its file or its document holds it, so that neither typing nor closing without
    saving makes it seem gone from a file that still has it.

    Attributes:
        is_full: something was left out, because there is too much already.
    """

    def __init__(self, recorded: Mapping[Place, str]) -> None:
        """Begin with what is on record, each with the surface where it was seen."""
        self._recorded: dict[str, dict[Fingerprint, str]] = {}
        for (origin, fingerprint), surface in recorded.items():
            self._recorded.setdefault(origin, {})[fingerprint] = surface
        self._count = len(recorded)
        self._files: dict[str, Seen] = {}
        self._documents: dict[str, Seen] = {}
        self._unsure: set[str] = set()
        self._was_looked_at = False
        self._since: dict[str, dict[Change, float]] = {}
        self.is_full = False

    def file(self, origin: str, findings: Iterable[Finding], surface: Surface, now: float) -> None:
        """Take what stands in a file on the disk; maybe nothing."""
        self._unsure.discard(storable(origin))
        self._files[storable(origin)] = Seen.of(surface, findings)
        self._compare(storable(origin), now)

    def unsure(self, origin: str) -> None:
        """Take it that nobody knows what stands in a file, or in those of a folder."""
        within = os.path.join(storable(origin), "")  # noqa: PTH118 - pathlib drops the separator
        for one in (storable(origin), *(known for known in self._recorded if known.startswith(within))):
            self._unsure.add(one)
            self._forget(one)

    def document(self, origin: str, findings: Iterable[Finding], now: float) -> None:
        """Take what stands in an open document."""
        self._documents[storable(origin)] = Seen.of(Surface.DOCUMENT, findings)
        self._compare(storable(origin), now)

    def closed(self, origin: str, now: float) -> None:
        """Let its file alone say what stands there."""
        if self._documents.pop(storable(origin), None) is not None:
            self._compare(storable(origin), now)

    def looked(self, now: float) -> None:
        """Take it that every file was looked at, and those of which nothing came hold nothing."""
        self._was_looked_at = True
        for origin in tuple(self._recorded):
            self._compare(origin, now)

    def due(self, until: float) -> list[NewRecord]:
        """What is to be recorded: found or withdrawn, and so since a time."""
        return [
            self._happening(origin, *change)
            for origin, changes in self._since.items()
            for change, since in changes.items()
            if since <= until
        ]

    def next_change(self) -> float | None:
        """Since when the longest change is waiting to be recorded; None when there is none."""
        return min((since for changes in self._since.values() for since in changes.values()), default=None)

    def recorded(self, happenings: Iterable[NewRecord]) -> None:
        """Take what was due as on record."""
        for happening in happenings:
            origin, fingerprint = str(happening.origin), Fingerprint(str(happening.fingerprint))
            del self._since[origin][fingerprint, happening.event]
            if happening.event is Event.FOUND:
                self._recorded.setdefault(origin, {})[fingerprint] = str(happening.detail["surface"])
            else:
                del self._recorded[origin][fingerprint]
                self._count -= 1

    def _compare(self, origin: str, now: float) -> None:
        """Note what of a text is to be recorded, and since when; what is as it was on record again is not."""
        if origin in self._unsure:
            return
        before = self._forget(origin)
        changes = {change: before.get(change, now) for change in self._changes(origin)}
        if changes:
            self._since[origin] = changes

    def _forget(self, origin: str) -> dict[Change, float]:
        """Let no change of a text wait; those that did."""
        before = self._since.pop(origin, {})
        self._count -= sum(event is Event.FOUND for _, event in before)
        return before

    def _changes(self, origin: str) -> Iterator[Change]:
        found = [self._files.get(origin, _NOTHING), self._documents.get(origin, _NOTHING)]
        tokens = dict.fromkeys(fingerprint for seen in found for fingerprint in seen.tokens)
        known = self._recorded.get(origin, {})
        for fingerprint in tokens:
            if fingerprint not in known and self._has_room():
                self._count += 1
                yield fingerprint, Event.FOUND
        for fingerprint, surface in known.items():
            if fingerprint not in tokens and self._is_surely_gone(origin, surface):
                yield fingerprint, Event.WITHDRAWN

    def _has_room(self) -> bool:
        self.is_full |= self._count >= MOST_PLACES
        return self._count < MOST_PLACES

    def _is_surely_gone(self, origin: str, surface: str) -> bool:
        return origin in self._files or (self._was_looked_at and surface in _LOOKED_AT)

    def _happening(self, origin: str, fingerprint: Fingerprint, event: Event) -> NewRecord:
        if event is Event.WITHDRAWN:
            return NewRecord(event, None, fingerprint, origin)
        file = self._files.get(origin, _NOTHING)
        seen = file if fingerprint in file.tokens else self._documents[origin]
        finding = seen.tokens[fingerprint]
        where = {"surface": seen.surface.value, "line": finding.start.line + 1}
        return NewRecord(event, None, fingerprint, origin, None, {**finding_facts(finding), **where})


def too_many(folder: Path) -> str:
    """Return the sentence that the ledger does not record all tokens of a folder."""
    return (
        f"The ledger tells of {MOST_PLACES:,} tokens in {shown(folder)} and of no more; move or remove some, or open a "
        "smaller folder."
    )
