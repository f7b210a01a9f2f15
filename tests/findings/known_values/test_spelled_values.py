"""A value is masked however its characters are spelled and the stream is split."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import tokens
from stream_bytes import CUTS, portions
from tokenward.findings.known_values.encodings import spellings
from tokenward.findings.known_values.known_values import KnownValues
from tokenward.findings.known_values.spelled_values import LONGEST, UNFINISHED, readings
from tokenward.model import Secret

PREFIX = "ghp" + "_"


def masked(text: str, values: Sequence[str], cuts: Sequence[int] = ()) -> str:
    stream = KnownValues(spellings(map(Secret, values), [PREFIX]))
    return b"".join([*map(stream.feed, portions(text.encode(), cuts)), stream.finish()]).decode()


def utf16(character: str, form: str = "\\u{:04x}") -> str:
    codes = character.encode("utf-16-be", "surrogatepass").hex(" ", 2).split()
    return "".join(form.format(int(code, 16)) for code in codes)


def before_signs(character: str) -> str:
    return character if character.isalnum() else f"\\{character}"


SPELL: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda character: "".join(f"%{byte:02X}" for byte in character.encode()),
    "lower percent": lambda character: "".join(f"%{byte:02x}" for byte in character.encode()),
    "utf-16": utf16,
    "upper utf-16": lambda character: utf16(character, "\\u{:04X}"),
    "backslash": before_signs,
    "json": lambda character: json.dumps(character)[1:-1],
    "form": quote_plus,
}


def all_by(name: str) -> Callable[[str], str]:
    return lambda text: "".join(map(SPELL[name], text))


def only(signs: str, name: str) -> Callable[[str], str]:
    return lambda text: "".join(SPELL[name](one) if one in signs else one for one in text)


LIBRARIES: dict[str, Callable[[str], str]] = {
    "password of a URL in Node": lambda text: quote(text, safe="!$&'()*+,-._~"),
    "encodeURI": lambda text: quote(text, safe=";,/?:@&=+$-_.!~*'()#"),
    "user information in Go": lambda text: quote(text, safe="$&+,;=-_.~"),
    "encoding/json": lambda text: only("&<>", "utf-16")(json.dumps(text, ensure_ascii=False)[1:-1]),
    "System.Text.Json": only("&<>+'\"`\\é漢", "upper utf-16"),
    "Gson": lambda text: only("&<>='", "utf-16")(json.dumps(text, ensure_ascii=False)[1:-1]),
    "json_encode": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "bash %q": lambda text: "".join(map(before_signs, text)),
    "in quotes for a shell": lambda text: re.sub(r'(["$`\\])', r"\\\1", text),
}
SIGNS = "k&9<x>+z/7@q=\"w'\\s%41 é漢😀;#~`$"


WRITTEN = [SIGNS, "Eby8vdM02xNOcqF+/lq3aA==", "p%2Fq&amp;r\\ns/t+u", "-----K\nAb/9+\n\nxY=\n"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_value_is_masked_as_libraries_write_it(library: str) -> None:
    for value, size in itertools.product(WRITTEN, (1, 5, 10_000)):
        text = f"<{LIBRARIES[library](value)}>"
        out = masked(text, [value], [size] * (len(text.encode()) // size))
        assert set(out[1:-1]) <= set("*\n \"'\\%25C"), (out, size)
        assert not re.search(r"[A-Za-z0-9]{3}", out.replace("%5C", "").replace("%22", "")), (out, size)


CHARACTERS = "%\\&;+ /\"'<>#aAbn0x45-_=é漢😀\n"
VALUES = st.text(CHARACTERS, min_size=7, max_size=16).filter(lambda text: len(set(text)) > 3)
ONCE = st.sampled_from(sorted(SPELL))


@st.composite
def spelled(draw: st.DrawFn) -> tuple[str, str]:
    value = draw(VALUES)
    return value, "".join(SPELL[draw(ONCE)](character) for character in value)


@example(value=("a%41/b\\n&", "a%41\\/b\\n&"), before="\\", after="4", cuts=[1] * 20)
@given(
    value=spelled(), before=st.text("x%\\& ", max_size=3), after=st.text("x%\\&4; ", max_size=3), cuts=CUTS
)
def test_each_character_may_be_spelled_in_another_way(
    value: tuple[str, str], before: str, after: str, cuts: list[int]
) -> None:
    text = f"{before}{value[1]}{after}"
    out = masked(text, [value[0]], cuts)
    assert out == masked(text, [value[0]])
    hidden = out[len(before) : -len(after) if after else None]
    # Line ends and blanks stay, and a character two cells wide becomes two stars.
    assert not hidden.strip("* \n"), hidden


def matched(data: bytes, place: int, value: bytes) -> set[int]:
    """Where a value that begins at a place may end, by spelling it in each way; once, so that it is simple."""
    places = {place}
    for character in value.decode():
        ways = {spell(character).encode() for spell in SPELL.values()}
        places = {end + len(way) for end in places for way in ways if data.startswith(way, end)}
    return places


SMALL = st.text("ab%\\&+/", min_size=7, max_size=9).filter(lambda text: len(set(text)) > 1)


@given(
    values=st.lists(SMALL, min_size=1, max_size=4),
    data=st.data(),
    cuts=CUTS,
)
def test_what_a_simple_search_finds_is_masked(
    values: list[str], data: st.DataObject, cuts: list[int]
) -> None:
    parts = st.one_of(
        st.text("ab%\\&+/25;", max_size=4),
        *(st.just(all_by(name)(value[cut:])) for name in SPELL for value in values for cut in (0, 3)),
    )
    text = "".join(data.draw(st.lists(parts, max_size=5)))
    out = masked(text, values, cuts)
    assert len(out) == len(text)
    for value in values:
        for place in range(len(text)):
            for end in matched(text.encode(), place, value.encode()):
                assert not out[place:end].strip("* ")


@given(st.text(CHARACTERS + "25amp;uUcCdD83e90", max_size=40))
def test_what_may_go_on_as_a_character_is_known_for_unfinished(text: str) -> None:
    data = text.encode()
    for size, meaning in readings(data[:LONGEST]):
        for end in range(1, size) if meaning != data[:size] and data[:1] != b"+" else ():
            assert UNFINISHED.fullmatch(data[:end]), data[:end]


@given(value=VALUES, name=ONCE)
def test_each_spelling_of_a_character_is_unfinished_until_it_ends(value: str, name: str) -> None:
    inner: Any = test_what_may_go_on_as_a_character_is_known_for_unfinished
    inner = inner.hypothesis.inner_test
    for character in value:
        data = SPELL[name](character).encode()
        if data[:1] in b"%\\":
            inner(data.decode())


@given(st.text("ab%\\&+;25u0x#41 ", max_size=300), CUTS)
def test_other_text_passes_unchanged(text: str, cuts: list[int]) -> None:
    assert masked(text, [tokens.github("other"), "pä$s/w+rd?&\\ \"q'"], cuts) == text


@pytest.mark.parametrize("part", ["\\", "%25", "%", "+", "\\u005c", "%5C", "\\\\u0026", "%61"])
def test_a_row_of_spellings_takes_linear_time(part: str) -> None:
    """A character of a value may begin at each place here, and each may be of any length."""
    text = part * (120_000 // len(part))
    value = "a%\\&b" * 4
    assert masked(text, [value, "&&&%%%\\\\x", "%25%25%26"], [65_536] * 3) == text


def test_the_public_beginning_stays_where_it_stands_as_it_is() -> None:
    value = PREFIX + "k/" * 18
    assert masked(f"<{value.replace('/', '%2F')}>", [value]) == f"<{PREFIX}{'*' * 72}>"
    assert masked(f"<{value.replace('_', '%5f')}>", [value]) == f"<{PREFIX[:3]}{'*' * 39}>"


@pytest.mark.parametrize("text", ["a&#47;b+c&sol;d=e", "a%252Fb+c%252Fd=e", "a\\057b+c\\x2fd=e"])
def test_other_spellings_pass_as_they_are(text: str) -> None:
    assert masked(text, ["a/b+c/d=e"]) == text
