"""What the uses of a token in access logs come to, in a word and in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tokenward.operations.review.model import LogUses, Verdict, Whose
from tokenward.phrases import counted, moment

_MOST_ADDRESSES = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a verdict on a token is made from.

    Attributes:
        provider: whose token it is; empty when unknown.
        ends: how it is ended, in a sentence; empty when unknown.
        uses: in the logs.
        is_certain: the logs name the token itself, and not only whom it acts for.
        knows_ours: the user said which addresses are theirs.
        is_covered: a log of its provider was read.
        is_named: what that log would call it is known.
        first: of the records of those logs; `last`, the last of them.
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


def judged(evidence: Evidence) -> tuple[Verdict, str]:
    """Return the verdict, and what to do."""
    uses = evidence.uses
    late = [one for one in uses if one.after and not _is_own_failure(one)]
    others = [one for one in uses if one.whose is Whose.OTHERS]
    unrecorded = [one for one in uses if one.whose is Whose.UNRECORDED]
    account = [one for one in uses if one.whose is Whose.ACCOUNT]
    if late and evidence.is_certain:
        return Verdict.AFTER_END, _after_end(late, evidence)
    if others:
        return Verdict.OTHERS, _others(others, evidence)
    if unrecorded:
        return Verdict.UNRECORDED, (
            f"Used {_times(unrecorded)} {_where(unrecorded)}, before it was stored, when uses from here were not "
            "recorded: say by `--ours` which addresses are yours."
        )
    if account:
        return Verdict.ACCOUNT, (
            f"Whom it acts for was active {_times(account)} {_where(account)}; the log does not say with which token, "
            "so say by `--ours` which addresses are yours."
        )
    if uses:
        return Verdict.OURS, _ours(uses)
    return _without_uses(evidence)


def _is_own_failure(uses: LogUses) -> bool:
    """Return whether a program of ours has not noticed yet that its token is dead."""
    return uses.whose is Whose.OURS and uses.failed == uses.count


def _after_end(late: Sequence[LogUses], evidence: Evidence) -> str:
    end = "it was revoked" if any(one.after == "revoked" for one in late) else "it should have expired"
    if all(one.failed == one.count for one in late):
        return (
            f"Tried {_times(late)} {_where(late)}, after {end}, and refused: whoever has it cannot use it any more; "
            "look into what they did before."
        )
    is_ours = all(one.whose is Whose.OURS for one in late)
    advice = "see to its end" if is_ours else "treat it as stolen and see to its end"
    return (
        f"Used {_times(late)} {_where(late)}, after {end}: it is not dead, so {advice} at "
        f"{evidence.provider or 'its provider'}.{_ending(evidence)}"
    )


def _others(others: Sequence[LogUses], evidence: Evidence) -> str:
    where = f"{_times(others)} {_where(others)}"
    advice = f"treat it as stolen and revoke it.{_ending(evidence)}"
    if not evidence.is_certain:
        return (
            f"Whom it acts for was active {where}, which is none of your addresses; the log does not say with which "
            f"token, so {advice}"
        )
    if evidence.knows_ours:
        return f"Used {where}, which is none of your addresses: {advice}"
    return (
        f"Used {where}, when nothing here had asked for it: unless that was you (`--ours` says which addresses are "
        f"yours), {advice}"
    )


def _ours(uses: Sequence[LogUses]) -> str:
    maybe = [one for one in uses if one.whose is Whose.MAYBE]
    if not maybe:
        return f"Used {_times(uses)} {_where(uses)}, as from here."
    return f"Used {_times(uses)} {_where(uses)}; of these {_count(maybe)} may be yours, by their addresses alone."


def _without_uses(evidence: Evidence) -> tuple[Verdict, str]:
    if not evidence.is_covered:
        whose = f" of {evidence.provider}" if evidence.provider else " that could name it"
        return Verdict.NOT_COVERED, f"None of these logs is one{whose}."
    if not evidence.is_named:
        return Verdict.UNNAMED, (
            "What these logs call it is not known, so it was not looked for: scan where it stands again, or name it in "
            "a mapping file."
        )
    return Verdict.UNUSED, f"No use in these logs{covered(evidence.first, evidence.last)}."


def covered(first: datetime | None, last: datetime | None) -> str:
    """Return from when to when logs go, to go on after them."""
    if first is None or last is None:
        return ", which hold no records with a time"
    return f", which go from {moment(first.timestamp())} to {moment(last.timestamp())}"


def _ending(evidence: Evidence) -> str:
    return f" {evidence.ends}" if evidence.ends else ""


def _count(uses: Iterable[LogUses]) -> int:
    return sum(one.count for one in uses)


def _times(uses: Sequence[LogUses]) -> str:
    return counted(_count(uses), "time")


def _where(uses: Sequence[LogUses]) -> str:
    """From which addresses, and when."""
    addresses = list(dict.fromkeys(one.address or "an address that the log does not tell" for one in uses))
    more = len(addresses) - _MOST_ADDRESSES
    named = ", ".join(addresses[:_MOST_ADDRESSES]) + (f" and {more} more" if more > 0 else "")
    first, last = min(one.first for one in uses), max(one.last for one in uses)
    begun = moment(first.timestamp())
    return (
        f"from {named}, on {begun}"
        if first == last
        else f"from {named}, from {begun} to {moment(last.timestamp())}"
    )
