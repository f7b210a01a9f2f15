"""A review in words, as JSON, and as an HTML page that can be printed and shared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element

from tokenward.language import counted, moment
from tokenward.operations.review.model import LogReview, LogUses, ReviewedToken
from tokenward.operations.review.verdicts import covered
from tokenward.presentation.page_style import document, element
from tokenward.presentation.reports.spelling import json_text

MOST_PLACES = 20
"""The most places of a token that are listed; a token can be in thousands."""
_COLUMNS = ("Whose", "From", "When", "How often", "What")
_TITLE = "Review of access logs"


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
        whose = f" of {' and '.join(log.providers)}" if log.providers else ""
        read = f"{counted(log.records, 'record')}{whose}{covered(log.first, log.last)}"
        yield f"{log.name}: {read}; {log.matched:,} of known tokens."
        yield from (f"{log.name} {remark}." for remark in log.remarks)


def summary(review: LogReview) -> str:
    """Return the result of the review in a sentence."""
    strange = sum(token.verdict.is_strange for token in review.tokens)
    used = sum(bool(token.uses) for token in review.tokens)
    found = (
        f"{counted(strange, 'token')} used by others or after their end" if strange else "nothing suspicious"
    )
    refused = (
        f" AI agents were refused {counted(review.refusals, 'command')} here that only a person may give."
    )
    compared = f"{counted(len(review.tokens), 'token')} compared, {used:,} of them in the logs: {found}."
    return compared + (refused if review.refusals else "")


def when(time: datetime) -> str:
    """Return a time in UTC."""
    return moment(time.timestamp())


def json_review(review: LogReview) -> str:
    """Return `{"tokens": […], "logs": […], …}`."""
    document = asdict(review)
    for one, token in zip(document["tokens"], review.tokens, strict=True):
        one["verdict"] = token.verdict.value
        one["strange"] = token.verdict.is_strange
        for uses, written in zip(token.uses, one["uses"], strict=True):
            written["whose"] = uses.whose.value
    return json_text({"strange": review.is_strange, **_spelled(document)})


def _spelled(value: Any) -> Any:
    """Return the document with times in ISO format."""
    if isinstance(value, dict):
        return {name: _spelled(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_spelled(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return value


def html_review(review: LogReview, made: str) -> str:
    """Return the page; `made` is the time of the review."""
    interesting = review.of_interest
    rest = len(review.tokens) - len(interesting)
    content = [
        element("h1", "", _TITLE),
        element("p", "lead", f"{summary(review)} Made {made}."),
        *_logs(review),
        *(piece for token in interesting for piece in _token(token)),
    ]
    if rest:
        content.append(
            element(
                "p",
                "muted",
                f"{counted(rest, 'further token')} found here, never stored, and in no log.",
            )
        )
    return document(_TITLE, *content)


def _logs(review: LogReview) -> list[Element]:
    lines = [*log_lines(review)]
    if review.since or review.until:
        since = f" from {when(review.since)}" if review.since else ""
        until = f" until {when(review.until)}" if review.until else ""
        lines.append(f"Only records{since}{until} count.")
    named = ", ".join(review.ours)
    lines.append(f"Own addresses: {named}." if named else "No own addresses were given.")
    return [element("h2", "", "The logs"), element("ul", "", *(element("li", "", line) for line in lines))]


def _token(token: ReviewedToken) -> list[Element]:
    heading = element("h2", "", element("bdi", "", token.name))
    verdict = element(
        "p", "", element("strong", "", f"{token.verdict.value.capitalize()}."), f" {token.sentence}"
    )
    pieces = [heading, verdict]
    if token.uses:
        pieces.append(_uses(token.uses))
    rows = (
        element("tr", "", element("th", {"scope": "row"}, what), element("td", "", element("bdi", "", words)))
        for what, words in facts(token)
    )
    pieces.append(
        element("table", "", element("caption", "", "From the ledger"), element("tbody", "", *rows))
    )
    return pieces


def _uses(uses: tuple[LogUses, ...]) -> Element:
    head = element("tr", "", *(element("th", {"scope": "col"}, column) for column in _COLUMNS))
    rows = (
        element("tr", "", *(element("td", "", element("bdi", "", cell)) for cell in use_cells(one)))
        for one in uses
    )
    return element(
        "table",
        "",
        element("caption", "", "From the logs"),
        element("thead", "", head),
        element("tbody", "", *rows),
    )
