"""A review in each of its formats: complete, and harmless as plain text."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import fastjsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from presentation.reporting import HOSTILE_NAMES
from tokenward.cli.verbs.review import print_review
from tokenward.custody.ledger.histories import AgentSight, PlaceHistory, UseRecord
from tokenward.model import Kind
from tokenward.operations.review.model import (
    LogFile,
    LogReview,
    LogUses,
    ReviewedToken,
    ReviewVerdict,
    Whose,
)
from tokenward.presentation.reviews import MOST_PLACES, html_review, json_review

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "review.schema.json"
validate = fastjsonschema.compile(json.loads(SCHEMA.read_text("utf-8")))
MADE = "2026-11-26 at 12:00 UTC"
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)

texts = st.sampled_from(HOSTILE_NAMES) | st.text(st.characters(), max_size=8)
times = st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
maybe = st.none() | times
counts = st.integers(0, 9)


def few(of: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(of, max_size=2).map(tuple)


uses = st.builds(
    LogUses,
    st.sampled_from(["", "203.0.113.7"]),
    st.sampled_from(Whose),
    st.sampled_from(["", "revoked", "expired"]),
    st.integers(1, 9),
    counts,
    times,
    times,
    few(texts),
)
reviewed = st.builds(
    ReviewedToken,
    name=texts,
    fingerprint=st.just("0" * 32),
    provider=texts,
    rule=texts,
    label=texts,
    references=few(texts),
    kind=st.sampled_from([kind.value for kind in Kind]),
    scope=texts,
    issued=maybe,
    expires=maybe,
    first_seen=times,
    places=few(st.builds(PlaceHistory, texts, texts, times, maybe)),
    stored=maybe,
    last_use=st.none() | st.builds(UseRecord, times, texts, texts, texts, texts),
    own_uses=counts,
    refusals=counts,
    seen_by=few(st.builds(AgentSight, texts, times, texts)),
    revoked=maybe,
    ended=maybe,
    uses=few(uses),
    verdict=st.sampled_from(ReviewVerdict),
    sentence=texts,
)
logs = st.builds(LogFile, texts, few(texts), counts, counts, maybe, maybe, few(texts))
reviews = st.builds(LogReview, few(reviewed), few(logs), maybe, maybe, few(texts))

USES = LogUses("203.0.113.7", Whose.OTHERS, "", 3, 1, NOON, NOON, ("git.clone",))
TOKEN = ReviewedToken(
    name="keyring://acme/GITHUB_TOKEN",
    fingerprint="0" * 32,
    provider="GitHub",
    rule="betterleaks.github-pat",
    label="GitHub token (ghp_…, 40 characters)",
    references=("keyring://acme/GITHUB_TOKEN",),
    kind="long-lived",
    scope="Whatever its scopes allow.",
    issued=None,
    expires=None,
    first_seen=NOON,
    places=(PlaceHistory("/acme/app.py", "file", NOON, NOON),),
    stored=NOON,
    last_use=UseRecord(NOON, "run", "/usr/bin/npm", "npm start", "Claude Code"),
    own_uses=2,
    refusals=0,
    seen_by=(AgentSight("Claude Code", NOON, "pasted by a person"),),
    revoked=None,
    ended=None,
    uses=(USES,),
    verdict=ReviewVerdict.OTHERS,
    sentence="Treat it as stolen.",
)
LOG = LogFile("audit.ndjson", ("GitHub",), 9, 3, NOON, NOON, ())
REVIEW = LogReview((TOKEN,), (LOG,))


class Page(HTMLParser):
    """The tags and texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@settings(deadline=None)
@given(reviews)
def test_every_review_is_what_the_schema_says(review: LogReview) -> None:
    written = json_review(review)
    assert written.isascii()
    validate(json.loads(written))


def test_a_key_too_much_is_not_what_the_schema_says() -> None:
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        validate({**json.loads(json_review(REVIEW)), "more": 1})


@settings(deadline=None)
@given(reviews)
def test_no_text_of_a_page_is_a_tag(review: LogReview) -> None:
    page = Page(html_review(review, MADE))
    ours = {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "h1",
        "h2",
        "p",
        "ul",
        "li",
        "strong",
        "bdi",
    }
    assert set(page.tags) <= ours | {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert {name for name, _ in page.attributes} <= {
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "scope",
        "class",
    }


def test_a_page_fetches_nothing_and_runs_nothing() -> None:
    page = html_review(REVIEW, MADE)
    assert "default-src 'none'" in page
    assert not re.search(r"https?:|<script|url\(", page)


def test_a_page_tells_all_that_is_known() -> None:
    text = " ".join(Page(html_review(REVIEW, MADE)).texts)
    for words in (
        TOKEN.name,
        TOKEN.label,
        TOKEN.sentence,
        TOKEN.scope,
        "/acme/app.py",
        "203.0.113.7",
        "git.clone",
    ):
        assert words in text
    for words in ("Used by others", "3 times, 1 refused", "npm start", "Claude Code", LOG.name, MADE):
        assert words in text


def printed(review: LogReview, **options: object) -> str:
    stream = io.StringIO()
    print_review(review, Console(file=stream, width=200, **options))  # type: ignore[arg-type]
    return stream.getvalue()


def lines() -> Iterator[str]:
    yield "keyring://acme/GITHUB_TOKEN: used by others. Treat it as stolen."
    yield "  Token: GitHub token (ghp_…, 40 characters)"
    yield "  Scope: Whatever its scopes allow."
    yield f"  First seen: {MADE}"
    yield f"  Was in: /acme/app.py (file), from {MADE}, gone {MADE}"
    yield f"  Stored: {MADE}"
    yield f"  Used here: 2 times, last {MADE} for `run` to /usr/bin/npm (`npm start`), requested by Claude Code"
    yield f"  Seen by: Claude Code, {MADE}, pasted by a person"
    yield f"  not ours; 203.0.113.7; {MADE}; 3 times, 1 refused; git.clone"
    yield ""
    yield f"audit.ndjson: 9 records of GitHub, which run from {MADE} to {MADE}; 3 of known tokens."
    yield "1 token compared, 1 of them in the logs: 1 token used by others or after their end."


def test_a_pipe_gets_a_line_for_each_fact() -> None:
    assert printed(REVIEW).splitlines() == list(lines())


def test_a_terminal_gets_a_table_of_the_uses() -> None:
    shown = printed(REVIEW, force_terminal=True, no_color=True, color_system=None)
    assert re.search(r"│ not ours\s*│ 203.0.113.7\s*│", shown)


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_moves_no_cursor(name: str, terminal: bool) -> None:
    hostile = LogReview((replace(TOKEN, places=(PlaceHistory(name, name, NOON, None),)),), (LOG,))
    shown = printed(hostile, force_terminal=terminal, no_color=True, color_system=None)
    assert all(one.isprintable() or one == "\n" or unicodedata.category(one) == "Zs" for one in shown)


def test_very_many_places_are_counted() -> None:
    places = tuple(PlaceHistory(f"/acme/{number}", "file", NOON, None) for number in range(MOST_PLACES + 5))
    many = replace(TOKEN, places=places)
    assert "  Was in: 5 more places" in printed(LogReview((many,), (LOG,)))


def test_a_token_that_was_only_found_is_counted_alone() -> None:
    found = replace(TOKEN, stored=None, uses=(), verdict=ReviewVerdict.UNUSED)
    assert "keyring://" not in printed(LogReview((found,), (LOG,)))
    assert "1 further token" in html_review(LogReview((found,), (LOG,)), MADE)
