"""Editing a document by ranges gives the same text as editing it as a whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tokenward.model import Point, Surface
from tokenward.sources.documents import Document, Splice
from tokenward.sources.source import Origin
from tokenward.text import LineTable, content_length, split_lines

TEXTS = st.text(st.sampled_from("\n\r\f\u2028ab😀"), max_size=30)


def opened(text: str) -> Document:
    return Document.opened(Origin("file:///a", Surface.DOCUMENT), 1, text, name="a")


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, list[tuple[Point, Point, str]]]:
    """Draw a text and edits of it, each range valid in the text at that point."""
    text = start = draw(TEXTS)
    made = []
    for _ in range(draw(st.integers(1, 4))):
        lines = split_lines(text)
        points = sorted(draw(st.tuples(_points(lines), _points(lines))))
        new = draw(TEXTS)
        table = LineTable(text)
        text = text[: table.offset(points[0])] + new + text[table.offset(points[1]) :]
        made.append((points[0], points[1], new))
    return start, made


def _points(lines: list[str]) -> st.SearchStrategy[Point]:
    line = st.integers(0, len(lines) - 1)
    return line.flatmap(lambda n: st.integers(0, content_length(lines[n])).map(lambda c: Point(n, c)))


@given(edits())
def test_editing_lines_is_editing_the_text(case: tuple[str, list[tuple[Point, Point, str]]]) -> None:
    text, changes = case
    document = opened(text)
    for start, end, new in changes:
        table = LineTable(text)
        text = text[: table.offset(start)] + new + text[table.offset(end) :]
        document.replace(start, end, new)
        assert document.text() == text
        assert document.lines == split_lines(text)
        assert document.size == len(text.encode("utf-8", "surrogatepass"))


@given(edits())
def test_joined_splices_cover_every_changed_line(case: tuple[str, list[tuple[Point, Point, str]]]) -> None:
    text, changes = case
    document = opened(text)
    before = list(document.lines)
    splice: Splice | None = None
    for start, end, new in changes:
        one = document.replace(start, end, new)
        splice = one if splice is None else splice.then(one)
    assert splice is not None
    assert before[: splice.first] == document.lines[: splice.first]
    assert before[splice.first + splice.removed :] == document.lines[splice.first + splice.added :]


def test_a_range_past_the_end_is_the_end() -> None:
    document = opened("a\nb")
    document.replace(Point(7, 3), Point(9, 0), "c")
    assert document.text() == "a\nbc"


def test_a_reversed_range_is_taken_the_right_way_round() -> None:
    document = opened("abc")
    document.replace(Point(0, 2), Point(0, 1), "-")
    assert document.text() == "a-c"


@given(
    st.lists(st.sampled_from(["a\n", "b\n", "\r", "\r\n", "c"])),
    st.lists(st.sampled_from(["a\n", "b\n", "\r", "c"])),
)
def test_a_new_whole_text_changes_only_the_lines_that_differ(before: list[str], after: list[str]) -> None:
    document = opened("".join(before))
    old = document.lines
    splice = document.replace_all("".join(after))
    assert document.text() == "".join(after)
    assert document.lines[: splice.first] == old[: splice.first]
    assert document.lines[splice.first + splice.added :] == old[splice.first + splice.removed :]
    assert len(document.lines) == len(old) + splice.shift


def test_one_changed_line_of_a_new_whole_text_is_one_changed_line() -> None:
    document = opened("same\n" * 10)
    assert document.replace_all("same\n" * 4 + "new\n" + "same\n" * 5) == Splice(4, 1, 1)
    assert document.replace_all(document.text()).added == 0
