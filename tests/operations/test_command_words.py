"""A recorded command line contains nothing that could be a secret."""

from __future__ import annotations

import pytest

import tokens
from tokenward.operations.command_words import line_words


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("git push origin main", "git push origin main"),
        ("mysql -pHunter2 -u bob --password Hunter2 db", "mysql -p… -u … --password … db"),
        ("PASSWORD=Hunter2 sh -c 'echo Hunter2' | cat", "… sh -c … … cat"),
        (tokens.github("pasted"), "…"),
        ("hunter2Hunter2", "…"),
        ("echo 'open", "…"),
        ("", ""),
    ],
)
def test_of_a_typed_line_only_names_and_plain_words_are_kept(line: str, written: str) -> None:
    assert line_words(line) == written
