"""The password of an index's URL goes, and its user stays, for whom the tool asks Python's keyring."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriting.moving import filled, spans_of
from tokenward.errors import RewriteRefused
from tokenward.model import Reference
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.languages import Language, language_of
from tokenward.rewriting.literal import HelperLogin
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.rewrite import plan_rewrite

REFERENCE = Reference("acme", "API_KEY")
URL = "https://ada:T0K@pkgs.example.com:8443/acme/simple"
LOGIN = HelperLogin("https://pkgs.example.com:8443/acme/simple", "ada")
FILES = [
    (".config/pip/pip.conf", f"[global]\nindex-url = {URL}\n"),
    ("pip.ini", f"[install]\r\nextra-index-url =\r\n    https://example.com\r\n    {URL}\r\n"),
    ("pip.conf", f"[global]\nindex-url = {URL}\nextra-index-url = {URL} https://example.com"),
    (".config/uv/uv.toml", f'[[index]]\nname = "a"\nurl = "{URL}"\n'),
    ("uv.toml", f"index-url = \"{URL}\"\n[pip]\nextra-index-url = ['https://example.com', '{URL}']\n"),
    ("pyproject.toml", f'[[tool.uv.index]]\nurl = "{URL}"\nname = "a"\n[tool.uv.pip]\nindex-url = "{URL}"\n'),
]


def language(path: str, text: str) -> Language:
    found = language_of(f"/w/{path}", None, text)
    assert found is not None
    return found


@pytest.mark.parametrize(("path", "text"), FILES)
def test_the_password_of_a_url_goes_and_returns(path: str, text: str) -> None:
    text = filled(text)
    rewrite = plan_rewrite(text, language(path, text), spans_of(text), REFERENCE)
    moved = apply_edits(text, rewrite.edits)
    assert moved == filled(text, "T0K").replace(f":{rewrite.value.reveal()}@", "@")
    assert rewrite.logins == (LOGIN,)
    assert rewrite.asks_helper
    assert not rewrite.needs_environment
    assert "pipx install --include-deps tokenward" in rewrite.after
    back = plan_restore(moved, language(path, moved), rewrite.undo, REFERENCE, rewrite.value)
    assert apply_edits(moved, back) == text


@pytest.mark.parametrize(("path", "text"), FILES)
def test_a_file_that_was_edited_after_the_move_is_left_alone(path: str, text: str) -> None:
    text = filled(text)
    rewrite = plan_rewrite(text, language(path, text), spans_of(text), REFERENCE)
    edited = "# a\n" + apply_edits(text, rewrite.edits)
    with pytest.raises(RewriteRefused, match="by hand"):
        plan_restore(edited, language(path, edited), rewrite.undo, REFERENCE, rewrite.value)


@given(
    st.sampled_from(FILES),
    st.text(st.sampled_from("abXY09-_.:%@/{}$'\"\\ \n"), max_size=8),
    st.text(st.sampled_from("abXY09-_.:%@/{}$'\"\\ \n"), max_size=8),
)
def test_any_url_is_moved_and_restored_byte_for_byte_or_refused(
    file: tuple[str, str], before: str, after: str
) -> None:
    path, text = file
    text = filled(text.replace("ada:", f"ada{before}:").replace("@pkgs", f"{after}@pkgs"))
    try:
        rewrite = plan_rewrite(text, language(path, text), spans_of(text), REFERENCE)
    except RewriteRefused:
        return
    moved = apply_edits(text, rewrite.edits)
    back = plan_restore(moved, language(path, moved), rewrite.undo, REFERENCE, rewrite.value)
    assert apply_edits(moved, back) == text
