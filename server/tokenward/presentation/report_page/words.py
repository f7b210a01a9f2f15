"""Texts of a report that depend on its content."""

from __future__ import annotations

from datetime import datetime, timedelta

from tokenward.language import phrase, said
from tokenward.phrases import span
from tokenward.presentation.report_page.figures import Headline

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
    "VaultLocked": phrase("the keyring was locked"),
    "VaultTimeout": phrase("the keyring did not answer"),
    "VaultUnavailable": phrase("there was no keyring"),
}
_LONGEST = 160


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
