"""Regexes from other tools."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenward.detection.suppress.regex_set import (
    MAX_ALL_REPEATS,
    MAX_PATTERN_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    MOST_PATTERNS,
    MOST_REFUSED,
    PatternSet,
    without_groups,
)
from tokenward.model import Span


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("^foo$", "foo", True),
        ("^foo$", "foobar", False),
        ("x", "x", True),
        ("x|y", "aay", True),
        (r"\btest\b", "a test b", True),
        ("(?i)TEST", "latest", True),
        (r"(?:^|/)fixtures/.*\.py$", "a/fixtures/b.py", True),
        (r"(?:^|/)fixtures/.*\.py$", "a/fixtures/b.pyc", False),
        ("(a)(b)?", "a", True),
        ("é", "café", True),
        ("aaaa", "a" * 40, True),
        ('"\\\\', '"\\', True),
    ],
)
def test_examples(pattern: str, text: str, matches: bool) -> None:
    patterns = PatternSet(["never matches this", pattern])
    assert patterns.refused == frozenset()
    assert patterns.matching(text) == (frozenset({1}) if matches else frozenset())


@pytest.mark.parametrize(
    "bad", ["(", "(?=a)b", r"(a)\1", "a*", "(a{1,500}){1,500}", "x" * (MAX_PATTERN_CHARACTERS + 1)]
)
def test_a_bad_regex_disables_only_itself(bad: str) -> None:
    patterns = PatternSet(["foo", bad, "bar"])
    assert patterns.refused == {1}
    assert patterns.matching("foo bar") == {0, 2}


@given(st.lists(st.text(max_size=12), max_size=6), st.text(max_size=30))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_a_set_of_regexes(patterns: list[str], text: str) -> None:
    numbers = range(len(patterns))
    found = PatternSet(patterns)
    assert found.refused <= set(numbers)
    assert found.matching(text) <= set(numbers) - found.refused


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(.*a){20}b", r"(\w+\s?)*!"])
def test_a_catastrophic_regex_ends(pattern: str) -> None:
    assert PatternSet([pattern]).matching("a" * 10_000 + "?") == frozenset()


def test_after_many_bad_regexes_no_more_are_tried() -> None:
    patterns = PatternSet(["a", *["("] * MOST_REFUSED, "b", *["("] * 50_000])
    assert patterns.matching("a b") == {0}
    assert len(patterns.refused) == MOST_REFUSED + 1 + 50_000


def test_only_so_many_regexes_are_used() -> None:
    patterns = PatternSet([f"a{number}b" for number in range(MOST_PATTERNS + 1)])
    assert patterns.refused == {MOST_PATTERNS}


@pytest.mark.parametrize("count", ["5000", "1,5000", "5000,", ",5000", "9" * 5_000])
def test_a_set_has_only_so_many_repetitions(count: str) -> None:
    patterns = PatternSet(["a", *[f"(?:bc){{{count}}}"] * (MAX_ALL_REPEATS // 5_000 + 1)])
    assert max(patterns.refused) == MAX_ALL_REPEATS // 5_000 + 1
    assert patterns.matching("a") == {0}


def test_a_text_that_is_too_long_matches_nothing() -> None:
    assert PatternSet(["a"]).matching("a" * (MAX_TEXT_CHARACTERS + 1)) == frozenset()


@pytest.mark.parametrize("text", ["key = tok_1", "é key = tok_1", "tok_9 key = tok_1"])
def test_the_match_around_a_place_is_found(text: str) -> None:
    start = text.index("tok_1")
    assert PatternSet([r"key = tok_\d"]).first_around(text, Span(start, start + 5)) == "key = tok_1"


@pytest.mark.parametrize(
    ("regex", "expected"),
    [
        ("a(b)c", "a(?:b)c"),
        ("(?P<n>b)(?<m>c)", "(?:b)(?:c)"),
        ("(?i)(?:a)", "(?i)(?:a)"),
        (r"\((a)\)", r"\((?:a)\)"),
        ("[(](a)[]()]", "[(](?:a)[]()]"),
        ("[^]](a)", "[^]](?:a)"),
    ],
)
def test_groups_are_taken_out(regex: str, expected: str) -> None:
    assert without_groups(regex) == expected
    assert re.compile(expected).groups == 0
