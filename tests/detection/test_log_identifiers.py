"""Identifiers of tokens in access logs, as the providers document them."""

from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from tokenward.detection.engine import Detector
from tokenward.detection.log_identifiers import gitlab_user, hash_identifier, identifiers, identifiers_of

KEY_ID, SECRET = tokens.aws(1)
OTHER_ID, OTHER_SECRET = tokens.aws(2)


def routable(payload: bytes, random: bytes = bytes(range(16))) -> str:
    """Return a token like one from GitLab's own generator, except for the checksum."""
    encoded = base64.urlsafe_b64encode(random + payload + bytes([len(payload)])).decode().rstrip("=")
    return "gl" + f"pat-{encoded}.01.{'0' * 9}"


def test_every_token_is_called_by_its_hash() -> None:
    value = tokens.github(1)
    assert identifiers(value) == (base64.b64encode(sha256(value.encode()).digest()).decode(),)


def test_a_hash_is_the_same_in_any_spelling() -> None:
    digest = sha256(b"x").digest()
    assert hash_identifier(bytes.fromhex(digest.hex())) == hash_identifier(digest)


def test_an_access_key_of_aws_is_called_by_its_id() -> None:
    assert identifiers(KEY_ID)[1:] == (KEY_ID,)


@pytest.mark.parametrize(
    ("payload", "user"),
    [
        (b"c:1\no:1\nu:1z", 71),
        (b"o:1\nu:a", 10),
        (b"o:1\np:5", None),
        (b"o:1\nu:" + b"z" * 13, None),
        (b"o:1\nu:?", None),
        (b"\xff\nu:2", 2),
        (b"", None),
    ],
)
def test_a_routable_token_of_gitlab_names_its_user(payload: bytes, user: int | None) -> None:
    assert identifiers(routable(payload))[1:] == (() if user is None else (gitlab_user(user),))


def test_what_only_looks_routable_names_nobody() -> None:
    whole = routable(b"o:1\nu:a")
    wrong_size = whole[:-13] + "A" + whole[-12:]
    assert [identifiers(value)[1:] for value in (wrong_size, tokens.gitlab(1))] == [(), ()]


PAIR = f"aws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n"
OTHER_PAIR = f"aws_secret_access_key = {OTHER_SECRET}\naws_access_key_id = {OTHER_ID}\n"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (PAIR, {SECRET: (KEY_ID,)}),
        (f"[a]\n{PAIR}[b]\n{OTHER_PAIR}", {SECRET: (KEY_ID,), OTHER_SECRET: (OTHER_ID,)}),
        (f"aws_secret_access_key = {SECRET}\n", {SECRET: ()}),
        (f"{PAIR}aws_secret_access_key = {OTHER_SECRET}\n", {SECRET: (), OTHER_SECRET: ()}),
    ],
    ids=["a pair", "two pairs", "no id", "fewer ids than secrets"],
)
def test_a_secret_key_of_aws_is_called_by_the_id_beside_it(
    detector: Detector, text: str, named: dict[str, tuple[str, ...]]
) -> None:
    found = detector.detect_all(text, "credentials").found
    names = {
        one.secret.reveal(): all_names[1:]
        for one, all_names in zip(found, identifiers_of(found), strict=True)
    }
    assert {value: names[value] for value in named} == named


@given(st.text(st.characters(), max_size=400))
def test_any_value_has_names(value: str) -> None:
    assert identifiers(value)
