"""The user name and the password that docker's configuration holds together, in Base64."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.languages import language_of
from tokenward.rewriting.literal import HelperLogin
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.rewrite import Rewrite, plan_rewrite
from tokenward.rewriting.undo import UndoStep

REFERENCE = Reference("acme", "DOCKER_PASSWORD")
HUB = "https://index.docker.io/v1/"
LANGUAGE = language_of("/w/.docker/config.json", None, "{}")


def auth(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def plan(text: str, written: str) -> Rewrite:
    assert LANGUAGE is not None
    start = text.index(written)
    return plan_rewrite(text, LANGUAGE, [Span(start, start + len(written))], REFERENCE)


def moved(text: str, written: str) -> tuple[str, Rewrite]:
    """Return the text without an entry, after checking that it can be restored from a record without the password."""
    assert LANGUAGE is not None
    rewrite = plan(text, written)
    after = apply_edits(text, rewrite.edits)
    steps = [step.to_json() for step in rewrite.undo]
    assert written not in json.dumps(steps)
    back = plan_restore(after, LANGUAGE, [*map(UndoStep.from_json, steps)], REFERENCE, rewrite.value)
    assert apply_edits(after, back) == text
    return after, rewrite


@pytest.mark.parametrize(
    ("text", "expected", "url"),
    [
        (
            '{\n\t"auths": {\n\t\t"ghcr.io": {\n\t\t\t"auth": "T0K"\n\t\t}\n\t}\n}\n',
            '{\n\t"credHelpers": {"ghcr.io": "tokenward"},\n\t"auths": {\n\t\t"ghcr.io": {}\n\t}\n}\n',
            "https://ghcr.io",
        ),
        (
            f'{{"auths": {{"{HUB}": {{"auth":"T0K"}}, "x": {{}}}}, "credHelpers": {{"a": "b"}}}}',
            f'{{"auths": {{"{HUB}": {{}}, "x": {{}}}}, "credHelpers": {{"{HUB}": "tokenward", "a": "b"}}}}',
            HUB,
        ),
        (
            '{"credHelpers": {}, "auths": {"https://example.com:5000/v1/": {"auth": "T0K"}}}',
            '{"credHelpers": {"example.com:5000": "tokenward"}, "auths": {"https://example.com:5000/v1/": {}}}',
            "https://example.com:5000",
        ),
        (
            '{"credsStore": "secretservice",\r\n  "auths": {"a.b": {"auth": "T0K"}}}',
            '{"credsStore": "secretservice",\r\n  "credHelpers": {"a.b": "tokenward"},\r\n  "auths": {"a.b": {}}}',
            "https://a.b",
        ),
    ],
)
def test_an_entry_gives_way_to_a_helper(text: str, expected: str, url: str) -> None:
    written = auth("me", "pa:ss word")
    after, rewrite = moved(text.replace("T0K", written), written)
    assert after == expected
    assert rewrite.value.reveal() == "pa:ss word"
    assert rewrite.logins == (HelperLogin(url, "me"),)
    assert not rewrite.after


@pytest.mark.parametrize(
    "text",
    [
        '{"auths": {"a.b": {"auth": "T0K", "email": "me"}}}',
        '{"auths": {"a.b": {"auth": "T0K"}}, "credHelpers": {"a.b": "other"}}',
        '{"auths": {"a b": {"auth": "T0K"}}}',
        '{"auths": {"a\\"b": {"auth": "T0K"}}}',
        '{"more": {"auths": {"a.b": {"auth": "T0K"}}}}',
    ],
)
def test_an_entry_that_docker_would_not_ask_a_helper_for_stays(text: str) -> None:
    written = auth("me", "password")
    with pytest.raises(RewriteRefused):
        plan(text.replace("T0K", written), written)


@given(st.text(), st.text())
def test_any_password_returns_byte_for_byte_or_stays(user: str, password: str) -> None:
    written = auth(user.encode(errors="replace").decode(), password.encode(errors="replace").decode())
    try:
        _, rewrite = moved(json.dumps({"auths": {"a.b": {"auth": written}}}), written)
    except RewriteRefused:
        return
    assert auth(rewrite.logins[0].user, rewrite.value.reveal()) == written
