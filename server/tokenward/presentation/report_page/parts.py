"""What the sections of a report are made of: figures with their legends, tables and chips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from tokenward.operations.report.overview import TokenState
from tokenward.presentation.page_style import Child, element
from tokenward.presentation.report_page.figures import STATES, Bars, Row, Series
from tokenward.presentation.report_page.words import short

_STATE_NAMES = {series.key: series.name for series in STATES}


def heading(text: str, lead: str = "") -> list[Element]:
    """The title of a section, and what is to be known to read it."""
    title = element("h2", "", text)
    return [title, element("p", "lead", *prose(lead))] if lead else [title]


def prose(text: str) -> list[Child]:
    """A text of ours, in which what stands between backticks is to be typed."""
    pieces = text.split("`")
    return [element("code", "typed", piece) if place % 2 else piece for place, piece in enumerate(pieces)]


def name(text: str) -> Element:
    """A name that a stranger may have chosen; it turns the direction of no other text."""
    return element("bdi", "", short(text))


def date(words: str) -> Element:
    """A day or a minute, which no line breaks."""
    return element("span", "date", words)


def chip(state: TokenState) -> Element:
    """What became of a token, as a word with its colour."""
    return _swatched(Series(state.value, _STATE_NAMES[state.value]), "span")


def legend(series: Iterable[Series]) -> Element:
    """What the colours stand for."""
    return element("ul", "legend", *(_swatched(one, "li") for one in series))


def _swatched(series: Series, tag: str) -> Element:
    swatch = element("span", {"class": f"swatch {series.key}", "aria-hidden": "true"})
    return element(tag, "swatched", swatch, series.name)


def figure(title: str, series: Sequence[Series], drawings: Sequence[Element], table: Element) -> Element:
    """A chart, with the same figures as a table for who asks for it."""
    more = element("details", "", element("summary", "", f"{title}: the figures"), table)
    head = element("figcaption", "", element("h3", "", title), legend(series))
    return element("figure", "", head, element("div", "drawings", *drawings), more)


@dataclass(frozen=True, slots=True)
class Table:
    """Columns by name, and rows of cells; of a cell with several pieces each is a text or an element.

    Attributes:
        numbers: the columns that hold numbers.
        caption: what is in it, for whoever cannot see what stands around it.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Sequence[Child]]]
    numbers: frozenset[int] = field(default_factory=frozenset)

    def drawn(self) -> Element:
        # A narrow screen shows a row as a block, and would hide from a screen reader that it is one but for its role.
        head = element("tr", {"role": "row"}, *map(self._head, range(len(self.columns))))
        body = [element("tr", {"role": "row"}, *map(self._cell, range(len(row)), row)) for row in self.rows]
        return element(
            "table",
            {"role": "table", "class": "stacks"},
            element("caption", "unseen", self.caption),
            element("thead", {"role": "rowgroup"}, head),
            element("tbody", {"role": "rowgroup"}, *body),
        )

    def _head(self, place: int) -> Element:
        kind = "number" if place in self.numbers else ""
        return element("th", {"role": "columnheader", "scope": "col", "class": kind}, self.columns[place])

    def _cell(self, place: int, content: Sequence[Child]) -> Element:
        kind = "number" if place in self.numbers else ""
        attributes = {"role": "cell", "class": kind, "data-column": self.columns[place]}
        inner = element("div", "", *content)
        if place:
            return element("td", attributes, inner)
        return element("th", {**attributes, "role": "rowheader", "scope": "row"}, inner)


def table_of(bars: Bars, caption: str) -> Element:
    """The figures of a chart."""
    columns = [bars.noun, *(series.name for series in bars.series)]
    rows = [_figures(row, bars) for row in bars.rows]
    return Table(caption, columns, rows, frozenset(range(1, len(columns)))).drawn()


def _figures(row: Row, bars: Bars) -> list[list[Child]]:
    counts = (row.counts.get(series.key, 0) for series in bars.series)
    cells: list[list[Child]] = [[name(row.name)]]
    cells.extend([f"{count:,}"] for count in counts)
    return cells


def nothing(text: str) -> Element:
    """What stands where there is nothing to show."""
    return element("p", "nothing", *prose(text))


def hatch() -> Element:
    """The pattern of what is out of sight, so that it is told from the others without colours."""
    lines = element("path", {"d": "M-1 1 l2 -2 M0 6 l6 -6 M5 7 l2 -2", "class": "hatch"})
    ground = element("rect", {"width": "6", "height": "6", "class": "ground"})
    pattern = element(
        "pattern",
        {"id": "hatch", "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"},
        ground,
        lines,
    )
    attributes = {"class": "unseen", "aria-hidden": "true", "width": "0", "height": "0"}
    return element("svg", attributes, element("defs", "", pattern))
