from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tokenward.model import Reference
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.rewrite import rename_references

OLD, NEW = Reference("acme-api", "TOKEN"), Reference("acme-api", "DEPLOY_TOKEN")
WHOLE = re.compile(rf"(?<![A-Za-z0-9_]){re.escape(str(OLD))}(?![A-Za-z0-9_/-])")
PIECES = st.sampled_from(
    [str(OLD), str(NEW), f"{OLD}_2", f"x{OLD}", f"{OLD}/x", "keyring://other/TOKEN", "TOKEN"]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=3), st.sampled_from(' "\n=')), max_size=20).map("".join)


@given(TEXTS)
def test_whole_references_and_nothing_else_change(text: str) -> None:
    assert apply_edits(text, rename_references(text, OLD, NEW)) == WHOLE.sub(str(NEW), text)


def test_a_line_of_an_environment_file_keeps_its_variable() -> None:
    text = f"TOKEN={OLD}\nOTHER={OLD}_2\n"
    assert apply_edits(text, rename_references(text, OLD, NEW)) == f"TOKEN={NEW}\nOTHER={OLD}_2\n"
