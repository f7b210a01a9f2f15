"""The verdict on the uses of a token in access logs, as a word and a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tokenward.operations.review.model import LogUses, ReviewVerdict, Whose
from tokenward.phrases import counted, moment

_MOST_ADDRESSES = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence for a verdict on a token.

    Attributes:
        provider: the token's provider; empty if unknown.
        ends: how to revoke it, in a sentence; empty if unknown.
        is_certain: the logs name the token itself, not only its account.
        knows_ours: the user said which addresses are theirs.
        is_covered: a log of its provider was read.
        is_named: its identifier in that log is known.
        first: the time of the first record in those logs; `last` that of the last.
    """

    provider: str
    ends: str
    uses: tuple[LogUses, ...]
    is_certain: bool
    knows_ours: bool
    is_covered: bool
    is_named: bool
    first: datetime | None
    last: datetime | None


def judge(evidence: Evidence) -> tuple[ReviewVerdict, str]:
    """Return the verdict, and a sentence that says what to do."""
    uses = evidence.uses
    # A program of ours may not yet have noticed that its token is dead.
    own_failures = [one for one in uses if one.whose is Whose.OURS and one.failed == one.count]
    late = [one for one in uses if one.after and one not in own_failures]
    others = [one for one in uses if one.whose is Whose.OTHERS]
    unrecorded = [one for one in uses if one.whose is Whose.UNRECORDED]
    account = [one for one in uses if one.whose is Whose.ACCOUNT]
    if late and evidence.is_certain:
        return ReviewVerdict.AFTER_END, _after_end(late, evidence)
    if others:
        return ReviewVerdict.OTHERS, _others(others, evidence)
    if unrecorded:
        return ReviewVerdict.UNRECORDED, (
            f"Used {_times(unrecorded)} {_where(unrecorded)}, before it was stored, when uses from here were not "
            "recorded: name your own addresses with `--ours`."
        )
    if account:
        return ReviewVerdict.ACCOUNT, (
            f"Its account was active {_times(account)} {_where(account)}; the log does not say with which token, "
            "so name your own addresses with `--ours`."
        )
    if not uses:
        return _without_uses(evidence)
    maybe = _count(one for one in uses if one.whose is Whose.MAYBE)
    extent = f"; of these {maybe} may be yours, by their addresses alone" if maybe else ", as from here"
    return ReviewVerdict.OURS, f"Used {_times(uses)} {_where(uses)}{extent}."


def _after_end(late: Sequence[LogUses], evidence: Evidence) -> str:
    end = "it was revoked" if any(one.after == "revoked" for one in late) else "it should have expired"
    if all(one.failed == one.count for one in late):
        return (
            f"Tried {_times(late)} {_where(late)}, after {end}, and refused: it no longer works; check what it was "
            "used for before."
        )
    is_ours = all(one.whose is Whose.OURS for one in late)
    advice = "revoke it" if is_ours else "treat it as stolen and revoke it"
    return (
        f"Used {_times(late)} {_where(late)}, after {end}: it still works, so {advice} at "
        f"{evidence.provider or 'its provider'}.{_ending(evidence)}"
    )


def _others(others: Sequence[LogUses], evidence: Evidence) -> str:
    where = f"{_times(others)} {_where(others)}"
    advice = f"treat it as stolen and revoke it.{_ending(evidence)}"
    if not evidence.is_certain:
        return (
            f"Its account was active {where}, which is not one of your addresses; the log does not say with which "
            f"token, so {advice}"
        )
    if evidence.knows_ours:
        return f"Used {where}, which is not one of your addresses: {advice}"
    return (
        f"Used {where}, when nothing here had requested it: unless that was you (name your addresses with "
        f"`--ours`), {advice}"
    )


def _without_uses(evidence: Evidence) -> tuple[ReviewVerdict, str]:
    if not evidence.is_covered:
        whose = f" of {evidence.provider}" if evidence.provider else " that could name it"
        return ReviewVerdict.NOT_COVERED, f"None of these logs is one{whose}."
    if not evidence.is_named:
        return ReviewVerdict.UNNAMED, (
            "Its name in these logs is not known, so they were not searched for it: scan the place where it was found "
            "again, or name it in a mapping file."
        )
    return ReviewVerdict.UNUSED, f"No use in these logs{covered(evidence.first, evidence.last)}."


def covered(first: datetime | None, last: datetime | None) -> str:
    """Return the period of the logs, as the end of a sentence about them."""
    if first is None or last is None:
        return ", which contain no records with a time"
    return f", which run from {moment(first.timestamp())} to {moment(last.timestamp())}"


def _ending(evidence: Evidence) -> str:
    return f" {evidence.ends}" if evidence.ends else ""


def _count(uses: Iterable[LogUses]) -> int:
    return sum(one.count for one in uses)


def _times(uses: Sequence[LogUses]) -> str:
    return counted(_count(uses), "time")


def _where(uses: Sequence[LogUses]) -> str:
    """Return the addresses and times of some uses."""
    addresses = list(dict.fromkeys(one.address or "an address that the log does not show" for one in uses))
    more = len(addresses) - _MOST_ADDRESSES
    named = ", ".join(addresses[:_MOST_ADDRESSES]) + (f" and {more} more" if more > 0 else "")
    first, last = min(one.first for one in uses), max(one.last for one in uses)
    begun = moment(first.timestamp())
    return (
        f"from {named}, on {begun}"
        if first == last
        else f"from {named}, from {begun} to {moment(last.timestamp())}"
    )
