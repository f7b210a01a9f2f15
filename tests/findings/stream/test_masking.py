"""No token appears in the output, however the stream is split; everything else passes unchanged."""

from __future__ import annotations

import itertools
import random
import string
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import recordings
import tokens
from examples import up_to
from stream_bytes import CUTS, STREAMS, portions
from tokenward.detection.engine import Detector
from tokenward.findings.stream.masking import Masker
from tokenward.findings.stream.open_keys import open_keys
from tokenward.findings.stream.stream_scan import StreamScanner
from tokenward.sources.stream.stream import Stream

MAKERS = [tokens.github, tokens.npm, tokens.stripe, tokens.anthropic, tokens.gitlab, tokens.slack]
FORMS = [
    "token: {}\n",
    'export TOKEN="{}"\r\n',
    "{}\n",
    "http://127.0.0.1:8888/?token={} \n",
    "\x1b]0;t {}\x07",
    "\x1b]8;;http://a.example/?token={}\x1b\\link\x1b]8;;\x1b\\\n",
    "\x1b[32mover\x1b[m\r{}\n",
    "{}\rover it\n",
    "\x1bP{}\x1b\\",
    "漢字 {} é\n",
    "\0{}\0\n",
    "\x1b[2K\r{} 10%\r{} 20%\n",
]
NOISE = [
    b"hello world\n",
    b"\x1b[31mred\x1b[m ",
    b"10%\r20%\r30%\n",
    "ünïcode 漢字\n".encode(),
    b"\x1b]0;title\x07",
    b"a\x08b\n",
    b"\xff\xfe broken \xe2\x82\n",
    b"\x1b[2K\r",
    b"\x1b[?1049h\x1b[H",
    b"x" * 300 + b"\n",
]
SPLITTERS = ["\x1b[1m", "\0", "\x1b(B", "\x9b4m", "\x86", "Z\b"]
BEGINNING = tokens.private_key().splitlines()[0]


def scanner(detector: Detector, columns: int = 0) -> StreamScanner:
    return StreamScanner(detector, columns=columns)


def masked(detector: Detector, data: bytes, cuts: Sequence[int] = (), columns: int = 0) -> bytes:
    masker = Masker(scanner(detector, columns))
    return b"".join([*map(masker.feed, portions(data, cuts)), masker.finish()])


def masked_live(
    detector: Detector, data: bytes, cuts: Sequence[int], chance: random.Random, columns: int = 0
) -> tuple[bytes, list[bytes]]:
    """Return the output, and its parts, of a masker that is polled often and pauses now and then."""
    masker = Masker(scanner(detector, columns))
    out = []
    for part in portions(data, cuts):
        out.append(masker.feed(part))
        if chance.random() < 0.8:
            out.append(masker.release_settled())
        if chance.random() < 0.2:
            out.append(masker.release_settled(is_late=True))
            assert not masker.is_holding
    out.append(masker.finish())
    return b"".join(out), out


def assert_hidden(values: Sequence[str], data: bytes, columns: int = 0) -> None:
    """Assert that no value is in the bytes, nor in a terminal's rendering of them."""
    stream = Stream(columns)
    shown = "\n".join(segment.text for segment in [*stream.feed(data), *stream.finish()])
    assert [at for at, value in enumerate(values) if value.encode() in data or value in shown] == []


@st.composite
def streams_with_tokens(draw: st.DrawFn) -> tuple[bytes, list[str]]:
    parts, values = [], []
    for _ in range(draw(st.integers(1, 5))):
        parts.append(draw(st.sampled_from(NOISE)))
        value = draw(st.sampled_from(MAKERS))(draw(st.integers(0, 1000)))
        values.append(value)
        written = value
        if draw(st.booleans()):
            at, splitter = draw(st.integers(1, len(value) - 1)), draw(st.sampled_from(SPLITTERS))
            written = value[:at] + splitter + value[at:]
        form = draw(st.sampled_from(FORMS))
        is_string = form.startswith(("\x1b]", "\x1bP"))
        parts.append(form.replace("{}", value if is_string else written).encode())
    return b"".join(parts), values


@settings(max_examples=up_to(150))
@given(made=streams_with_tokens(), cuts=CUTS)
def test_no_token_comes_through(detector: Detector, made: tuple[bytes, list[str]], cuts: list[int]) -> None:
    data, values = made
    whole = masked(detector, data)
    assert_hidden(values, whole)
    assert len(whole) == len(data)
    assert masked(detector, data, cuts) == whole
    # Text that was overwritten inside a token stays, and with the stars may look like another token.
    assert b"\x08" in data or masked(detector, whole) == whole


@settings(max_examples=up_to(150))
@given(made=streams_with_tokens(), cuts=st.lists(st.integers(0, 1 << 30), max_size=40), seed=st.integers())
def test_no_token_comes_through_to_somebody_who_looks(
    detector: Detector, made: tuple[bytes, list[str]], cuts: list[int], seed: int
) -> None:
    data, values = made
    out, _ = masked_live(detector, data, cuts, random.Random(seed))
    assert_hidden(values, out)
    assert len(out) == len(data)


@settings(max_examples=100)
@given(made=streams_with_tokens())
def test_only_what_is_a_token_changes(detector: Detector, made: tuple[bytes, list[str]]) -> None:
    data, _ = made
    watching = scanner(detector)
    found = [*watching.feed(data), *watching.finish()]
    places = {at for one in found for start, end in one.received for at in range(start, end)}
    changed = {
        at for at, (old, new) in enumerate(zip(data, masked(detector, data), strict=True)) if old != new
    }
    assert changed <= places
    assert {new for at, new in enumerate(masked(detector, data)) if at in changed} <= {ord("*")}


@settings(max_examples=up_to(150))
@given(data=STREAMS, cuts=CUTS, seed=st.integers())
def test_a_stream_without_tokens_passes_as_it_is(
    detector: Detector, data: bytes, cuts: list[int], seed: int
) -> None:
    watching = scanner(detector)
    if not [*watching.feed(data), *watching.finish()]:
        assert masked(detector, data, cuts) == data


@pytest.mark.parametrize("name", recordings.names())
def test_no_token_of_a_recorded_session_comes_through(detector: Detector, name: str) -> None:
    token = tokens.github("recorded")
    data, count = recordings.filled(name, token)
    assert count
    whole = masked(detector, data, columns=recordings.COLUMNS)
    assert_hidden([token], whole, recordings.COLUMNS)
    assert len(whole) == len(data)
    for step in (1, 7, 61):
        cuts = range(0, len(data), step)
        assert masked(detector, data, cuts, recordings.COLUMNS) == whole
    assert masked(detector, whole, columns=recordings.COLUMNS) == whole
    for seed in range(3):
        anywhere = [random.Random(seed).randrange(len(data)) for _ in range(40)]
        out, _ = masked_live(detector, data, anywhere, random.Random(seed), recordings.COLUMNS)
        assert_hidden([token], out, recordings.COLUMNS)


def key_parts(end: str = "\n") -> Iterator[bytes]:
    for line in tokens.private_key().split("\n"):
        yield (line + end).encode()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("is_late", [False, True])
def test_no_line_of_a_private_key_comes_through(detector: Detector, end: str, is_late: bool) -> None:
    masker = Masker(scanner(detector))
    out = b""
    for part in [b"$ cat key\n", *key_parts(end), b"$ "]:
        for half in (part[:9], part[9:]):
            out += (
                masker.feed(half)
                + masker.release_settled()
                + (masker.release_settled(is_late=True) if is_late else b"")
            )
    assert not masker.is_holding
    out += masker.finish()
    body = tokens.private_key().split("\n")[1:-1]
    assert [line for line in body if line[10:30].encode() in out] == []
    assert out.endswith(b"$ ")
    assert out.count(b"\n") == len(body) + 3


AFTERWARDS = "\nada@laptop:~$ ls\nMakefile  README.md\n"


@pytest.mark.parametrize("lines", range(2, len(tokens.private_key().split("\n"))))
def test_a_key_that_is_cut_off_is_masked_as_far_as_it_goes(detector: Detector, lines: int) -> None:
    text = "$ head key\n" + "\n".join(tokens.private_key().split("\n")[:lines]) + AFTERWARDS
    body = tokens.private_key().split("\n")[1 : lines - 1]
    whole, (live, _) = (
        masked(detector, text.encode()),
        masked_live(detector, text.encode(), [200, 333], random.Random(lines)),
    )
    for out in (whole, live, by_lines(detector, text)):
        assert [line for line in body if line[8:40].encode() in out] == []
        assert out.endswith(AFTERWARDS.encode())
        assert len(out) == len(text)


@pytest.mark.parametrize(
    "prefix", ["web_1  | ", "    {n}\t", "+", "  ", "2026-01-01T00:00:{n}.123Z stdout F ", "{n}: "]
)
def test_a_key_is_masked_behind_prefixes_as_its_lines_come(detector: Detector, prefix: str) -> None:
    lines = tokens.private_key().split("\n")
    text = (
        "".join(f"{prefix.format(n=number + 10)}{line}\n" for number, line in enumerate(lines)) + AFTERWARDS
    )
    for out in (by_lines(detector, text), masked(detector, text.encode())):
        assert [line for line in lines[1:-1] if line[8:].encode() in out] == []
        assert out.endswith(AFTERWARDS.encode())


def test_a_key_in_one_line_is_masked_byte_by_byte(detector: Detector) -> None:
    key = tokens.private_key()
    text = f'KEY="{key}"\n'.replace("\n", "\\n", key.count("\n")).encode()
    masker = Masker(scanner(detector))
    out = (
        b"".join(masker.feed(text[at : at + 1]) + masker.release_settled() for at in range(len(text)))
        + masker.finish()
    )
    assert [line for line in key.split("\n")[1:-1] if line[8:].encode() in out] == []
    assert len(out) == len(text)


@settings(max_examples=20)
@given(seed=st.integers(), is_late=st.booleans())
def test_a_very_long_key_is_masked_in_whatever_pieces_it_comes(
    detector: Detector, seed: int, *, is_late: bool
) -> None:
    made = random.Random(seed)
    lines = ["".join(made.choices(string.ascii_letters + string.digits + "+/", k=64)) for _ in range(600)]
    text = "\n".join([tokens.private_key().split("\n")[0], *lines]).encode()
    masker, out = Masker(scanner(detector)), b""
    for start in range(0, len(text), 2048):
        out += masker.feed(text[start : start + 2048]) + masker.release_settled(is_late=is_late)
    out += masker.finish()
    assert [line for line in lines if line[8:].encode() in out] == []


@pytest.mark.parametrize("prefix", ["1 " * 45 + "|", "1a" * 45 + "|", " 1\t" * 30 + "|", "-" * 90])
def test_no_prefix_of_a_key_makes_a_line_take_for_ever(prefix: str) -> None:
    """A search that tries every way to split the digits into numbers never ends."""
    line = "1" * 5000 + " 1" * 5000
    text = f"{prefix}{tokens.private_key().splitlines()[0]}\n{line}\n{'A' * 64}\n"
    assert [one for one in open_keys(text) if one.end < text.index(line)] == []


@given(st.lists(st.sampled_from([BEGINNING, "A" * 64, "=AbC", "A", "\n", "\\n", "x: y", "-", " |"])))
@example([BEGINNING, "A", "x: y", BEGINNING, "A" * 64])
def test_open_keys_lie_within_the_text_and_apart(parts: list[str]) -> None:
    text = "".join(parts)
    found = list(open_keys(text))
    assert all(0 < one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))


def by_lines(detector: Detector, text: str) -> bytes:
    """Return the output when there is a pause after each line."""
    masker, out = Masker(scanner(detector)), b""
    for line in text.splitlines(keepends=True):
        out += masker.feed(line.encode()) + masker.release_settled() + masker.release_settled(is_late=True)
    return out + masker.finish()


def test_what_only_names_a_private_key_is_no_beginning_of_one(detector: Detector) -> None:
    masker = Masker(scanner(detector))
    text = b"a.py:1: HEAD = '" + next(key_parts()).strip() + b"'\n$ ls and more\n"
    out = masker.feed(text) + masker.release_settled()
    assert out + masker.release_settled(is_late=True) == text
    assert out == text


def test_what_cannot_be_a_token_is_not_waited_for(detector: Detector) -> None:
    masker = Masker(scanner(detector))
    for text in (b"$ ", b"hello", b"\r\n\x1b[32m50%\x1b[m", b"\r60%", "漢".encode(), b"\x1b]0;title\x07"):
        assert masker.feed(text) + masker.release_settled() == text
        assert not masker.is_holding


def test_what_may_be_a_token_is_held_and_let_through_when_late(detector: Detector) -> None:
    token = tokens.github()
    masker = Masker(scanner(detector))
    assert masker.feed(b"a " + token[:20].encode()) + masker.release_settled() == b"a "
    assert masker.is_holding
    assert masker.feed(token[20:].encode()) + masker.release_settled() == b""
    out = masker.release_settled(is_late=True)
    assert out == token[:4].encode() + b"*" * 36
    assert masker.feed(b"\n") + masker.release_settled() == b"\n"
    assert len(masker.sightings) == 1


def test_half_a_sequence_is_held(detector: Detector) -> None:
    masker = Masker(scanner(detector))
    assert masker.feed(b"a\x1b[3") + masker.release_settled() == b"a"
    assert masker.feed(b"1mb") + masker.release_settled() == b"\x1b[31mb"
    assert masker.feed(b"\x1b]0;ti") + masker.release_settled() == b""
    assert masker.feed(b"tle\x07") + masker.release_settled() == b"\x1b]0;title\x07"


def test_a_mask_keeps_the_width_and_says_the_kind(detector: Detector) -> None:
    token = tokens.github()
    assert masked(detector, f"a {token} b".encode()) == f"a {token[:4]}{'*' * 36} b".encode()
    password = "7Kq漢字" + "vT9mXw2Rb"
    line = "postgres://app:{}@db.example.org/x\n"
    assert masked(detector, line.format(password).encode()).decode() == line.format("*" * 16)


def test_a_token_that_was_shown_in_pieces_is_hidden_from_then_on(detector: Detector) -> None:
    token = tokens.github()
    masker = Masker(scanner(detector))
    out = b""
    for character in token:
        out += masker.feed(character.encode()) + masker.release_settled()
    out += masker.feed(b"\n") + masker.release_settled()
    assert out == token[:4].encode() + b"*" * 36 + b"\n"
