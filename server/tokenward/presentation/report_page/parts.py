"""The building blocks of a report's sections: figures with legends, tables and chips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from tokenward.language import said
from tokenward.operations.report.overview import TokenState
from tokenward.presentation.page_style import Child, element
from tokenward.presentation.report_page.figures import STATES, Bars, Series
from tokenward.presentation.report_page.words import short

_STATES = {series.key: series for series in STATES}


def heading(text: str, lead: str = "") -> list[Element]:
    """Return the title of a section, and an introduction, in the editor's language."""
    title = element("h2", "", said(text))
    return [title, element("p", "lead", *prose(said(lead)))] if lead else [title]


def prose(text: str) -> list[Child]:
    """Return a text of ours, with code between backticks."""
    pieces = text.split("`")
    return [element("code", "typed", piece) if place % 2 else piece for place, piece in enumerate(pieces)]


def name(text: str) -> Element:
    """Return a name that a stranger may have chosen; it cannot change the direction of other text."""
    return element("bdi", "", short(text))


def date(words: str) -> Element:
    """Return a day or a minute without line breaks."""
    return element("span", "date", words)


def chip(state: TokenState) -> Element:
    """Return the state of a token, as a word with its colour."""
    return _swatched(_STATES[state.value], "span")


def _swatched(series: Series, tag: str) -> Element:
    swatch = element("span", {"class": f"swatch {series.key}", "aria-hidden": "true"})
    return element(tag, "swatched", swatch, series.name)


def figure(title: str, series: Sequence[Series], drawings: Sequence[Element], table: Element) -> Element:
    """Return a chart, with its figures in a collapsed table."""
    more = element("details", "", element("summary", "", said("{title}: the figures", title=title)), table)
    legend = element("ul", "legend", *(_swatched(one, "li") for one in series))
    head = element("figcaption", "", element("h3", "", title), legend)
    return element("figure", "", head, element("div", "drawings", *drawings), more)


@dataclass(frozen=True, slots=True)
class Table:
    """A table; a cell is a list of texts and elements.

    Attributes:
        numbers: the columns that contain numbers.
        caption: its content, for screen readers.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Sequence[Child]]]
    numbers: frozenset[int] = field(default_factory=frozenset)

    def drawn(self) -> Element:
        """Return the table as an element."""
        # A narrow screen shows rows as blocks; without roles, a screen reader would not see a table.
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
    """Return the figures of a chart as a table."""
    columns = [bars.noun, *(series.name for series in bars.series)]
    rows: list[list[list[Child]]] = []
    for row in bars.rows:
        counts: list[list[Child]] = [[f"{row.counts.get(series.key, 0):,}"] for series in bars.series]
        rows.append([[name(row.name)], *counts])
    return Table(caption, columns, rows, frozenset(range(1, len(columns)))).drawn()


def nothing(text: str) -> Element:
    """Return a text for an empty section, in the editor's language."""
    return element("p", "nothing", *prose(said(text)))


def hatch() -> Element:
    """Return the pattern of removed tokens, so that their bars differ without colours too."""
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
