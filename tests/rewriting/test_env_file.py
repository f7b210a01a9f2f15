from __future__ import annotations

import io
import re

import pytest
from dotenv.parser import parse_stream
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import up_to
from rewriting.moving import REFERENCE
from tokenward.errors import RewriteRefused
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.env_file import add_assignment, parse_env, take_out

_PIECES = [
    "A", "KEY", "export ", "=", " ", "'", '"', "\\", "\\'", '\\"', "\\n", "#", " # c", "\n", "\r\n", "\r", "x y",
    "é", "\t", "\x0b", "\u2028", "A=1\n", "'k'=", "B='v'\n", 'C="v\nw"\n', "$X", "\\\\",
]  # fmt: skip


@settings(max_examples=up_to(2000), deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join))
def test_values_are_those_of_python_dotenv(text: str) -> None:
    """Except for a name without `=`, which changes nothing here, and for backticks, as below."""
    # A file that is opened as text has its line breaks translated.
    translated = io.StringIO(text, newline=None).read()
    bindings = parse_stream(io.StringIO(translated))
    expected = [(b.key, b.value) for b in bindings if b.key is not None and b.value is not None]
    assert [(a.key, a.value) for a in parse_env(text)] == expected


@settings(max_examples=up_to(500), deadline=None)
@given(st.lists(st.sampled_from([*_PIECES, "`", "D=`v`\n"]), max_size=14).map("".join))
def test_spans_cut_out_what_is_written(text: str) -> None:
    last = 0
    for assignment in parse_env(text):
        key = text[assignment.key_span.start : assignment.key_span.end]
        assert re.sub(r"\r\n?", "\n", key) == assignment.key
        value = assignment.value_span
        quote = assignment.quote
        assert (
            text[value.start - len(quote) : value.start] == quote == text[value.end : value.end + len(quote)]
        )
        assert last <= assignment.key_span.start < assignment.key_span.end < value.start <= value.end
        last = value.end


@pytest.mark.parametrize(
    ("text", "quote", "value"),
    [
        ("A=b", "", "b"),
        ("A = b c # d", "", "b c"),
        ("A=b#c", "", "b#c"),
        ("export A='b # c'", "'", "b # c"),
        ('A="b\\n\\"c"', '"', 'b\n"c'),
        ('A="b\r\nc"', '"', "b\nc"),
        ("A=`b 'c' \"d\"`", "`", "b 'c' \"d\""),
        ("A=`b", "", "`b"),
        ("A=`b` c", "", "`b` c"),
        ("A=`b\r\nc`", "`", "b\nc"),
        ("\ufeffA=b", "", "b"),
        ("A=", "", ""),
        ("A= # c", "", ""),
    ],
)
def test_every_way_of_quoting_is_read(text: str, quote: str, value: str) -> None:
    (assignment,) = parse_env(text)
    assert (assignment.key, assignment.quote, assignment.value) == ("A", quote, value)


@pytest.mark.parametrize(
    "unit",
    [" ", "\t", "\n", "\r", "#", " #", "=", "\\", "`", "'", '"', "A=", "A='\n", "`\nA=`x", "'\n", "\\'"],
)
@pytest.mark.timeout(100)
def test_no_text_takes_more_than_linear_time(unit: str) -> None:
    # With a step for each pair of characters this would take hours, and minutes even inside a regular expression.
    for before in ("", "A=x", "A='", 'A="', "A=`", "A=", "'", "export "):
        text = before + unit * (100_000 // len(unit)) + "y\nLAST=1"
        assert all(a.value_span.end <= len(text) for a in parse_env(text)), before


def test_an_assignment_shows_no_value() -> None:
    assert "hidden" not in repr(parse_env("A=hidden"))


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("", "A=R\n"),
        ("B=1\n", "A=R\n"),
        ("B=1", "\nA=R\n"),
        ("B=1\r\n", "A=R\r\n"),
        ("B=1\r\nC=2", "\r\nA=R\r\n"),
        ("\ufeff", "A=R\n"),
        ("# c", "\nA=R\n"),
    ],
)
def test_a_line_is_added_in_the_file_s_own_way(text: str, added: str) -> None:
    edit = add_assignment(text, "A", str(REFERENCE))
    assert edit is not None
    after = apply_edits(text, [edit])
    assert after == text + added.replace("R", str(REFERENCE))
    assert add_assignment(after, "A", str(REFERENCE)) is None


@pytest.mark.parametrize("text", ["A=other\n", "A=R\nA=other\n", "export A='x'"])
def test_no_key_is_given_a_second_value(text: str) -> None:
    with pytest.raises(RewriteRefused, match="another value"):
        add_assignment(text.replace("R", str(REFERENCE)), "A", str(REFERENCE))


@pytest.mark.parametrize(
    ("key", "value"), [("A", "b # c"), ("A", "b\nC=d"), ("A", "'b"), ("A B", "c"), ("#A", "b")]
)
def test_no_line_is_added_that_would_be_read_otherwise(key: str, value: str) -> None:
    with pytest.raises(RewriteRefused, match="reads the same"):
        add_assignment("B=1\n", key, value)


@given(st.lists(st.sampled_from(_PIECES), max_size=10).map("".join))
def test_an_added_line_changes_no_other(text: str) -> None:
    before = [(a.key, a.value) for a in parse_env(text)]
    edit = add_assignment(text, "NEW", str(REFERENCE))
    assert edit is not None
    after = [(a.key, a.value) for a in parse_env(apply_edits(text, [edit]))]
    assert after == [*before, ("NEW", str(REFERENCE))]
    assert re.fullmatch(r"(\r\n|\n|\r)?NEW=\S+(\r\n|\n|\r)", edit.text)


@settings(max_examples=up_to(500), deadline=None)
@given(st.lists(st.sampled_from([*_PIECES, "\ufeff"]), max_size=10).map("".join))
def test_added_lines_are_taken_out_again_byte_for_byte(text: str) -> None:
    texts, added = [text], []
    for name in ("FIRST", "SECOND"):
        try:
            edit = add_assignment(texts[-1], name, str(REFERENCE))
        except RewriteRefused:
            return
        assert edit is not None
        added.append(edit.text)
        texts.append(apply_edits(texts[-1], [edit]))
    for before, after, line in zip(texts[1::-1], texts[:0:-1], added[::-1], strict=True):
        removal = take_out(after, line)
        assert removal is not None
        assert apply_edits(after, [removal]) == before
    assert take_out(text, added[0]) is None
