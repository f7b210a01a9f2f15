"""The figures of a report, and the rows of its charts."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from tokenward.model import Surface
from tokenward.operations.report.overview import Overview, ReportedToken, ReportedUse, TokenState
from tokenward.phrases import counted

MOST_PROVIDERS = 13
MOST_BARS = 24
"""The most rows of the timeline."""
_MOST_PERIODS = 45


@dataclass(frozen=True, slots=True)
class Series:
    """The meaning of a colour in a chart; `key` is its class."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class BarRow:
    """A bar: its name, and the amount of each series."""

    name: str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """Return the length of the bar."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart of stacked bars.

    Attributes:
        noun: the kind of the rows, such as `Provider`.
        series: the series that are not empty, in stacking order.
    """

    noun: str
    series: tuple[Series, ...]
    rows: tuple[BarRow, ...]


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
    Series("exposed", "Exposed now"),
    Series("loose", "Out of sight, not revoked"),
    Series("moved", "Moved to the keyring"),
    Series("ended", "Revoked or expired"),
    Series("ignored", "Ignored by you"),
)
STILL = (Series("exposed", "Still there"), Series("ended", "Over"))
USES = (
    Series("moved", "By programs and people"),
    Series("loose", "By AI assistants"),
    Series("exposed", "Refused"),
)
SURFACES = {
    Surface.DOCUMENT: "Editor",
    Surface.NOTEBOOK: "Notebook",
    Surface.FILE: "File",
    Surface.TERMINAL: "Terminal",
    Surface.LOG: "Log",
    Surface.PASTE: "Paste",
    Surface.PROMPT: "Prompt",
    Surface.TRANSCRIPT: "Transcript",
}
_AGES = (
    ("Under an hour", timedelta(hours=1)),
    ("Under a day", timedelta(days=1)),
    ("Under a week", timedelta(days=7)),
    ("Under a month", timedelta(days=30)),
    ("Under 6 months", timedelta(days=182)),
    ("Longer", timedelta.max),
)


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


def by_provider(tokens: Iterable[ReportedToken]) -> Bars:
    """Return the number of tokens by provider, the most first; the rest share one row."""
    counts: dict[str, Counter[str]] = {}
    for token in tokens:
        counts.setdefault(token.provider or "Unknown", Counter())[token.state.value] += 1
    ordered = sorted(counts.items(), key=lambda one: (-one[1].total(), one[0]))
    rows = [BarRow(name, count) for name, count in ordered[:MOST_PROVIDERS]]
    if rest := ordered[MOST_PROVIDERS:]:
        together: Counter[str] = sum((count for _, count in rest), Counter())
        rows.append(BarRow(counted(len(rest), "other"), together))
    return _bars("Provider", STATES, rows)


def by_surface(tokens: Iterable[ReportedToken]) -> Bars:
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
    return _bars("Surface", STILL, [BarRow(SURFACES[surface], count) for surface, count in ordered])


def by_age(tokens: Iterable[ReportedToken], now: datetime) -> Bars:
    """Return the number of tokens by the time that they were exposed."""
    counts: dict[str, Counter[str]] = {name: Counter() for name, _ in _AGES}
    for token in tokens:
        span = token.exposure(now)
        name = next(name for name, end in _AGES if span < end)
        counts[name]["exposed" if token.state is TokenState.EXPOSED else "ended"] += 1
    return _bars("Exposed for", STILL, [BarRow(name, count) for name, count in counts.items()])


def longest(tokens: Iterable[ReportedToken], now: datetime) -> list[ReportedToken]:
    """Return the tokens that were not ignored, the longest exposed first."""
    leaked = [token for token in tokens if token.state is not TokenState.IGNORED]
    return sorted(leaked, key=lambda token: (-token.exposure(now), token.first_seen, token.label))


def over_time(uses: Sequence[ReportedUse], now: datetime) -> Bars:
    """Return the number of uses by day, week or longer period, for a readable number of columns."""
    if not uses:
        return _bars("Period", USES, [])
    first = min(use.time for use in uses)
    starts = _starts(first, now)
    counts = [Counter[str]() for _ in starts]
    for use in uses:
        place = max(bisect_right(starts, use.time) - 1, 0)
        counts[place]["exposed" if use.why else "loose" if use.agent else "moved"] += 1
    form = "%Y-%m-%d" if starts[-1] - starts[0] > timedelta(days=330) else "%m-%d"
    rows = [BarRow(start.strftime(form), count) for start, count in zip(starts, counts, strict=True)]
    return _bars("From", USES, rows)


def _starts(first: datetime, now: datetime) -> list[datetime]:
    """Return the starts of the periods that cover the time from the first use to now."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [today]
    for days in (1, 7, 28, 91, 364):
        period = timedelta(days=days)
        latest = today - period + timedelta(days=1)
        count = max(-((first - latest) // period), 0) + 1
        starts = [latest - period * back for back in range(min(count, _MOST_PERIODS) - 1, -1, -1)]
        if count <= _MOST_PERIODS:
            break
    return starts


def _bars(noun: str, series: Sequence[Series], rows: Sequence[BarRow]) -> Bars:
    used = tuple(one for one in series if any(row.counts.get(one.key) for row in rows))
    return Bars(noun, used, tuple(rows))


def ticks(start: datetime, end: datetime, most: int) -> Iterator[datetime]:
    """Yield at most `most` evenly spaced midnights between two times."""
    day = timedelta(days=1)
    first = start.replace(hour=0, minute=0, second=0, microsecond=0) + day
    total = max((end - first) // day + 1, 0)
    step = next((step for step in (1, 2, 7, 14, 28, 56, 91, 182) if total <= step * most), 364)
    while total > step * most:
        step += 364
    for number in range(0, total, step):
        yield first + number * day
