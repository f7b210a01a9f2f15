"""The charts of a report: stacked bars in SVG.

Shapes have classes instead of colours, so that charts follow the page's light or dark style. There is no script: the
tooltip of a bar is its title.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element

from tokenward.operations.report.overview import ReportedToken
from tokenward.phrases import span
from tokenward.places import shown
from tokenward.presentation.page_style import element
from tokenward.presentation.report_page.figures import STATES, BarRow, Bars, Series, ticks
from tokenward.presentation.report_page.words import short

_ROW = 30.0
_TOP, _RIGHT, _BOTTOM = 6.0, 14.0, 28.0
"""Margins around the bars; the bottom one holds the labels of an axis."""
_BAR = 0.86
"""The share of a row that its bar covers."""
_CHARACTER = 7.2
"""The width of nearly every character, at most, in the font size of charts."""
_RAISED = 4.5
"""The distance from the middle of a line of text to its baseline."""
_SHORTEST = 0.012
"""The shortest visible bar, as a share of the axis."""

AxisMark = tuple[float, str]
"""A position on an axis, in the units of the bars, and its label."""


@dataclass(frozen=True, slots=True)
class BarSegment:
    """A part of a bar: its row, start and length, in the units of the axis."""

    row: int
    series: Series
    start: float
    length: float
    title: str


@dataclass(frozen=True, slots=True)
class ChartSize:
    """A width for which a chart is drawn; the page shows the one that fits.

    Attributes:
        label: the characters of a row's name that are shown.
    """

    name: str
    width: int
    label: int
    ticks: int
    is_wide: bool = False


HALF = ChartSize("narrow", 330, 17, 3), ChartSize("medium", 470, 24, 5)
FULL = (*HALF, ChartSize("large", 660, 36, 6, is_wide=True), ChartSize("wide", 940, 48, 9, is_wide=True))


def horizontal(bars: Bars, about: str) -> list[Element]:
    """Return a chart with a row per bar, once for each size."""
    drawings = []
    for size in HALF:
        names = [_row_name(row.name, f"{row.total:,}", size) for row in bars.rows]
        drawings.append(_across(names, _steps(bars.rows, size.ticks), _segments(bars), size, about))
    return drawings


def timeline(tokens: Sequence[ReportedToken], now: datetime, about: str) -> list[Element]:
    """Return a chart with a row per token, from first seen to gone, once for each size."""
    return [_timeline(tokens, now, about, size) for size in FULL]


def _timeline(tokens: Sequence[ReportedToken], now: datetime, about: str, size: ChartSize) -> Element:
    start = min(token.first_seen for token in tokens)
    whole = max((now - start).total_seconds(), 1.0)
    days = "%Y-%m-%d" if size.is_wide else "%m-%d"
    marks = [((tick - start).total_seconds(), tick.strftime(days)) for tick in ticks(start, now, size.ticks)]
    states = {series.key: series for series in STATES}
    names, segments = [], []
    for row, token in enumerate(tokens):
        # Even the shortest bar stays visible.
        length = max(token.exposure(now).total_seconds(), whole * _SHORTEST)
        series = states[token.state.value]
        before = min((token.first_seen - start).total_seconds(), whole - length)
        exposure = span(token.exposure(now).total_seconds())
        title = f"{short(token.label)}: {exposure}. {series.name}"
        segments.append(BarSegment(row, series, before, length, title))
        label = token.label if size.is_wide else token.label.partition(" (")[0]
        names.append(_row_name(label, exposure, size))
    # The axis ends now, with or without a mark.
    return _across(names, [*marks, (whole, "")], segments, size, about, kind="timeline")


def _across(
    names: Sequence[str],
    marks: Sequence[AxisMark],
    segments: Iterable[BarSegment],
    size: ChartSize,
    about: str,
    *,
    kind: str = "",
) -> Element:
    """Return rows of bars, as an image with a text alternative; the last mark is the end of the axis."""
    left = max(map(len, names)) * _CHARACTER + 8
    height = len(names) * _ROW
    scale = (size.width - left - _RIGHT) / marks[-1][0]
    labels = [_text(left - 5, _TOP + (row + 0.5) * _ROW + _RAISED, name) for row, name in enumerate(names)]
    lines = []
    for at, name in ((left + place * scale, name) for place, name in marks if name):
        line = element("path", {"class": "line", "d": f"M{at:.1f} {_TOP:.1f} v{height:.1f}"})
        lines.append(element("g", "", line, _text(at, _TOP + height + 18, name)))
    shapes = _by_series(segments, left, scale)
    parts = (element("g", "axis y", *labels), element("g", "axis x", *lines), *shapes)
    box = f"0 0 {size.width} {height + _TOP + _BOTTOM:.0f}"
    view = {"viewBox": box, "class": f"chart {size.name} {kind}".rstrip(), "role": "img", "aria-label": about}
    return element("svg", view, element("g", "horizontal", *parts))


def _segments(bars: Bars) -> Iterator[BarSegment]:
    for place, row in enumerate(bars.rows):
        start = 0
        for series in bars.series:
            if count := row.counts.get(series.key, 0):
                title = f"{short(row.name)}: {series.name} {count:,}"
                yield BarSegment(place, series, start, count, title)
                start += count


def _by_series(segments: Iterable[BarSegment], left: float, scale: float) -> list[Element]:
    """Return a group per series, with its rectangles."""
    groups: dict[str, list[Element]] = {}
    for each in segments:
        top = _TOP + (each.row + (1 - _BAR) / 2) * _ROW
        box = {"x": left + each.start * scale, "y": top, "width": each.length * scale, "height": _ROW * _BAR}
        box |= {"rx": 2.0, "ry": 2.0}
        shape = element("rect", {name: f"{value:.1f}" for name, value in box.items()})
        bar = element("g", "bar", element("title", "", each.title), shape)
        groups.setdefault(each.series.key, []).append(bar)
    return [element("g", f"series {key}", *bars) for key, bars in groups.items()]


def _steps(rows: Sequence[BarRow], most: int) -> list[AxisMark]:
    """Return round numbers from zero to the largest row."""
    highest = max((row.total for row in rows), default=1) or 1
    step = next(
        digit * 10**power for power in range(12) for digit in (1, 2, 5) if digit * 10**power * most >= highest
    )
    return [(value, f"{value:,}") for value in range(0, highest + step, step)]


def _row_name(name: str, figure: str, size: ChartSize) -> str:
    """Return the name of a row, cut if it is long, with its figure."""
    clean, most = shown(name), size.label - len(figure) - 2
    return f"{clean if len(clean) <= most else f'{clean[: most - 1]}…'}  {figure}"


def _text(left: float, base: float, text: str) -> Element:
    return element("text", {"x": f"{left:.1f}", "y": f"{base:.1f}"}, text)
