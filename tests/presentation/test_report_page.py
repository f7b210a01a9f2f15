"""The page of `tokenward report`: its content, its audience, and the harmlessness of any text in it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from page_checks import Page, colours, contrast, unclear, unsafe
from sample_overview import EMPTY, LEASES, NOW, SAMPLE, TOKENS, USES, before, token
from tokenward.model import Surface
from tokenward.operations.report.overview import Overview, ReportedPlace, ReportedToken, TokenState
from tokenward.presentation.page_style import page_style
from tokenward.presentation.report_page import figures
from tokenward.presentation.report_page.page import render

MOST_BYTES = 2_000_000
PAGES = {"sample": SAMPLE, "empty": EMPTY, "all": replace(SAMPLE, folder="", since=before(days=9))}
HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "</style><style>@import 'https://example.com/x.css';",
    "</title></svg></main><!-- ",
    "&lt;b&gt; & &#60;i&#62; ]]>",
    "\u202egnp.exe\u2066 \x1b[31mred\x07\x00\r\n",
    "{{ title }} {title} %s $x",
    "\ud800 \udcff lone",
    "שלום‎ مرحبا",
    "x" * 5_000,
    "",
)


def page_of(overview: Overview) -> Page:
    return Page(render(overview))


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_well_formed_and_holds_nothing_that_runs_or_is_fetched(name: str) -> None:
    page = page_of(PAGES[name])
    assert (page.faults, unsafe(page)) == ([], [])


@pytest.mark.parametrize("name", PAGES)
def test_the_page_can_be_read_by_who_cannot_see_it(name: str) -> None:
    assert unclear(page_of(PAGES[name])) == []


def test_every_text_and_every_colour_stands_out_from_what_is_behind_it() -> None:
    for palette in colours(page_style()):
        for ground in ("back", "raised"):
            for text in ("text", "muted", "accent", "exposed"):
                assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)
            for shape in ("exposed", "loose", "moved", "ended", "ignored"):
                assert contrast(palette[shape], palette[ground]) >= 3, (shape, ground)


def with_text(text: str) -> Overview:
    """Return an overview with one of everything, and the text wherever a stranger could put one."""
    place = ReportedPlace(text, Surface.FILE, before(days=2), None)
    one = replace(TOKENS[0], label=text, provider=text, reference=text, places=(place, place))
    use = replace(USES[0], token=text, asked_by=text, agent=text, why=text)
    return Overview(
        title=text,
        folder=text,
        now=NOW,
        since=None,
        tokens=(one,),
        uses=(use,),
        leases=(replace(LEASES[0], reference=text, provider=text, session=text),),
        stored=1,
        version=text,
    )


PLAIN = page_of(with_text("plain")).structure


def check_harmless(text: str) -> None:
    written = render(with_text(text))
    written.encode("utf-8")
    assert [c for c in written if not (c.isprintable() or c == "\n")] == []
    page = Page(written)
    assert (page.faults, unsafe(page), unclear(page)) == ([], [], [])
    if text:
        assert page.structure == PLAIN


@pytest.mark.parametrize("text", HOSTILE)
def test_no_hostile_text_is_more_than_text(text: str) -> None:
    check_harmless(text)


@settings(deadline=None, max_examples=15)
@given(st.text(st.characters(codec=None, exclude_categories=[]), max_size=40))
def test_no_text_at_all_is_more_than_text(text: str) -> None:
    check_harmless(text)


def test_a_hostile_text_is_shown_as_it_is() -> None:
    page = page_of(replace(SAMPLE, title="<b>acme & sons</b>"))
    assert page.words.count("<b>acme & sons</b>") == 2


def test_the_same_overview_gives_the_same_page_in_every_process() -> None:
    program = (
        "import hashlib, sample_overview, tokenward.presentation.report_page.page as page;"
        "print(hashlib.sha256(page.render(sample_overview.SAMPLE).encode()).hexdigest())"
    )
    tests = str(Path(__file__).parents[1])
    done = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": tests, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(done) == 1


def test_thousands_of_tokens_make_a_page_of_the_first_that_says_how_many_more() -> None:
    many = tuple(
        replace(
            TOKENS[number % len(TOKENS)],
            label=f"token {number}",
            provider=f"Provider {number % 300}",
            first_seen=NOW - timedelta(hours=number, days=1),
        )
        for number in range(10_000)
    )
    uses = tuple(replace(use, token=f"keyring://acme/T{n}") for n in range(60) for use in USES)
    written = render(replace(SAMPLE, tokens=many, uses=uses, leases=LEASES * 500))
    assert len(written.encode()) < MOST_BYTES
    words = Page(written).words
    assert "And 9,900 more." in words
    assert "the 24 longest of 9,375." in words
    assert "287 others" in written


def test_long_names_make_no_long_page() -> None:
    long = "folder/" * 600
    places = tuple(ReportedPlace(f"{n}{long}", Surface.FILE, before(days=2), None) for n in range(10))
    many = tuple(
        replace(TOKENS[0], label=f"{n}{long}", provider=f"{n}{long}", places=places) for n in range(60)
    )
    uses = tuple(replace(USES[0], asked_by=f"{n}{long}", agent=f"{n}{long}", why=long) for n in range(300))
    written = render(replace(SAMPLE, title=long, folder=long, tokens=many, uses=uses))
    assert len(written.encode()) < MOST_BYTES
    assert Page(written).faults == []


def test_the_first_figures_are_what_matters_most() -> None:
    first = figures.headline(SAMPLE)
    assert (first.leaked, first.exposed, first.moved, first.revoked) == (15, 4, 6, 3)
    assert first.oldest is TOKENS[0]
    assert "4 tokens are exposed now, the oldest for 41 days." in page_of(SAMPLE).words


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        ((), "No token is known to have been in plain text here."),
        (TOKENS[13:14], "No token is known to have been in plain text here."),
        (TOKENS[4:5], "No token is exposed now. The one token that leaked is gone."),
        (TOKENS[4:6], "No token is exposed now. All 2 tokens that leaked are gone."),
        (TOKENS[:1], "1 token is exposed now, and has been for 41 days."),
    ],
)
def test_the_verdict_is_a_sentence(tokens: tuple[ReportedToken, ...], said: str) -> None:
    assert said in page_of(replace(SAMPLE, tokens=tokens)).words


def test_every_token_of_the_timeline_has_its_bar() -> None:
    page = page_of(SAMPLE)
    leaked = figures.longest(TOKENS, NOW)
    assert [svg["class"] for svg in page.all("svg")] == [f"bar {token.state.value}" for token in leaked]
    spans = [
        (float(bar["x"].removesuffix("%")), float(bar["width"].removesuffix("%"))) for bar in page.all("rect")
    ]
    assert spans[0][0] == 0
    for leak, (start, width) in zip(leaked, spans, strict=True):
        assert width > 0
        assert start + width == pytest.approx(100, abs=0.2) or (leak.gone and start + width < 100)


def test_a_token_counts_once_for_its_provider_and_once_on_each_surface() -> None:
    rows = {row.name: row.counts for row in figures.by_provider(TOKENS).rows}
    assert rows["GitHub"] == {"exposed": 2, "moved": 1, "ended": 1}
    assert sum(sum(counts.values()) for counts in rows.values()) == len(TOKENS)
    assert {row.name: row.counts for row in figures.by_surface(TOKENS).rows} == {
        "File": {"exposed": 2, "ended": 9},
        "Terminal": {"exposed": 1, "ended": 2},
        "Log": {"exposed": 1, "ended": 1},
        "Editor": {"ended": 1},
        "Notebook": {"exposed": 1},
    }


def test_what_stood_in_the_open_for_longest_comes_first() -> None:
    longest = figures.longest(TOKENS, NOW)
    assert longest[:3] == [TOKENS[4], TOKENS[6], TOKENS[8]]
    assert TOKENS[13] not in longest


def test_requests_are_counted_with_those_of_assistants_and_refusals() -> None:
    agents, refused = (
        sum(map(bool, one)) for one in zip(*((use.agent, use.why) for use in USES), strict=True)
    )
    said = f"Requests: {len(USES)}, of which {agents} by AI assistants; {refused} refused."
    assert said in page_of(SAMPLE).words


def test_only_leases_that_end_soon_are_listed_the_first_to_end_first() -> None:
    words = page_of(SAMPLE).words
    assert words.index("in 5 hours") < words.index("in 4 days")
    assert "keyring://acme-api/CI_TOKEN" in words
    assert (
        "keyring://acme-api/STRIPE_KEY"
        not in words.partition("Leases about to end")[2].partition("Who used")[0]
    )


def test_a_token_whose_end_came_before_it_was_seen_was_never_exposed() -> None:
    late = token(1, "AWS", TokenState.ENDED, before(days=1), before(days=30), (".env", Surface.FILE))
    assert late.exposure(NOW) == timedelta(0)
    assert page_of(replace(SAMPLE, tokens=(late,))).faults == []
