from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from examples import up_to
from rewriting.moving import LANGUAGE, REFERENCE, filled, move, spans_of
from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.comments import ignore_edit
from tokenward.rewriting.edits import Edit, merged_spans
from tokenward.rewriting.literal import ParsedText
from tokenward.rewriting.rewrite import plan_rewrite
from tokenward.rewriting.syntax import Syntax
from tokenward.rewriting.verification import TextChange, check_each_unchanged, check_unchanged
from tokenward.text import line_span


def check(language: str, text: str, edit: Edit) -> None:
    check_unchanged(TextChange.made(LANGUAGE[language].read(text), [edit]))


@pytest.mark.parametrize(
    ("language", "text", "at", "inserted"),
    [
        ("python", "k = 1; f(2)\n", 6, " # "),
        ("python", 'k = 1\nf("x")\n', 5, '; """'),
        ("python", "type = 1\n", 4, " X"),
        ("notebook", '{"cells": [{"cell_type": "code", "source": "type = 1"}]}', 49, " X"),
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


_INSERTED = [
    "x",
    " ",
    "'",
    '"',
    "`",
    "#",
    " # c",
    "//",
    "\n",
    "(",
    ")",
    "{",
    "}",
    ":",
    "- ",
    ",",
    "é",
    "${",
    '"""',
]
_TEXTS = {
    "python": "import os\nk = f(1, 'é')  # c\nif k:\n    g(\"x\")\n",
    "javascript": "k = `a${b}`; f('é') // c\ng(1)\n",
    "shell": "k='é' echo \"$a\" # c\necho b\n",
    "yaml": "a: b\nc:\n  - 'é' # c\n  - e\n",
    "toml": 'a = "é" # c\n[t]\nb = 1\n',
    "json": '{"a": "é", "b": [1, "c"]}',
    "notebook": '{"cells": [{"cell_type": "code", "source": ["k = \\"é\\"  # c\\n", "f(k)"]}, {"cell_type": "code", '
    '"source": "!echo k\\ng(1)"}, {"cell_type": "code", "source": ["%%js\\n", "h"]}]}',
}


@pytest.mark.parametrize("language", _TEXTS)
@given(inserted=st.lists(st.sampled_from(_INSERTED), min_size=1, max_size=3).map("".join), data=st.data())
def test_what_the_parser_calls_unchanged_is(language: str, inserted: str, data: st.DataObject) -> None:
    """The two texts are the same part by part wherever only the parser was asked."""
    text = _TEXTS[language]
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, min(start + 3, len(text)))))
    change = TextChange.made(LANGUAGE[language].read(text), [Edit(span, inserted)])
    assert list(change.after.leaves()) == list(LANGUAGE[language].read(change.after.text).leaves())
    if change.is_local() and len(change.after.errors()) == len(change.before.errors()):
        check_leaves(change)


def check_leaves(change: TextChange) -> None:
    check_unchanged(replace(change, changed=[Span(0, len(change.after.text))]))


_LINES = {
    "python": ["x = [\n1,\n'a',\n]\n", "k = f(\n  1,\n  2)\nx\n", "y\nz = 'a'\nw\n"],
    "javascript": ["f(\na,\n'b')\nc\nd\n", "a\nb\n/c/g\nd\n", "const a = 1\nconst b = 'x'\n"],
    "shell": ["x=(\na\n'b'\nc)\n", "a\nb=c\nd \\\ne\n", "if a; then\nb\nfi\n"],
    "yaml": ["a: |\n  b\n  c\nd: e\n", "- a\n- b\n- c: d\n  e: f\n"],
    "toml": ["a = 1\nb = 'c'\nd = [\n1,\n2]\n"],
    "json": ['[\n1,\n2,\n{"a":\n1}\n]'],
}
_HALVES = ["/*", "*/", "'''", "+", "=", "[", "]", "\\", "\t", "- ", "# "]


@pytest.mark.parametrize("language", _LINES)
@given(data=st.data())
@settings(max_examples=up_to(500), deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_no_edit_hides_behind_another(language: str, data: st.DataObject) -> None:
    """Whatever one edit does, it passes together with a harmless one only if it passes alone."""
    parsed = LANGUAGE[language].read(data.draw(st.sampled_from(_LINES[language])))
    assert isinstance(parsed, Syntax)
    leaves = st.sampled_from([leaf.span for leaf in parsed.leaves()])
    chosen = data.draw(st.lists(leaves, min_size=2, max_size=2, unique=True))
    zones = [data.draw(st.sampled_from([leaf, parsed.span(parsed.path(leaf)[-2].node)])) for leaf in chosen]
    lines = [line_span(parsed.text, zone) for zone in zones]
    assume(len(merged_spans(lines)) == len(lines))
    edit = Edit(zones[0], data.draw(_changed(parsed.text[zones[0].start : zones[0].end])))
    harmless = Edit(zones[1], data.draw(st.sampled_from(["z", "1", '"z"'])))
    assume(_passes(check_unchanged, parsed, [harmless]))
    if _passes(check_each_unchanged, parsed, sorted([edit, harmless], key=lambda edit: edit.span)):
        assert _passes(check_unchanged, parsed, [edit])


def _passes(check: Callable[[TextChange], None], parsed: ParsedText, edits: Sequence[Edit]) -> bool:
    try:
        check(TextChange.made(parsed, edits))
    except RewriteRefused:
        return False
    return True


def test_edits_with_nothing_between_them_may_hide_each_other() -> None:
    parsed = LANGUAGE["python"].read("x = [\n1,\n'a']\n")
    edits = [Edit(Span(4, 5), "[y"), Edit(Span(6, 7), "")]
    assert TextChange.made(parsed, edits).is_local()
    with pytest.raises(RewriteRefused):
        check_each_unchanged(TextChange.made(parsed, edits))
    for edit in edits:
        with pytest.raises(RewriteRefused):
            check_unchanged(TextChange.made(parsed, [edit]))


@st.composite
def _changed(draw: st.DrawFn, text: str) -> str:
    """Return a text with something put in place of a part of it; like a rewrite, it leaves indentation alone."""
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, len(text)))
    return (text[:start] + draw(st.sampled_from(_INSERTED + _HALVES)) + text[end:]).lstrip()


def test_no_plan_takes_more_steps_in_a_longer_file() -> None:
    def steps(lines: int) -> int:
        text = filled("import os\n" + "f(1, 'x')\n" * lines + "k = 'T0K'\n" + "f(1, 'x')\n" * lines)
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(counted)
        try:
            plan_rewrite(text, LANGUAGE["python"], spans_of(text), REFERENCE)
            ignore_edit(text, LANGUAGE["python"], spans_of(text)[0])
        finally:
            sys.setprofile(None)
        return count

    steps(10)  # compiles the patterns
    assert steps(1_000) < 1.5 * steps(10)


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
