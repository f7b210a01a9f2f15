"""The building blocks of a report's sections, and texts that depend on its content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

from tokenward.language import phrase, said, span
from tokenward.operations.report.overview import TokenState
from tokenward.presentation.page_style import Child, element
from tokenward.presentation.report_page.figures import STATES, Counts, Headline

_REFUSALS = {
    "WorkspaceElsewhere": phrase("its workspace belongs to another folder"),
    "WorkspaceUnbound": phrase("its workspace belongs to no folder"),
    "EntryMissing": phrase("the keyring has no such token"),
    "LeaseExpired": phrase("its lease has ended"),
    "LeaseSpent": phrase("its uses are exhausted"),
    "ProgramNotAllowed": phrase("its lease allows only other programs"),
    "StarterNotAllowed": phrase("its lease allows only what others start"),
    "ApprovalDenied": phrase("a person denied it"),
    "ApprovalUnavailable": phrase("nobody could be asked"),
    "PersonNeeded": phrase("only a person may do that"),
    "VaultLocked": phrase("the keyring was locked"),
    "VaultTimeout": phrase("the keyring did not answer"),
    "VaultUnavailable": phrase("there was no keyring"),
}
_LONGEST = 160
_STATES = {series.key: series for series in STATES}


def short(text: str) -> str:
    """Return a name; of a long one the beginning and the end, the most telling part of a path."""
    return text if len(text) <= _LONGEST else f"{text[:50]}…{text[51 - _LONGEST :]}"


def verdict(figures: Headline, now: datetime) -> str:
    """Return the result of the report, in a sentence or two."""
    if not figures.leaked:
        return said("No token is known to have been in plain text here.")
    if figures.oldest is None:
        if figures.leaked == 1:
            return said("No token is exposed now. The one token that leaked is gone.")
        return said(
            "No token is exposed now. All {count} tokens that leaked are gone.", count=f"{figures.leaked:,}"
        )
    length = span(figures.oldest.exposure(now).total_seconds())
    if figures.exposed == 1:
        return said("1 token is exposed now, and has been for {length}.", length=length)
    return said(
        "{count} tokens are exposed now, the oldest for {length}.",
        count=f"{figures.exposed:,}",
        length=length,
    )


def day(moment: datetime) -> str:
    """Return a date in UTC."""
    return moment.strftime("%Y-%m-%d")


def minute(moment: datetime) -> str:
    """Return a date and time in UTC, like all times of the page."""
    return moment.strftime("%Y-%m-%d %H:%M")


def length(time: timedelta | None) -> str:
    """Return a duration in words, or a dash."""
    return said("none") if time is None else span(time.total_seconds())


def refusal(why: str) -> str:
    """Return why a use was refused, from the name of the failure."""
    return said(_REFUSALS[why]) if why in _REFUSALS else short(why)


def shortened(shown: int, count: int) -> str:
    """Return how many items a list leaves out; empty if it is complete."""
    return said("And {count} more.", count=f"{count - shown:,}") if count > shown else ""


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
