"""The pages about readers agree with the tables."""

from __future__ import annotations

import pytest
from reader_pages import PAGE, file_names, pages

from tokenward.rewriting.readers.table import READERS


def test_the_pages_are_up_to_date() -> None:
    """If this fails, run `make reader-pages`."""
    assert [path.name for path, text in pages().items() if path.read_text("utf-8") != text] == []


def test_every_reader_is_on_the_page() -> None:
    text = PAGE.read_text("utf-8")
    assert [reader.name for reader in READERS if f"\n| {reader.name} | `" not in text] == []


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        (r"\.gitlab-ci\.ya?ml", [".gitlab-ci.yaml"]),
        (r"\.env(?:\.[^/]*)?|[^/]*\.env", [".env", ".env.*", "*.env"]),
        (r"(?!x)a/(?:b|c/.+)\.[tj]s\Z", ["a/b.ts", "a/b.js", "a/c/*.ts", "a/c/*.js"]),
    ],
)
def test_a_pattern_is_shown_as_names(pattern: str, names: list[str]) -> None:
    assert file_names(pattern) == names
