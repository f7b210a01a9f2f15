"""The texts of a report that depend on what it tells."""

from __future__ import annotations

from datetime import datetime, timedelta

from tokenward.phrases import counted, span
from tokenward.presentation.report_page.figures import Bars, Headline

_REFUSALS = {
    "WorkspaceElsewhere": "its workspace belongs to another folder",
    "WorkspaceUnbound": "its workspace belongs to no folder",
    "EntryMissing": "the keyring holds nothing under it",
    "LeaseExpired": "its lease has ended",
    "LeaseSpent": "it was used as often as it may be",
    "ProgramNotAllowed": "it is for other programs",
    "ApprovalDenied": "a person said no",
    "ApprovalUnavailable": "nobody could be asked",
    "VaultLocked": "the keyring was locked",
    "VaultTimeout": "the keyring did not answer",
    "VaultUnavailable": "there was no keyring",
}
_LONGEST = 160


def short(text: str) -> str:
    """A name; of a long one its beginning, and its end, where that of a path says most."""
    return text if len(text) <= _LONGEST else f"{text[:50]}…{text[51 - _LONGEST :]}"


def verdict(figures: Headline, now: datetime) -> str:
    """What the report comes to, in a sentence or two."""
    if not figures.leaked:
        return "No token is known to have stood in plain text here."
    if figures.oldest is None:
        one = figures.leaked == 1
        tokens = "The one token that leaked is" if one else f"All {figures.leaked:,} tokens that leaked are"
        return f"Nothing stands in plain text now. {tokens} out of the open."
    stand = "token stands" if figures.exposed == 1 else "tokens stand"
    oldest = "" if figures.exposed == 1 else ", the oldest"
    length = span(figures.oldest.exposure(now).total_seconds())
    return f"{figures.exposed:,} {stand} in plain text now{oldest} for {length}."


def in_words(bars: Bars) -> str:
    """A chart for whoever cannot see it."""
    rows = [
        f"{short(row.name)}: "
        + ", ".join(
            f"{row.counts[series.key]:,} {series.name.lower()}"
            for series in bars.series
            if row.counts.get(series.key)
        )
        for row in bars.rows
        if row.total
    ]
    return f"Bar chart. {'; '.join(rows)}."


def day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d")


def minute(moment: datetime) -> str:
    """A moment, in UTC as all of the page is."""
    return moment.strftime("%Y-%m-%d %H:%M")


def length(time: timedelta | None) -> str:
    return "none" if time is None else span(time.total_seconds())


def refusal(why: str) -> str:
    """Why a use was refused, by the name of the failure."""
    return _REFUSALS.get(why, short(why))


def shortened(shown: int, count: int, noun: str) -> str:
    """That a list is not whole; empty when it is."""
    return f"And {counted(count - shown, f'more {noun}')}." if count > shown else ""
