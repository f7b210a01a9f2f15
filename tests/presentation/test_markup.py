"""Markdown shows any text literally; checked with an independent Markdown parser."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tokenward.presentation.markup import Code, MarkupLink, MarkupText, Piece, Strong, markdown, plain

HOSTILE = [
    "[x](https://evil.example)",
    "![x](https://evil.example)",
    "<https://evil.example>",
    "<script>alert(1)</script>",
    "https://evil.example www.evil.example WWW.evil.example a@evil.example",
    "`code` ``more``",
    "*a* _b_ **c** ~~d~~",
    "&lt;b&gt; &#91;x&#93;",
    "1. a",
    "12) a",
    "# a",
    "+ a",
    "- a",
    "> a",
    "---",
    "===",
    "```\na\n```",
    "\\[x](y)",
    "a\nb\r\nc\u2028d",
    "[x]: https://evil.example",
    "$(alert) $x$ |a|",
]
AUTOLINK = re.compile(r"(?i)https?://|www\.|[a-z0-9]@[a-z0-9]")
texts = st.one_of(st.sampled_from(HOSTILE), st.text("[]()<>!`*_\\&#:/@w.x1-+ \n"), st.text())


def read(text: str) -> list[Token]:
    reader = MarkdownIt().enable(["strikethrough", "table"])
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
    return [token for block in reader.parse(text) for token in (block, *(block.children or ()))]


def kinds(tokens: list[Token]) -> list[str]:
    return [token.type for token in tokens if token.type != "text"]


def one_line(piece: Piece) -> MarkupText:
    return MarkupText(("Title",), (("Says ", piece, "."),))


@given(texts)
@pytest.mark.parametrize("kind", [str, Strong, Code])
def test_a_text_has_no_meaning_of_its_own(kind: type, text: str) -> None:
    ordinary = kinds(read(markdown(one_line(kind("ordinary")))))
    assert kinds(read(markdown(one_line(kind(text))))) == ordinary or not text.strip()


@given(texts)
def test_a_text_is_read_back_as_it_was(text: str) -> None:
    shown = "".join(c if c.isprintable() else "?" for c in text)[:200]
    inline = [token.content for token in read(markdown(one_line(shown))) if token.type == "text"]
    assert "".join(inline[1:]) == f"Says {shown}."


@given(texts)
def test_no_bare_address_is_left_to_become_a_link(text: str) -> None:
    assert not AUTOLINK.search(markdown(one_line(text)))


@given(texts, st.text())
@example("x](https://evil.example) [y", "https://a.example/) [z](https://evil.example")
def test_a_link_leads_to_its_target_and_nowhere_else(text: str, target: str) -> None:
    opened = [
        token for token in read(markdown(one_line(MarkupLink(text, f"file:///{target}")))) if token.attrs
    ]
    assert [str(token.attrs["href"]).startswith("file:///") for token in opened] == [True]


@given(st.lists(st.one_of(texts, texts.map(Strong), texts.map(Code)), max_size=4))
def test_a_text_is_one_line_for_each_line(pieces: list[Piece]) -> None:
    text = MarkupText(("Title",), tuple((piece,) for piece in pieces))
    assert len(plain(text).splitlines()) == 1 + len(pieces)


@given(texts)
def test_a_plain_text_has_no_marks(text: str) -> None:
    shown = "".join(c if c.isprintable() else "?" for c in text)[:200]
    assert plain(one_line(Strong(shown))) == f"Title\n- Says {shown}."


def test_what_is_long_is_cut() -> None:
    assert len(markdown(one_line("[" * 1_000_000))) < 1_000
