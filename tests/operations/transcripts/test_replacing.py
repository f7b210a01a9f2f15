"""Replacing values: the values go, in whatever spelling, and nothing else changes."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from tokenward.detection.engine import Detector
from tokenward.model import Secret
from tokenward.operations.transcripts.redact import (
    LABEL,
    ValueReplacer,
    replaced_bytes,
    replaced_records,
)

TOKEN = tokens.github("replaced")
PASSWORD = 'quote"back\\slash é'
NEW = "keyring://acme-api/GITHUB_TOKEN"
REPLACER = ValueReplacer([(Secret(TOKEN), NEW), (Secret(PASSWORD), LABEL)])
WORDS = st.text(max_size=20) | st.sampled_from(
    [f"a {TOKEN} b", TOKEN, PASSWORD, f"{PASSWORD}{TOKEN}", "\ud800", "𝄞"]
)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


def expected(tree: Any) -> Any:
    if isinstance(tree, str):
        return tree.replace(TOKEN, NEW).replace(PASSWORD, LABEL)
    if isinstance(tree, list):
        return [expected(one) for one in tree]
    return {key: expected(one) for key, one in tree.items()} if isinstance(tree, dict) else tree


@given(st.lists(TREES.map(lambda tree: {"record": tree}), max_size=4), st.booleans())
def test_every_line_stays_a_record_with_the_same_keys(records: list[Any], is_ascii: bool) -> None:
    if not is_ascii:
        records = json.loads(json.dumps(records).replace("\\ud800", "?"))
    written = [json.dumps(record, ensure_ascii=is_ascii) for record in records]
    stream = io.BytesIO("".join(f"{line}\n" for line in written).encode())
    lines = b"".join(replaced_records(stream, REPLACER)).decode().split("\n")[:-1]
    assert [json.loads(line) for line in lines] == [expected(record) for record in records]
    untouched = [record == expected(record) for record in records]
    assert [line for line, same in zip(lines, untouched, strict=True) if same] == [
        line for line, same in zip(written, untouched, strict=True) if same
    ]


class Trickle(io.BytesIO):
    """A stream whose reads return a few bytes."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._most = size

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._most)


@given(st.lists(st.binary(max_size=30) | st.just(TOKEN.encode()) | st.just(TOKEN.encode()[:9]), max_size=8))
def test_a_value_split_between_reads_is_replaced(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    for size in (1, 7, 64):
        for keeps_length in (False, True):
            new = b"*" * len(TOKEN) if keeps_length else NEW.encode()
            done = b"".join(replaced_bytes(Trickle(whole, size), REPLACER, keeps_length=keeps_length))
            assert done == whole.replace(TOKEN.encode(), new)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ('{"a" : 1.50, "b":"\\u00e9\\/' + TOKEN + '"}', '{"a" : 1.50, "b":"\\u00e9\\/' + NEW + '"}'),
        ('{"a":1,"a":"' + TOKEN + '"}', '{"a":1,"a":"' + NEW + '"}'),
        ('{"a":"' + TOKEN.replace("h", "\\u0068", 1) + '"}', '{"a": "' + NEW + '"}'),
        ("not JSON " + TOKEN, "not JSON " + NEW),
        ("[" * 20_000 + TOKEN, "[" * 20_000 + NEW),
        (base64.b64encode(f"user:{TOKEN}".encode()).decode(), None),
        (TOKEN.encode().hex(), NEW),
    ],
    ids=["spaces and escapes", "a key twice", "an escape in the value", "text", "too deep", "Base64", "hex"],
)
def test_as_much_as_possible_stays_as_it_was_written(written: str, kept: str | None) -> None:
    done = REPLACER.replaced_text(written)
    assert TOKEN not in done
    if kept is None:
        assert NEW in done
    else:
        assert done.replace('": "', '":"') == kept.replace('": "', '":"')


def test_the_scanner_ignores_what_takes_a_tokens_place(detector: Detector) -> None:
    for new in (LABEL, NEW):
        for text in (
            f"password = '{new}'",
            f"postgres://me:{new}@db.example.com/x",
            f"Authorization: Bearer {new}",
        ):
            assert detector.detect_all(text, "transcript").found == (), text
            assert detector.detect_all(json.dumps({"api_key": new, "t": text}), "s.jsonl").found == (), text
