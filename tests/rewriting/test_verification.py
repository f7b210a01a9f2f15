from __future__ import annotations

import pytest

from rewriting.moving import LANGUAGE, filled, move
from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.rewriting.verification import check_unchanged


def check(language: str, text: str, edit: Edit) -> None:
    read = LANGUAGE[language].read
    check_unchanged(read(text), read(apply_edits(text, [edit])), [edit], [])


@pytest.mark.parametrize(
    ("language", "text", "at", "inserted"),
    [
        ("python", "k = 1; f(2)\n", 6, " # "),
        ("python", 'k = 1\nf("x")\n', 5, '; """'),
        ("javascript", "k = 1; f(2)\n", 6, " // "),
        ("javascript", "k = `a`; f(`b`)\n", 6, "`"),
        ("shell", "echo a; echo b\n", 6, " # "),
        ("json", '{"a": 1, "b": 2}', 7, ', "c'),
        ("yaml", "a: b\nc: d\n", 4, ' "'),
        ("toml", 'a = "b"\nc = "d"\n', 7, ' # \n"x" = """'),
        ("ini", "a = b\nc = d\n", 6, "x"),
        ("dotenv", "A=b\nC='d'\n", 3, "'\nX='"),
    ],
)
def test_an_edit_that_reaches_further_is_seen(language: str, text: str, at: int, inserted: str) -> None:
    with pytest.raises(RewriteRefused):
        check(language, text, Edit(Span(at, at), inserted))


@pytest.mark.parametrize(
    ("language", "text", "at", "inserted"),
    [
        ("python", "k = 1\nf(2)\n", 5, " + g('x')"),
        ("javascript", "k = 1; f(2)\n", 5, " + `x`"),
        ("json", '{"a": 1, "b": 2}', 5, ' "c", "d":'),
    ],
)
def test_an_edit_that_stays_in_its_place_passes(language: str, text: str, at: int, inserted: str) -> None:
    check(language, text, Edit(Span(at, at), inserted))


def test_an_error_far_from_the_token_does_not_matter() -> None:
    move("python", filled('k = "T0K"\n\nx = ) (\n'))


@pytest.mark.parametrize(
    ("language", "text"),
    [("python", 'k = "T0K"; x = ) (\n'), ("json", '{"a": "T0K" 1}'), ("javascript", 'k = "T0K"; x = ) (')],
)
def test_an_error_beside_the_token_is_named(language: str, text: str) -> None:
    with pytest.raises(RewriteRefused, match="does not parse"):
        move(language, filled(text))


def test_a_quote_that_would_close_a_piece_too_early_is_named() -> None:
    with pytest.raises(RewriteRefused, match="follows a quote"):
        move("python", filled('k = """ "T0K" """'))
