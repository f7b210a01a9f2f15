"""A Draft: after any insertions and edits, its changes turn the original text into the current one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.model import Span
from tokenward.rewriting.draft import Draft
from tokenward.rewriting.edits import Edit, apply_edits

BEFORE = 'x = "|"\n'


def combined(before: str, places: list[Span], draft: Draft) -> str:
    """Return the text after a client applies the insertions and the edits as one change."""
    changes = [
        *(Edit(place, text) for place, text in zip(places, draft.inserted_texts(), strict=True)),
        *draft.edits(),
    ]
    return apply_edits(before, sorted(changes, key=lambda edit: edit.span))


def cuts(length: int, count: int) -> st.SearchStrategy[list[Span]]:
    """Draw spans of a text, in order and apart, no two of them empty at one place."""
    borders = st.lists(st.integers(0, length), max_size=2 * count).map(sorted)
    pairs = borders.map(lambda found: [Span(*pair) for pair in zip(found[::2], found[1::2], strict=False)])
    return pairs.map(lambda found: sorted(set(found)))


@given(data=st.data(), before=st.text("ab\n😀", max_size=12), inserted=st.text("XY", min_size=1, max_size=4))
def test_the_changes_of_a_draft_make_its_text(data: st.DataObject, before: str, inserted: str) -> None:
    places = data.draw(cuts(len(before), 3))
    draft = Draft(before, places, inserted)
    assert draft.text == apply_edits(before, [Edit(place, inserted) for place in places])
    for _ in range(data.draw(st.integers(0, 3))):
        spans = data.draw(cuts(len(draft.text), 3))
        edits = [Edit(span, data.draw(st.text("pq", max_size=3))) for span in spans]
        text = apply_edits(draft.text, edits)
        draft.edit(edits)
        assert draft.text == text
    assert combined(before, places, draft) == draft.text
    for place in places:
        for edit in draft.edits():
            assert not edit.span.overlaps(place)


@pytest.mark.parametrize(
    ("edit", "inserted", "beside"),
    [
        (Edit(Span(5, 8), "ref"), "ref", []),
        (Edit(Span(4, 9), "look()"), "look()", [Edit(Span(4, 5), ""), Edit(Span(6, 7), "")]),
        (Edit(Span(0, 0), "import os\n"), "key", [Edit(Span(0, 0), "import os\n")]),
        (Edit(Span(9, 9), " + 1"), "key", [Edit(Span(7, 7), " + 1")]),
        (Edit(Span(5, 5), "a "), "a key", []),
    ],
)
def test_what_touches_what_was_put_in_is_a_part_of_it_and_all_else_lies_beside(
    edit: Edit, inserted: str, beside: list[Edit]
) -> None:
    draft = Draft(BEFORE, [Span(5, 6)], "key")
    assert draft.text == 'x = "key"\n'
    draft.edit([edit])
    assert draft.inserted_texts() == [inserted]
    assert list(draft.edits()) == beside


def test_where_what_was_put_in_stands_is_known_after_edits() -> None:
    draft = Draft("a||b", [Span(1, 2), Span(2, 3)], "key")
    draft.edit([Edit(Span(0, 0), "import\n"), Edit(Span(2, 4), "KEY")])
    assert [draft.text[span.start : span.end] for span in draft.inserted_spans()] == ["kKEY", "key"]
