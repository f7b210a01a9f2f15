from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presentation.reporting import HOSTILE_NAMES, read, texts
from tokenward.presentation.reports.spelling import json_text, spelled


@settings(deadline=None)
@given(st.one_of(texts, st.text()))
def test_what_is_spelled_reads_back_as_it_was(text: str) -> None:
    assert read(spelled(text)) == text


@settings(deadline=None)
@given(st.one_of(texts, st.text()))
def test_nothing_spelled_breaks_the_line_or_fails_to_encode(text: str) -> None:
    shown = spelled(text)
    assert "".join(shown.split()).isprintable()
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")


@pytest.mark.parametrize(
    "name", ["src/app.py", "my notes.txt", "日本語/\u3000名.env", "a:b", "Foo::Bar.3pm", "#1", "[x]"]
)
def test_an_ordinary_name_is_spelled_as_it_is(name: str) -> None:
    assert spelled(name) == name


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_ci_system_finds_a_command_in_what_is_spelled(name: str) -> None:
    assert not spelled(name).lstrip().startswith("::")
    assert not any(f"##{system}[" in spelled(name).lower() for system in ("", "vso", "teamcity"))


@settings(deadline=None)
@given(st.recursive(texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner)))
def test_json_reads_back_as_it_was_and_is_printable_ascii(document: object) -> None:
    text = json_text(document)
    assert json.loads(text) == document
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
