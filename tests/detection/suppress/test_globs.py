"""Paths with wildcards."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import up_to
from tokenward.detection.suppress.ignore_file import matches_glob


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("**", "a/b.py", True),
        ("tests/**", "tests/a/b.py", True),
        ("tests/**", "tests", True),
        ("tests/**", "atests/a.py", False),
        ("**/*.py", "a.py", True),
        ("**/*.py", "x/y/a.py", True),
        ("*.py", "x/a.py", False),
        ("a/**/z/*.y*l", "a/b/z/c/z/k.yml", True),
        ("a/*", "a/b/c", False),
        ("a", "A", False),
        ("a.b", "axb", False),
    ],
)
def test_examples(pattern: str, path: str, matches: bool) -> None:
    assert matches_glob(pattern, path) is matches


@given(
    st.lists(st.text(st.sampled_from("ab*"), max_size=4), max_size=4).map("/".join),
    st.lists(st.text(st.sampled_from("ab"), max_size=4), max_size=4).map("/".join),
)
@settings(max_examples=up_to(500))
def test_it_agrees_with_a_regex(pattern: str, path: str) -> None:
    def name(part: str) -> str:
        return "".join("[^/]*" if character == "*" else character for character in part)

    folders = "".join("(?:[^/]*/)*" if part == "**" else f"{name(part)}/" for part in pattern.split("/"))
    assert matches_glob(pattern, path) is bool(re.fullmatch(folders, f"{path}/"))


def test_a_hostile_pattern_is_answered() -> None:
    assert not matches_glob("*a" * 2_000 + "b", "a" * 4_000)
    assert not matches_glob("**/a/" * 500 + "b", "a/" * 1_000 + "c")
