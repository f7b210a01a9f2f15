"""No known value appears in the output, however the stream is split; everything else passes unchanged."""

from __future__ import annotations

import base64
import itertools
import json
import random
import re
import string
from collections.abc import Callable, Sequence
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import tokens
from stream_bytes import CUTS, portions
from tokenward.findings.known_values.encodings import SHORTEST, ValueSpelling, spellings
from tokenward.findings.known_values.known_values import KnownValues
from tokenward.model import Secret

GITHUB = tokens.github("known")
PASSWORD = "pä$s/w+rd?&\\ \"q'"
KEY = "\n".join(
    ["-----BEGIN KEY-----", *(f"line{n}" + "Zx9" * 12 for n in range(3)), "-----END KEY-----", ""]
)
VALUES = [GITHUB, PASSWORD, KEY, tokens.npm("known"), tokens.aws("known")[1]]
PREFIXES = ("ghp" + "_", "npm" + "_")


def masked(data: bytes, known: Sequence[ValueSpelling], cuts: Sequence[int] = ()) -> bytes:
    stream = KnownValues(known)
    return b"".join([*map(stream.feed, portions(data, cuts)), stream.finish()])


def masked_of(data: bytes | str, *values: str, cuts: Sequence[int] = ()) -> bytes:
    data = data.encode() if isinstance(data, str) else data
    return masked(data, spellings(map(Secret, values or VALUES), PREFIXES), cuts)


def plainly_masked(data: bytes, known: Sequence[ValueSpelling]) -> bytes:
    """Mask the same by searching for every value at every place."""
    out = bytearray(data)
    for spelling in known:
        size = len(spelling.content)
        for place in range(len(data) - size + 1):
            if data[place : place + size] == spelling.content:
                out[place + spelling.public : place + size] = b"*" * (size - spelling.public)
    return bytes(out)


SMALL = st.text("abc", min_size=SHORTEST, max_size=24).map(str.encode)
KNOWN = st.lists(st.tuples(SMALL, st.integers(0, 3)), min_size=1, max_size=6).map(
    lambda pairs: [ValueSpelling(content, public) for content, public in dict(pairs).items()]
)


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[ValueSpelling]]:
    """Draw a stream of partial spellings, whole ones, and other text."""
    known = draw(KNOWN)
    pieces = st.one_of(
        st.sampled_from([spelling.content for spelling in known]),
        st.sampled_from([spelling.content[:cut] for spelling in known for cut in range(1, 7)]),
        st.text("abc.", max_size=9).map(str.encode),
    )
    return b"".join(draw(st.lists(pieces, max_size=12))), known


@example(stream=(b"a" * 40, [ValueSpelling(b"a" * 9, 2), ValueSpelling(b"aaaaaaab", 3)]), cuts=[3, 1])
@given(stream=streams(), cuts=CUTS)
def test_what_comes_out_is_the_same_however_it_came(
    stream: tuple[bytes, list[ValueSpelling]], cuts: list[int]
) -> None:
    data, known = stream
    assert masked(data, known, cuts) == plainly_masked(data, known)


@given(stream=streams())
def test_a_beginning_is_let_through_only_when_it_cannot_become_a_value(
    stream: tuple[bytes, list[ValueSpelling]],
) -> None:
    data, known = stream
    values = KnownValues(known)
    shown = b""
    for place in range(len(data)):
        shown += values.feed(data[place : place + 1])
        ends = [spelling.content for spelling in known]
        for end in ends:
            assert plainly_masked(data[: place + 1] + end, known).startswith(shown)
        assert values.held_bytes < max(map(len, ends))


FORMS: dict[str, Callable[[str], str]] = {
    "plain": lambda value: value,
    "json": lambda value: json.dumps({"token": value}),
    "json in unicode": lambda value: json.dumps([value], ensure_ascii=False),
    "hex": lambda value: value.encode().hex(),
    "url": quote,
    "url without slashes": lambda value: quote(value, safe=""),
    "form": quote_plus,
    "component": lambda value: quote(value, safe="!'()*"),
    "lower url": lambda value: re.sub("%..", lambda found: found[0].lower(), quote(value, safe="")),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64 of a line": lambda value: base64.b64encode(value.encode() + b"\n").decode(),
    "basic auth": lambda value: base64.b64encode(b"user:" + value.encode()).decode(),
    "url-safe": lambda value: base64.urlsafe_b64encode(b"x" + value.encode() + b":").decode().rstrip("="),
    "lines at a terminal": lambda value: value.replace("\n", "\r\n"),
    "indented lines": lambda value: value.replace("\n", "\n    "),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_value_is_masked_in_every_form_that_programs_print(form: str) -> None:
    for value, size in itertools.product(VALUES, (1, 7, 64, 100_000)):
        written = FORMS[form](value)
        text = f"before {written} after"
        out = masked_of(text, cuts=[size] * (len(text.encode()) // size)).decode()
        assert out.startswith("before ")
        assert out.endswith(" after")
        # Only these may remain: its public beginning, a key's first and last line, and text shared with neighbours.
        middle = written[len(written) // 4 : -len(written) // 4]
        assert not [place for place in range(len(middle) - 7) if middle[place : place + 8] in out], size
        assert out.count("*") >= len(middle) - 15, (out, size)


@given(before=st.binary(max_size=5), after=st.binary(max_size=5), seed=st.integers(0, 99))
def test_base64_hides_all_but_the_characters_that_neighbours_share(
    before: bytes, after: bytes, seed: int
) -> None:
    value = tokens.npm(seed)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(before + value.encode() + after)
        left = masked_of(text, value)
        assert len(left) == len(text)
        first, last = len(before) * 8 // 6, -(-(len(before) + len(value)) * 8 // 6)
        assert left.count(b"*") >= last - first - 3
        assert left[:first] == text[:first]


def test_the_look_is_that_of_redact() -> None:
    assert masked_of(f"<{GITHUB}>") == f"<{GITHUB[:4]}{'*' * 36}>".encode()
    assert masked_of("<ключ漢字ключ>", "ключ漢字ключ") == b"<************>"
    assert masked_of(KEY.replace("\n", "\r\n"), KEY).count(b"\r\n") == 5


@pytest.mark.parametrize("value", ["true", "1234", "abcdef", "password", "localhost", "0" * 40, ""])
def test_what_is_too_short_or_too_common_is_not_masked(value: str) -> None:
    assert masked_of(f"a {value} b", value) == f"a {value} b".encode()


def test_a_public_beginning_that_is_most_of_a_value_is_masked() -> None:
    assert masked(b"<prefix_abc>", spellings([Secret("prefix_abc")], ["prefix_"])) == b"<**********>"


def test_of_what_waits_a_quarter_is_shown_and_what_goes_on_with_it_is_masked_at_once() -> None:
    stream = KnownValues(spellings([Secret(GITHUB)], PREFIXES))
    assert stream.feed(f"$ {GITHUB[:20]}".encode()) == f"$ {GITHUB[:4]}".encode()
    assert (stream.held_bytes, stream.begun_bytes) == (16, 20)
    assert stream.release_now() == f"{GITHUB[4:10]}{'*' * 10}".encode()
    assert stream.feed(GITHUB[20:22].encode()) == b"**"
    assert stream.feed(f"{GITHUB[22:]}!".encode()) == b"*" * 18 + b"!"


def test_what_was_let_go_and_goes_on_as_other_text_is_shown() -> None:
    stream = KnownValues(spellings([Secret(GITHUB)], PREFIXES))
    stream.feed(GITHUB[:8].encode())
    assert stream.release_now() == GITHUB[4:8].encode()
    assert (
        stream.feed(b" is its beginning, " + GITHUB[:4].encode())
        == b" is its beginning, " + GITHUB[:4].encode()
    )


def test_what_is_no_value_is_not_held() -> None:
    stream = KnownValues(spellings([Secret(GITHUB)], PREFIXES))
    for text in (b"Password: ", b"$ ", b"\x1b[1mready\x1b[m\r\n", GITHUB[:4].encode()):
        assert stream.feed(text) == text


@given(st.binary(max_size=3000), CUTS)
def test_other_bytes_pass_unchanged(data: bytes, cuts: list[int]) -> None:
    assert masked_of(data, cuts=cuts) == data


def test_a_row_of_equal_bytes_takes_linear_time() -> None:
    """A value begins at each of a million places; checking them one by one would take minutes."""
    known = [ValueSpelling(b"ab" * 200), ValueSpelling(b"ab" * 100_000 + b"c")]
    data = b"ab" * 500_000
    cuts = [65_536] * 20
    assert masked(data, known, cuts) == b"*" * len(data)


def test_hundreds_of_values_are_masked_at_once() -> None:
    choose = random.Random(7)
    values = ["".join(choose.choices(string.ascii_letters, k=24)) for _ in range(500)]
    text = " ".join(values)
    assert set(masked_of(text, *values)) == set(b"* ")
