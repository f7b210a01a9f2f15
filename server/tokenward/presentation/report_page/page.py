"""The report as an HTML page."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element

from tokenward.operations.report.overview import Overview
from tokenward.presentation.page_style import Child, document, element
from tokenward.presentation.report_page import figures, sections, words
from tokenward.presentation.report_page.figures import Headline
from tokenward.presentation.report_page.parts import hatch, name


def render(overview: Overview) -> str:
    """Return the page; the same overview gives the same page."""
    return document(f"Tokens of {words.short(overview.title)}", hatch(), *_content(overview), style=_style())


def _content(overview: Overview) -> Iterator[Element]:
    headline = figures.headline(overview)
    yield _head(overview, headline)
    yield _headline(headline, overview)
    parts = (
        sections.leaks,
        sections.timeline,
        sections.leases,
        sections.uses,
        sections.seen_by_agents,
        sections.tokens,
        sections.standards,
    )
    for part in parts:
        if content := list(part(overview)):
            yield element("section", "", *content)
    yield element(
        "footer",
        "muted",
        f"Made by Tokenward {words.short(overview.version)} from the ledger on this machine. ",
        "Contains labels, names and times, but no token values.",
    )


def _head(overview: Overview, headline: Headline) -> Element:
    since = [f", since {words.day(overview.since)}"] if overview.since else []
    folder: list[Child] = [element("p", "muted", name(overview.folder))] if overview.folder else []
    return element(
        "header",
        "",
        element("p", "eyebrow", "Token report"),
        element("h1", "", name(overview.title)),
        *folder,
        element("p", "muted", f"As of {words.minute(overview.now)} UTC", *since),
        element(
            "p",
            f"verdict {'alarming' if headline.exposed else 'calm'}",
            words.verdict(headline, overview.now),
        ),
    )


def _headline(headline: Headline, overview: Overview) -> Element:
    oldest = headline.oldest.exposure(overview.now) if headline.oldest else None
    return element(
        "dl",
        "headline",
        _figure(
            "Exposed now",
            f"{headline.exposed:,}",
            f"of {headline.leaked:,} that leaked",
            "exposed" if headline.exposed else "",
        ),
        _figure("Moved to the keyring", f"{headline.moved:,}", f"{overview.stored:,} stored in all", ""),
        _figure("Revoked", f"{headline.revoked:,}", "by their provider", ""),
        _figure("Time exposed", words.length(headline.typical), "median", ""),
        _figure("Longest exposed now", words.length(oldest), "since first seen", ""),
    )


def _figure(what: str, figure: str, beside: str, kind: str) -> Element:
    value = element("dd", f"value {kind}".strip(), figure)
    return element("div", "", element("dt", "", what), value, element("dd", "muted", beside))


@cache
def _style() -> str:
    return Path(__file__).with_name("report.css").read_text("utf-8")
