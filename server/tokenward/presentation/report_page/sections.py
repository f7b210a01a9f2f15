"""The sections of a report, each from one part of an Overview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

from tokenward.language import listed, phrase, said, span
from tokenward.model import Surface
from tokenward.operations.report.overview import (
    Overview,
    ReportedLease,
    ReportedPlace,
    ReportedToken,
    ReportedUse,
)
from tokenward.presentation.leases import SESSION_ENDS
from tokenward.presentation.page_style import Child, element
from tokenward.presentation.report_page import figures, parts
from tokenward.presentation.report_page.figures import STATES
from tokenward.presentation.report_page.parts import (
    Table,
    bar,
    chip,
    date,
    heading,
    name,
    nothing,
    table_of,
)

SOON = timedelta(days=7)
"""A lease that ends within this time is about to end."""
FEW = 3
"""A lease with at most this many uses left is about to end."""
MOST_ROWS = 100
_MOST_PLACES = 3
_MOST_USES = 20
_SHORTEST = 0.006
"""The shortest bar that is visible, as a share of the timeline."""


def leaks(overview: Overview) -> Iterator[Element]:
    """Yield what leaked, by provider and surface."""
    yield from heading("What leaked", "Tokens that Tokenward saw in plain text, each counted once.")
    if not overview.tokens:
        yield nothing("Nothing, as far as Tokenward has scanned. Run `tokenward scan` to scan again.")
        return
    for title, counts in (
        (said("By provider"), figures.by_provider(overview.tokens)),
        (said("By surface"), figures.by_surface(overview.tokens)),
    ):
        yield element("h3", "", title)
        yield table_of(counts, title)


def timeline(overview: Overview) -> Iterator[Element]:
    """Yield the time that each token was exposed; nothing if no token leaked."""
    tokens = figures.longest(overview.tokens, overview.now)
    if not tokens:
        return
    first = tokens[: figures.MOST_SPANS]
    lead = said("How long each token was exposed, the longest first.")
    if len(first) < len(tokens):
        text = phrase("How long each token was exposed, the {count} longest of {all}.")
        lead = said(text, count=len(first), all=f"{len(tokens):,}")
    title = said("From first seen to gone")
    yield from heading(title, lead)
    start = min(token.first_seen for token in first)
    columns = (said("Token"), title, said("State"), said("Exposed for"))
    rows = [_timeline_row(token, start, overview.now) for token in first]
    yield Table(title, columns, rows).drawn()


def leases(overview: Overview) -> Iterator[Element]:
    """Yield the leases that are about to end."""
    title = said("Leases about to end")
    text = phrase(
        "Within {days} days, or within {uses} uses. `tokenward lease NAME --for 8h` gives a token more time."
    )
    yield from heading(title, said(text, days=SOON.days, uses=FEW))
    ending = sorted(
        (lease for lease in overview.leases if _ends_soon(lease, overview.now)),
        key=lambda lease: (lease.ends or datetime.max.replace(tzinfo=overview.now.tzinfo), lease.reference),
    )
    if not ending:
        yield nothing("No lease is about to end.")
        return
    columns = (
        said("Token"),
        said("Provider"),
        said("Goes to"),
        said("Ends"),
        said("Uses left"),
        said("Or when"),
    )
    rows = [_lease_row(lease, overview.now) for lease in ending[:MOST_ROWS]]
    yield Table(title, columns, rows, frozenset({3})).drawn()
    yield from _more(MOST_ROWS, len(ending))


def uses(overview: Overview) -> Iterator[Element]:
    """Yield who used stored tokens, and who was refused."""
    yield from heading(
        "Who used stored tokens", "Each use is decided separately, and recorded with the program that asked."
    )
    if not overview.uses:
        yield nothing("Nobody yet. `tokenward run -- COMMAND` runs a command with its tokens.")
        return
    agents = [use for use in overview.uses if use.agent]
    refused = [use for use in overview.uses if use.why]
    text = said(
        "Requests: {uses}, of which {agents} by AI assistants; {refused} refused.",
        uses=f"{len(overview.uses):,}",
        agents=f"{len(agents):,}",
        refused=f"{len(refused):,}",
    )
    yield element("p", "", text)
    yield from _agents(agents)
    yield from _refusals(refused)


def seen_by_agents(overview: Overview) -> Iterator[Element]:
    """Yield which tokens AI agents have seen, as far as their transcripts were read; nothing if none has."""
    seen = [(sight, token) for token in overview.tokens for sight in token.seen_by]
    if not seen:
        return
    yield from heading(
        "Seen by AI agents",
        "Found in agents' transcripts. `tokenward agents transcripts --revoke` revokes those that still work.",
    )
    rows: list[list[list[Child]]] = [
        [
            [name(sight.agent)],
            [element("code", "", parts.short(token.reference)) if token.reference else name(token.label)],
            [date(parts.minute(sight.first))],
            [sight.how],
            [chip(token.state)],
        ]
        for sight, token in sorted(seen, key=lambda one: one[0].first)
    ]
    columns = (said("Agent"), said("Token"), said("First seen"), said("How"), said("State"))
    yield Table(said("Tokens that AI agents have seen"), columns, rows[:MOST_ROWS]).drawn()
    yield from _more(MOST_ROWS, len(rows))


def tokens(overview: Overview) -> Iterator[Element]:
    """Yield every token that leaked."""
    if not overview.tokens:
        return
    yield from heading(
        "The tokens", "Tokens that are still exposed come first. This page contains labels, but no values."
    )
    ranks = {series.key: rank for rank, series in enumerate(STATES)}
    ordered = sorted(
        overview.tokens,
        key=lambda token: (ranks[token.state.value], token.first_seen, token.label),
    )
    columns = (said("Token"), said("State"), said("First seen"), said("Exposed for"), said("Where"))
    rows = [_token_row(token, overview.now) for token in ordered[:MOST_ROWS]]
    yield Table(said("The tokens"), columns, rows).drawn()
    yield from _more(MOST_ROWS, len(ordered))


def _timeline_row(token: ReportedToken, start: datetime, now: datetime) -> list[list[Child]]:
    whole = max(now - start, timedelta(seconds=1))
    length = max(token.exposure(now) / whole, _SHORTEST)
    gone = parts.day(token.gone) if token.gone else said("not yet")
    return [
        [name(token.label)],
        [
            bar(token.state, min((token.first_seen - start) / whole, 1 - length), length),
            element("span", "muted date", f"{parts.day(token.first_seen)} → {gone}"),
        ],
        [chip(token.state)],
        [parts.length(token.exposure(now))],
    ]


def _ends_soon(lease: ReportedLease, now: datetime) -> bool:
    is_timed = lease.ends is not None and now <= lease.ends <= now + SOON
    return is_timed or (lease.uses is not None and lease.uses <= FEW)


def _lease_row(lease: ReportedLease, now: datetime) -> list[list[Child]]:
    ends: list[Child] = [said("no set time")]
    if lease.ends is not None:
        left = span((lease.ends - now).total_seconds())
        ends = [
            element("strong", "", said("in {span}", span=left)),
            " ",
            element("span", "muted date", parts.minute(lease.ends)),
        ]
    return [
        [element("code", "", parts.short(lease.reference))],
        [name(lease.provider or said("Unknown"))],
        [listed(lease.hosts, 2) or said("unknown")],
        ends,
        [said("any number") if lease.uses is None else f"{lease.uses:,}"],
        [said(SESSION_ENDS.get(lease.session, phrase("nothing else")))],
    ]


def _agents(asked: Sequence[ReportedUse]) -> Iterator[Element]:
    yield element("h3", "", said("AI assistants"))
    if not asked:
        yield nothing("No AI assistant requested a token.")
        return
    pairs = Counter((use.agent, use.token) for use in asked)
    last = {(use.agent, use.token): use.time for use in sorted(asked, key=lambda use: use.time)}
    refused = Counter((use.agent, use.token) for use in asked if use.why)
    ordered = sorted(pairs.items(), key=lambda one: (-one[1], one[0]))
    rows: list[list[list[Child]]] = [
        [
            [name(agent)],
            [element("code", "", parts.short(token))],
            [f"{count:,}"],
            [f"{refused[agent, token]:,}"],
            [date(parts.minute(last[agent, token]))],
        ]
        for (agent, token), count in ordered[:_MOST_USES]
    ]
    columns = (said("Assistant"), said("Token"), said("Requests"), said("Refused"), said("Last"))
    yield Table(said("AI assistants that requested tokens"), columns, rows, frozenset({2, 3})).drawn()
    yield from _more(_MOST_USES, len(ordered))


def _refusals(refused: Sequence[ReportedUse]) -> Iterator[Element]:
    yield element("h3", "", said("Refusals"))
    if not refused:
        yield nothing("Nobody was refused.")
        return
    columns = (said("When"), said("Token"), said("Requested by"), said("Reason"))
    latest = sorted(refused, key=lambda use: (use.time, use.token), reverse=True)
    rows: list[list[list[Child]]] = []
    for use in latest[:_MOST_USES]:
        requester: list[Child] = [name(use.asked_by)]
        if use.agent:
            requester += [", ", name(use.agent)]
        token = element("code", "", parts.short(use.token))
        rows.append([[date(parts.minute(use.time))], [token], requester, [parts.refusal(use.why)]])
    yield Table(said("Refusals, the latest first"), columns, rows).drawn()
    yield from _more(_MOST_USES, len(latest))


def _token_row(token: ReportedToken, now: datetime) -> list[list[Child]]:
    label: list[Child] = [name(token.label)]
    if token.reference:
        label += [element("br", ""), element("code", "muted", parts.short(token.reference))]
    places: list[Child] = [_place(place) for place in token.places[:_MOST_PLACES]]
    if len(token.places) > _MOST_PLACES:
        places.append(element("p", "muted", parts.shortened(_MOST_PLACES, len(token.places))))
    return [
        label,
        [chip(token.state)],
        [date(parts.day(token.first_seen))],
        [parts.length(token.exposure(now))],
        places,
    ]


def _place(place: ReportedPlace) -> Element:
    where = {
        Surface.TERMINAL: phrase("a terminal in "),
        Surface.LOG: phrase("the log "),
        Surface.PROMPT: phrase("a prompt in "),
        Surface.TRANSCRIPT: phrase("the transcript "),
    }
    content: list[Child] = [said(where.get(place.surface, "")), name(place.name)]
    if place.gone is not None:
        return element("p", "place muted", *content, said(", gone"))
    return element("p", "place", *content)


def _more(most: int, count: int) -> Iterator[Element]:
    if text := parts.shortened(min(most, count), count):
        yield element("p", "muted more", text)
