"""Texts of a report that depend on its content."""

from __future__ import annotations

from datetime import datetime, timedelta

from tokenward.phrases import counted, span
from tokenward.presentation.report_page.figures import Bars, Headline

_REFUSALS = {
    "WorkspaceElsewhere": "its workspace belongs to another folder",
    "WorkspaceUnbound": "its workspace belongs to no folder",
    "EntryMissing": "the keyring has no such token",
    "LeaseExpired": "its lease has ended",
    "LeaseSpent": "its uses are exhausted",
    "ProgramNotAllowed": "its lease allows only other programs",
    "StarterNotAllowed": "its lease allows only what others start",
    "ApprovalDenied": "a person denied it",
    "ApprovalUnavailable": "nobody could be asked",
    "VaultLocked": "the keyring was locked",
    "VaultTimeout": "the keyring did not answer",
    "VaultUnavailable": "there was no keyring",
}
_LONGEST = 160


def short(text: str) -> str:
    """Return a name; of a long one the beginning and the end, the most telling part of a path."""
    return text if len(text) <= _LONGEST else f"{text[:50]}…{text[51 - _LONGEST :]}"


def verdict(figures: Headline, now: datetime) -> str:
    """Return the result of the report, in a sentence or two."""
    if not figures.leaked:
        return "No token is known to have been in plain text here."
    if figures.oldest is None:
        one = figures.leaked == 1
        tokens = "The one token that leaked is" if one else f"All {figures.leaked:,} tokens that leaked are"
        return f"No token is exposed now. {tokens} gone."
    length = span(figures.oldest.exposure(now).total_seconds())
    if figures.exposed == 1:
        return f"1 token is exposed now, and has been for {length}."
    return f"{figures.exposed:,} tokens are exposed now, the oldest for {length}."


def in_words(bars: Bars) -> str:
    """Return the text alternative of a chart."""
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
    """Return a date in UTC."""
    return moment.strftime("%Y-%m-%d")


def minute(moment: datetime) -> str:
    """Return a date and time in UTC, like all times of the page."""
    return moment.strftime("%Y-%m-%d %H:%M")


def length(time: timedelta | None) -> str:
    """Return a duration in words, or a dash."""
    return "none" if time is None else span(time.total_seconds())


def refusal(why: str) -> str:
    """Return why a use was refused, from the name of the failure."""
    return _REFUSALS.get(why, short(why))


def shortened(shown: int, count: int, noun: str) -> str:
    """Return how many items a list leaves out; empty if it is complete."""
    return f"And {counted(count - shown, f'more {noun}')}." if count > shown else ""
