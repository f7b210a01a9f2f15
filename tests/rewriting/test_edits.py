from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.model import Span
from tokenward.rewriting.edits import Edit, apply_edits, merged_spans, moved_spans


@st.composite
def edited_texts(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(st.text(max_size=40))
    borders = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8).filter(lambda b: len(b) % 2 == 0)))
    pairs = zip(borders[::2], borders[1::2], strict=True)
    return text, [Edit(Span(start, end), draw(st.text(max_size=5))) for start, end in pairs]


@given(edited_texts())
def test_edits_applied_at_once_are_the_edits_applied_from_the_end(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    expected = text
    for edit in reversed(edits):
        expected = expected[: edit.span.start] + edit.text + expected[edit.span.end :]
    assert apply_edits(text, edits) == expected


@given(edited_texts())
def test_moved_spans_hold_what_was_inserted(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    zones = merged_spans(edit.span for edit in edits)
    after = apply_edits(text, edits)
    moved = moved_spans(zones, edits)
    outside = "".join(text[a:b] for a, b in _gaps(zones, len(text)))
    assert "".join(after[a:b] for a, b in _gaps(moved, len(after))) == outside


@pytest.mark.parametrize(
    "edits",
    [
        [Edit(Span(2, 3), "x"), Edit(Span(0, 1), "y")],
        [Edit(Span(0, 2), "x"), Edit(Span(1, 3), "y")],
        [Edit(Span(3, 9), "x")],
        [Edit(Span(2, 1), "x")],
        [Edit(Span(-1, 1), "x")],
    ],
)
def test_edits_out_of_order_or_place_are_no_edits(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="edits must be within the text"):
        apply_edits("abcdef", edits)


def _gaps(spans: list[Span], end: int) -> list[tuple[int, int]]:
    starts = [0, *(span.end for span in spans)]
    ends = [*(span.start for span in spans), end]
    return list(zip(starts, ends, strict=True))
