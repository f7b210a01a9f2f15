"""The building blocks of a report's sections: tables, bars and chips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from tokenward.language import said
from tokenward.operations.report.overview import TokenState
from tokenward.presentation.page_style import Child, element
from tokenward.presentation.report_page.figures import STATES, Counts
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
    swatch = element("span", {"class": f"swatch {state.value}", "aria-hidden": "true"})
    return element("span", "swatched", swatch, _STATES[state.value].name)


def bar(state: TokenState, start: float, length: float) -> Element:
    """Return a bar in the colour of a state; its start and length are shares of the width around it."""
    box = {"x": f"{start:.1%}", "y": "0", "width": f"{length:.1%}", "height": "100%"}
    return element("svg", {"class": f"bar {state.value}", "aria-hidden": "true"}, element("rect", box))


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


def table_of(counts: Counts, caption: str) -> Element:
    """Return counts as a table."""
    columns = [counts.noun, *(series.name for series in counts.series)]
    rows: list[list[list[Child]]] = []
    for row in counts.rows:
        numbers = (row.counts.get(series.key, 0) for series in counts.series)
        cells: list[list[Child]] = [[f"{number:,}" if number else ""] for number in numbers]
        rows.append([[name(row.name)], *cells])
    return Table(caption, columns, rows, frozenset(range(1, len(columns)))).drawn()


def nothing(text: str) -> Element:
    """Return a text for an empty section, in the editor's language."""
    return element("p", "nothing", *prose(said(text)))
