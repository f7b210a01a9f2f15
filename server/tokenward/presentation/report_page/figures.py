"""The figures of a report, and the rows of its tables of counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from tokenward.language import counted, phrase, said
from tokenward.model import Surface
from tokenward.operations.report.overview import Overview, ReportedToken, TokenState

MOST_PROVIDERS = 13
MOST_SPANS = 24
"""The most rows of the timeline."""


@dataclass(frozen=True, slots=True)
class Series:
    """The meaning of a colour; `key` is its class."""

    key: str
    text: str

    @property
    def name(self) -> str:
        """Return the meaning in the editor's language."""
        return said(self.text)


@dataclass(frozen=True, slots=True)
class CountRow:
    """A row of counts: its name, and the number of each series."""

    name: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of tokens, by one of their properties and by series.

    Attributes:
        noun: the kind of the rows, such as `Provider`.
        series: the series that are not empty, in order.
    """

    noun: str
    series: tuple[Series, ...]
    rows: tuple[CountRow, ...]


@dataclass(frozen=True, slots=True)
class Headline:
    """The main figures; the spans are None if there is nothing to measure."""

    leaked: int
    exposed: int
    moved: int
    revoked: int
    typical: timedelta | None
    oldest: ReportedToken | None


STATES = (
    Series("exposed", phrase("Exposed now")),
    Series("loose", phrase("Out of sight, not revoked")),
    Series("moved", phrase("Moved to the keyring")),
    Series("ended", phrase("Revoked or expired")),
    Series("ignored", phrase("Ignored by you")),
)
STILL = (Series("exposed", phrase("Still there")), Series("ended", phrase("Over")))
SURFACES = {
    Surface.DOCUMENT: phrase("Editor"),
    Surface.NOTEBOOK: phrase("Notebook"),
    Surface.FILE: phrase("File"),
    Surface.TERMINAL: phrase("Terminal"),
    Surface.LOG: phrase("Log"),
    Surface.PASTE: phrase("Paste"),
    Surface.PROMPT: phrase("Prompt"),
    Surface.TRANSCRIPT: phrase("Transcript"),
}


def headline(overview: Overview) -> Headline:
    """Return the main figures; an ignored token is not a leak."""
    leaked = [token for token in overview.tokens if token.state is not TokenState.IGNORED]
    spans = [token.exposure(overview.now) for token in leaked]
    exposed = [token for token in leaked if token.state is TokenState.EXPOSED]
    return Headline(
        leaked=len(leaked),
        exposed=len(exposed),
        moved=sum(bool(token.reference) for token in leaked),
        revoked=sum(token.is_revoked for token in leaked),
        typical=timedelta(seconds=median(span.total_seconds() for span in spans)) if spans else None,
        oldest=min(exposed, key=lambda token: (token.first_seen, token.label), default=None),
    )


def by_provider(tokens: Iterable[ReportedToken]) -> Counts:
    """Return the number of tokens by provider, the most first; the rest share one row."""
    counts: dict[str, Counter[str]] = {}
    for token in tokens:
        counts.setdefault(token.provider or said("Unknown"), Counter())[token.state.value] += 1
    ordered = sorted(counts.items(), key=lambda one: (-one[1].total(), one[0]))
    rows = [CountRow(name, count) for name, count in ordered[:MOST_PROVIDERS]]
    if rest := ordered[MOST_PROVIDERS:]:
        together: Counter[str] = sum((count for _, count in rest), Counter())
        rows.append(CountRow(counted(len(rest), "other"), together))
    return _counts(said("Provider"), STATES, rows)


def by_surface(tokens: Iterable[ReportedToken]) -> Counts:
    """Return the number of tokens by surface; a token on several surfaces counts on each."""
    counts: dict[Surface, Counter[str]] = {}
    for token in tokens:
        still = {
            place.surface
            for place in token.places
            if place.gone is None and token.state is TokenState.EXPOSED
        }
        for surface in {place.surface for place in token.places}:
            counts.setdefault(surface, Counter())["exposed" if surface in still else "ended"] += 1
    ordered = sorted(counts.items(), key=lambda one: (-one[1].total(), one[0].value))
    rows = [CountRow(said(SURFACES[surface]), count) for surface, count in ordered]
    return _counts(said("Surface"), STILL, rows)


def longest(tokens: Iterable[ReportedToken], now: datetime) -> list[ReportedToken]:
    """Return the tokens that were not ignored, the longest exposed first."""
    leaked = [token for token in tokens if token.state is not TokenState.IGNORED]
    return sorted(leaked, key=lambda token: (-token.exposure(now), token.first_seen, token.label))


def _counts(noun: str, series: Sequence[Series], rows: Sequence[CountRow]) -> Counts:
    used = tuple(one for one in series if any(row.counts.get(one.key) for row in rows))
    return Counts(noun, used, tuple(rows))
