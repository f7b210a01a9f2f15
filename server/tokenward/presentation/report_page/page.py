"""The report as an HTML page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from tokenward.language import said
from tokenward.operations.report.overview import Overview
from tokenward.presentation.page_style import Child, document, element
from tokenward.presentation.report_page import figures, parts, sections
from tokenward.presentation.report_page.figures import Headline
from tokenward.presentation.report_page.parts import name


def render(overview: Overview) -> str:
    """Return the page; the same overview gives the same page."""
    style = Path(__file__).with_name("report.css").read_text("utf-8")
    title = said("Tokens of {folder}", folder=parts.short(overview.title))
    return document(title, *_content(overview), style=style)


def _content(overview: Overview) -> Iterator[Element]:
    headline = figures.headline(overview)
    yield _head(overview, headline)
    yield _headline(headline, overview)
    kinds = (
        sections.leaks,
        sections.timeline,
        sections.leases,
        sections.uses,
        sections.seen_by_agents,
        sections.tokens,
    )
    for kind in kinds:
        if content := list(kind(overview)):
            yield element("section", "", *content)
    yield element(
        "footer",
        "muted",
        said(
            "Made by Tokenward {version} from the ledger on this machine. Contains labels, names and times, but no "
            "token values.",
            version=parts.short(overview.version),
        ),
    )


def _head(overview: Overview, headline: Headline) -> Element:
    since = [said(", since {day}", day=parts.day(overview.since))] if overview.since else []
    folder: list[Child] = [element("p", "muted", name(overview.folder))] if overview.folder else []
    return element(
        "header",
        "",
        element("p", "eyebrow", said("Token report")),
        element("h1", "", name(overview.title)),
        *folder,
        element("p", "muted", said("As of {time} UTC", time=parts.minute(overview.now)), *since),
        element(
            "p",
            f"verdict {'alarming' if headline.exposed else 'calm'}",
            parts.verdict(headline, overview.now),
        ),
    )


def _headline(headline: Headline, overview: Overview) -> Element:
    oldest = headline.oldest.exposure(overview.now) if headline.oldest else None
    return element(
        "dl",
        "headline",
        _figure(
            said("Exposed now"),
            f"{headline.exposed:,}",
            said("of {count} that leaked", count=f"{headline.leaked:,}"),
            "exposed" if headline.exposed else "",
        ),
        _figure(
            said("Moved to the keyring"),
            f"{headline.moved:,}",
            said("{count} stored in all", count=f"{overview.stored:,}"),
            "",
        ),
        _figure(said("Revoked"), f"{headline.revoked:,}", said("by their provider"), ""),
        _figure(said("Time exposed"), parts.length(headline.typical), said("median"), ""),
        _figure(said("Longest exposed now"), parts.length(oldest), said("since first seen"), ""),
    )


def _figure(what: str, figure: str, beside: str, kind: str) -> Element:
    value = element("dd", f"value {kind}".strip(), figure)
    return element("div", "", element("dt", "", what), value, element("dd", "muted", beside))
