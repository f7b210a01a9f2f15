"""The charts of a report, drawn by pygal; what is kept of its drawing is shapes and texts alone.

pygal brings a style sheet, a script and ids of its own. Nothing of these is kept: the page's style sheet colours the
shapes by their classes, so that they follow light and dark, and a page of ours has no script.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element

import pygal  # type: ignore[import-untyped]
from pygal.style import Style  # type: ignore[import-untyped]

from tokenward.places import shown
from tokenward.presentation.clock import span
from tokenward.presentation.page_style import element
from tokenward.presentation.report_page.figures import STATES, Bars, Row, Series, ticks
from tokenward.presentation.report_page.overview import ReportedToken
from tokenward.presentation.report_page.words import short

_ROW_HEIGHT = 30
_COLUMNS_HEIGHT = 230
_FONT_SIZE = 13
_CHARACTER = 7.2
"""How wide one is at most, nearly always, at that size."""
_SHORTEST = 0.012
"""Of the whole, for a bar."""
_STYLE = Style(
    background="transparent",
    plot_background="transparent",
    label_font_size=_FONT_SIZE,
    major_label_font_size=_FONT_SIZE,
    font_family="sans-serif",
)
_SHAPES = {
    "svg": ("viewBox",),
    "g": ("class", "transform"),
    "rect": ("x", "y", "width", "height", "rx", "ry"),
    "path": ("class", "d"),
    "text": ("x", "y", "class"),
}
_CLASSES = frozenset({"axis", "x", "y", "line", "series", "bar", "horizontal", "vertical"})
_LONG_NUMBER = re.compile(r"\d+\.\d{2,}")


@dataclass(frozen=True, slots=True)
class Size:
    """A width that a chart is drawn for; the page shows the one that fits.

    Attributes:
        name: its class.
        label: how many characters of a row's name are shown.
        ticks: how many moments, or figures, stand below.
    """

    name: str
    width: int
    label: int
    ticks: int

    @property
    def is_full(self) -> bool:
        return self in FULL[len(HALF) :]


HALF = Size("narrow", 330, 17, 3), Size("medium", 470, 24, 5)
FULL = (*HALF, Size("large", 660, 36, 6), Size("wide", 940, 48, 9))


def horizontal(bars: Bars, about: str) -> list[Element]:
    """A row a bar, once for each size."""
    return [_horizontal(bars, about, size) for size in HALF]


def columns(bars: Bars, about: str) -> list[Element]:
    """A column a bar, once for each size."""
    return [_columns(bars, about, size) for size in FULL]


def timeline(tokens: Sequence[ReportedToken], now: datetime, about: str) -> list[Element]:
    """A row a token, from when it was first seen to when it was gone, once for each size."""
    return [_timeline(tokens, now, about, size) for size in FULL]


def _horizontal(bars: Bars, about: str, size: Size) -> Element:
    height = len(bars.rows) * _ROW_HEIGHT + 34
    names = [_named(row.name, f"{row.total:,}", size) for row in bars.rows]
    chart = pygal.HorizontalStackedBar(**_options(size, height))
    # The first row of pygal's is the lowest.
    rows = bars.rows[::-1]
    chart.x_labels = names[::-1]
    chart.y_labels = _steps(bars.rows, size.ticks)
    for series in bars.series:
        chart.add(series.name, _values(series, rows))
    return _drawn(chart, bars.series, about, size)


def _columns(bars: Bars, about: str, size: Size) -> Element:
    steps = _steps(bars.rows, 5)
    chart = pygal.StackedBar(**_options(size, _COLUMNS_HEIGHT))
    longest = max(len(row.name) for row in bars.rows) + 2
    every = math.ceil(len(bars.rows) * longest * _CHARACTER / (size.width - 60))
    # The latest period is always named.
    last = len(bars.rows) - 1
    chart.x_labels = [row.name if (last - place) % every == 0 else "" for place, row in enumerate(bars.rows)]
    chart.y_labels = steps
    for series in bars.series:
        chart.add(series.name, _values(series, bars.rows))
    return _drawn(chart, bars.series, about, size)


def _timeline(tokens: Sequence[ReportedToken], now: datetime, about: str, size: Size) -> Element:
    start = min(token.first_seen for token in tokens)
    whole = max((now - start).total_seconds(), 1.0)
    # The shortest is still seen.
    spans = [max(token.exposure(now).total_seconds(), whole * _SHORTEST) for token in tokens]
    before = [
        min((token.first_seen - start).total_seconds(), whole - length)
        for token, length in zip(tokens, spans, strict=True)
    ]
    chart = pygal.HorizontalStackedBar(**_options(size, len(tokens) * _ROW_HEIGHT + 34))
    # The first row of pygal's is the lowest.
    chart.x_labels = [_token_name(token, now, size) for token in tokens][::-1]
    chart.range = (0, whole)
    chart.y_labels = [
        {
            "value": (tick - start).total_seconds(),
            "label": tick.strftime("%Y-%m-%d" if size.is_full else "%m-%d"),
        }
        for tick in ticks(start, now, size.ticks)
    ]
    chart.add("", before[::-1])
    used = [series for series in STATES if any(token.state.value == series.key for token in tokens)]
    for series in used:
        stretches = [
            {"value": length, "label": f"{short(token.label)}: {_exposure(token, now)}. {series.name}"}
            if token.state.value == series.key
            else None
            for token, length in zip(tokens, spans, strict=True)
        ]
        chart.add(series.name, stretches[::-1])
    drawing = _drawn(chart, (Series("before", ""), *used), about, size)
    drawing.set("class", f"{drawing.get('class')} timeline")
    return drawing


def _token_name(token: ReportedToken, now: datetime, size: Size) -> str:
    name = token.label if size.is_full else token.label.partition(" (")[0]
    return _named(name, _exposure(token, now), size)


def _exposure(token: ReportedToken, now: datetime) -> str:
    return span(token.exposure(now).total_seconds())


def _values(series: Series, rows: Sequence[Row]) -> list[dict[str, Any] | None]:
    return [
        {"value": count, "label": f"{short(row.name)}: {count:,} {series.name.lower()}"}
        if (count := row.counts.get(series.key, 0))
        else None
        for row in rows
    ]


def _options(size: Size, height: int) -> Mapping[str, Any]:
    return {
        "js": [],
        "style": _STYLE,
        "width": size.width,
        "height": height,
        "show_legend": False,
        "margin": 6,
        "margin_left": 0,
        "margin_right": 14,
        "margin_bottom": 2,
        "spacing": 6,
        "show_y_labels": True,
        "rounded_bars": 2,
        "no_data_text": "",
        "truncate_label": -1,
    }


def _steps(rows: Sequence[Row], most: int) -> list[int]:
    """Round numbers from nothing to the largest row."""
    highest = max((row.total for row in rows), default=1) or 1
    step = next(
        digit * 10**power for power in range(12) for digit in (1, 2, 5) if digit * 10**power * most >= highest
    )
    return list(range(0, highest + step, step))


def _named(name: str, figure: str, size: Size) -> str:
    """The name of a row with its figure; of a long name there is the beginning."""
    clean, most = shown(name), size.label - len(figure) - 2
    return f"{clean if len(clean) <= most else f'{clean[: most - 1]}…'}  {figure}"


def _drawn(chart: Any, series: Sequence[Series], about: str, size: Size) -> Element:
    drawing = _kept(chart.render_tree(), series)
    assert drawing is not None  # noqa: S101 - the root is kept
    drawing.set("class", f"chart {size.name}")
    drawing.set("role", "img")
    drawing.set("aria-label", shown(about))
    return drawing


def _kept(node: Any, series: Sequence[Series]) -> Element | None:
    """The node with what is wanted of it; None for what is not."""
    allowed = _SHAPES.get(node.tag) if isinstance(node.tag, str) else None
    if allowed is None or _is_empty(node):
        return None
    attributes = {
        name: _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.1f}", node.attrib[name])
        for name in allowed
        if name in node.attrib and name != "class"
    }
    attributes["class"] = " ".join(_classes(node.attrib.get("class", ""), series))
    children: list[str | Element] = [node.text] if node.tag == "text" and node.text else []
    if node.tag == "g" and "bar" in node.attrib.get("class", "").split():
        children.extend(_titles(node))
    children.extend(kept for child in node if (kept := _kept(child, series)) is not None)
    if node.tag == "g" and not children:
        return None
    return element(node.tag, {name: value for name, value in attributes.items() if value}, *children)


def _is_empty(node: Any) -> bool:
    classes = node.attrib.get("class", "").split()
    return (
        "background" in classes
        or "tooltip-overlay" in classes
        or (node.tag == "rect" and not _has_area(node))
    )


def _has_area(node: Any) -> bool:
    return all(float(node.attrib.get(side, 0)) > 0 for side in ("width", "height"))


def _classes(names: str, series: Sequence[Series]) -> Iterator[str]:
    for name in names.split():
        if name in _CLASSES:
            yield name
        elif name.startswith("color-"):
            yield series[int(name.removeprefix("color-"))].key


def _titles(bar: Any) -> Iterator[Element]:
    """What a pointer that rests on a bar is told."""
    for child in bar:
        if child.tag == "desc" and child.attrib.get("class") == "label" and child.text:
            yield element("title", "", child.text)
