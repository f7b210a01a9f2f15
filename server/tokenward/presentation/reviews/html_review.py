"""A review as a self-contained HTML page that can be printed and shared."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from tokenward.operations.review.model import LogReview, LogUses, ReviewedToken
from tokenward.phrases import counted
from tokenward.presentation.page_style import document, element
from tokenward.presentation.reviews.facts import facts, log_lines, summary, use_cells, when

_COLUMNS = ("Whose", "From", "When", "How often", "What")
_TITLE = "Review of access logs"


def render(review: LogReview, made: str) -> str:
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
