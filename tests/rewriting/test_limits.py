from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import up_to
from rewriting.moving import LANGUAGE, REFERENCE, TOKEN, filled, move, spans_of
from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.literal import MAX_CHARACTERS
from tokenward.rewriting.rewrite import MAX_OCCURRENCES, plan_rewrite
from tokenward.rewriting.syntax import MAX_DEPTH


@pytest.mark.parametrize("name", LANGUAGE)
def test_a_text_that_is_too_long_is_refused(name: str) -> None:
    text = f"A={TOKEN}\n" + "#" * MAX_CHARACTERS
    with pytest.raises(RewriteRefused, match="too many"):
        plan_rewrite(text, LANGUAGE[name], spans_of(text), REFERENCE)


def test_too_many_occurrences_are_refused() -> None:
    text = f"a: {TOKEN}\n" * (MAX_OCCURRENCES + 1)
    with pytest.raises(RewriteRefused, match="more than"):
        move("yaml", text)


def test_as_many_occurrences_as_allowed_are_moved() -> None:
    moved, _ = move("python", f'k = ["{TOKEN}", "x {TOKEN}"]\n' * (MAX_OCCURRENCES // 2))
    assert moved.count("os.environ") == MAX_OCCURRENCES


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(RewriteRefused, match="deep"):
        move("json", "[" * MAX_DEPTH + f'"{TOKEN}"' + "]" * MAX_DEPTH)


@pytest.mark.parametrize("spans", [[], [Span(0, 0)], [Span(0, 99)], [Span(3, 1)]])
def test_a_token_has_a_place(spans: list[Span]) -> None:
    with pytest.raises(ValueError, match="place"):
        plan_rewrite("A=b", LANGUAGE["dotenv"], spans, REFERENCE)


@pytest.mark.parametrize("value", ["ab\0cd", "ab\ud800cd"])
def test_a_value_that_no_keyring_keeps_is_refused(value: str) -> None:
    with pytest.raises(RewriteRefused):
        move("yaml", f"a: '{value}'", value)


_FRAMES = {
    "python": ('k = "T0K"', "# {}"),
    "javascript": ('k = "T0K"', "// {}"),
    "shell": ("k='T0K'", "# {}"),
    "yaml": ('k: "T0K"', "# {}"),
    "toml": ('k = "T0K"', "# {}"),
    "ini": ("k = T0K", "# {}"),
    "dotenv": ("k=T0K", "# {}"),
    "jsonc": ('"T0K"', "// {}"),
}
_ODD = st.text(st.sampled_from("a\x0c\u2028\u2029\x85\ud800\udfff😀é\ufeff\x1c"), max_size=5)


@settings(max_examples=up_to(300), deadline=None)
@given(
    st.sampled_from(sorted(_FRAMES)),
    st.sampled_from(["\n", "\r\n"]),
    _ODD,
    _ODD,
    st.sampled_from(["", "\ufeff"]),
)
def test_no_other_character_changes(name: str, newline: str, before: str, after: str, bom: str) -> None:
    code, comment = _FRAMES[name]
    text = bom + filled(newline.join([comment.format(before), code, comment.format(after), ""]))
    try:
        moved, _ = move(name, text)
    except RewriteRefused:
        assert set(before + after) & set("\x0c\u2028\u2029\x85\x1c\ufeff\ud800\udfff")
        return
    lines = text.split(newline)
    assert moved.startswith(newline.join(lines[:1]) + newline)
    assert moved.endswith(newline + newline.join(lines[2:]))


@pytest.mark.parametrize("name", LANGUAGE)
@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_text_is_moved_and_restored_or_refused(name: str, data: st.DataObject) -> None:
    pieces = [
        "T0K",
        *"\"'`\\\n\r =:{}[]()#fbk,<>|$\0\ud800é😀",
        "\r\n",
        "//",
        "${",
        "- ",
        "import os\n",
        "/*",
        "*/",
    ]
    text = filled("".join(data.draw(st.lists(st.sampled_from(pieces), max_size=25))))
    if TOKEN not in text:
        return
    assert TOKEN not in _outcome(name, text)


def _outcome(name: str, text: str) -> str:
    """Return the refusal that a user would see, or an empty string."""
    try:
        move(name, text)
    except RewriteRefused as refusal:
        return str(refusal)
    return ""
