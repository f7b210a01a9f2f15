"""The facts of a review about tokens and logs, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tokenward.operations.review.model import LogFile, LogReview, LogUses, ReviewedToken
from tokenward.operations.review.verdicts import covered
from tokenward.phrases import counted, moment

MOST_PLACES = 20
"""The most places of a token that are listed; a token can be in thousands."""


def facts(token: ReviewedToken) -> Iterator[tuple[str, str]]:
    """Yield the facts about a token, each with its name."""
    yield "Token", token.label or "unknown kind"
    if len(token.references) > 1:
        yield "Stored as", ", ".join(token.references)
    if token.issued:
        yield "Issued", when(token.issued)
    if token.expires:
        yield "Expires", when(token.expires)
    if token.scope:
        yield "Scope", token.scope
    yield "First seen", when(token.first_seen)
    for place in token.places[:MOST_PLACES]:
        surface = f" ({place.surface})" if place.surface else ""
        gone = f", gone {when(place.gone)}" if place.gone else ", still there"
        yield "Was in", f"{place.origin}{surface}, from {when(place.first)}{gone}"
    if len(token.places) > MOST_PLACES:
        yield "Was in", f"{len(token.places) - MOST_PLACES:,} more places"
    yield "Stored", when(token.stored) if token.stored else "never"
    yield "Used here", _own_uses(token)
    if token.refusals:
        yield "Refused here", counted(token.refusals, "time")
    for sight in token.seen_by:
        yield "Seen by", f"{sight.agent}, {when(sight.first)}, {sight.how}"
    if token.revoked:
        yield "Revoked", when(token.revoked)
    if token.ended and token.ended != token.revoked:
        yield "Removed from the keyring", when(token.ended)


def _own_uses(token: ReviewedToken) -> str:
    last = token.last_use
    if last is None:
        return "never"
    receiver = f" to {last.program}" if last.program else ""
    command = f" (`{last.command}`)" if last.command else ""
    agent = f", requested by {last.agent}" if last.agent else ""
    return f"{counted(token.own_uses, 'time')}, last {when(last.time)} for `{last.purpose}`{receiver}{command}{agent}"


def use_cells(uses: LogUses) -> tuple[str, str, str, str, str]:
    """Return the cells of a table row: by whom, from where, when, how often and what."""
    late = (
        f", after it was {uses.after}"
        if uses.after == "revoked"
        else ", after its expiry"
        if uses.after
        else ""
    )
    span = when(uses.first) if uses.first == uses.last else f"{when(uses.first)} to {when(uses.last)}"
    failed = f", {uses.failed:,} refused" if uses.failed else ""
    return (
        f"{uses.whose.value}{late}",
        uses.address or "unknown",
        span,
        f"{counted(uses.count, 'time')}{failed}",
        ", ".join(filter(None, uses.actions)),
    )


def log_lines(review: LogReview) -> Iterator[str]:
    """Yield which parts of the logs were read, and which were not."""
    for log in review.logs:
        yield f"{log.name}: {_log(log)}"
        yield from (f"{log.name} {remark}." for remark in log.remarks)


def _log(log: LogFile) -> str:
    whose = f" of {' and '.join(log.providers)}" if log.providers else ""
    return f"{counted(log.records, 'record')}{whose}{covered(log.first, log.last)}; {log.matched:,} of known tokens."


def summary(review: LogReview) -> str:
    """Return the result of the review in a sentence."""
    strange = sum(token.verdict.is_strange for token in review.tokens)
    used = sum(bool(token.uses) for token in review.tokens)
    found = (
        f"{counted(strange, 'token')} used by others or after their end" if strange else "nothing suspicious"
    )
    return f"{counted(len(review.tokens), 'token')} compared, {used:,} of them in the logs: {found}."


def when(time: datetime) -> str:
    """Return a time in UTC."""
    return moment(time.timestamp())
