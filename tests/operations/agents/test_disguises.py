"""Known values in forms that no encoding has; the forms are what real commands print."""

from __future__ import annotations

import base64
import codecs
import gzip
import shutil
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from tokenward.operations.agents.disguises import HIDDEN, Needles, hide_disguised, needles

TEXTS = (tokens.npm("disguised"), "purple-lantern-marching-42")
PREFIXES = (TEXTS[0][:4],)
VALUES = needles(TEXTS, PREFIXES)
UNKNOWN = tokens.slack("disguised")


def finds(decoded: str) -> bool:
    return UNKNOWN in decoded


def hidden(text: str, values: Needles = VALUES) -> tuple[str, list[str]]:
    """Return a text with its lines hidden, and the values of which it showed a part."""
    parts: list[str] = []
    return hide_disguised(text, values, finds, parts.append), parts


PYTHON = f"{sys.executable} -c"
COMMANDS = (
    "sed 's/./& /g'",
    "sed 's/./&-/g'",
    "fold -w1",
    "fold -w1 | cat -n",
    "fold -w8",
    "rev | fold -w3",
    "tr A-Za-z N-ZA-Mn-za-m",
    "tr a-z A-Z",
    "od -c",
    "od -An -v -c",
    "od -b",
    "od -tx1",
    "od -tu1",
    "od -tx1z",
    "od -An -v -x",
    "od -An -v -tx4",
    "base64 -w0 | base64",
    "gzip | base64 | base64 -w0",
    "iconv -t UTF-16LE | xxd -p -c 99",
    "hexdump -C",
    'hexdump -e \'16/1 "%02x " "\\n"\'',
    "xxd",
    "xxd -b",
    "base32",
    "gzip | base64",
    "gzip | base64 -w0",
    "bzip2 | base64",
    "xz | base64 -w0",
    "zip - - | base64",
    f"{PYTHON} 'import sys, base64; print(base64.b85encode(sys.stdin.buffer.read()).decode())'",
    f"{PYTHON} 'import sys, base64; print(base64.b85encode(sys.stdin.buffer.read()))'",
    f"{PYTHON} 'import sys, base64; print(base64.a85encode(sys.stdin.buffer.read()).decode())'",
    f"{PYTHON} 'import sys, base64; print(base64.a85encode(sys.stdin.buffer.read()))'",
    f"{PYTHON} 'import sys, base64; print(base64.a85encode(sys.stdin.buffer.read(), wrapcol=32).decode())'",
    f"{PYTHON} 'import sys, base64; print(base64.a85encode(sys.stdin.buffer.read(), adobe=True).decode())'",
    "perl -0777 -ne 'print pack(q(u), $_)'",
    f"{PYTHON} 'import sys; print(int.from_bytes(sys.stdin.buffer.read()))'",
    f"{PYTHON} 'import sys; print(list(sys.stdin.read()))'",
    f"{PYTHON} 'import sys; print([*map(ord, sys.stdin.read())])'",
    f"{PYTHON} 'import sys; print([*map(hex, sys.stdin.buffer.read())])'",
    f"{PYTHON} 'import sys; print([*map(oct, sys.stdin.buffer.read())])'",
    f"{PYTHON} 'import sys, zlib, base64; print(base64.b64encode(zlib.compress(sys.stdin.buffer.read())).decode())'",
)


@pytest.mark.skipif(sys.platform == "win32", reason="these are the commands of other systems")
@pytest.mark.parametrize("value", TEXTS)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_command_makes_of_a_value_is_hidden(command: str, value: str) -> None:
    if shutil.which(program := command.split(maxsplit=1)[0]) is None:
        pytest.skip(f"{program} is not installed")
    made = subprocess.run(
        command, shell=True, input=f"TOKEN={value}\n".encode(), capture_output=True, check=True
    )
    text = f"before\n{made.stdout.decode()}\nafter\n"
    shown, parts = hidden(text)
    assert not parts
    assert shown.startswith("before\n")
    assert shown.endswith("\nafter\n")
    left = shown.removeprefix("before\n").removesuffix("\nafter\n").replace(HIDDEN, "")
    assert len(left) <= len(made.stdout) // 2, shown


@pytest.mark.parametrize("data", [f'{{"t": "{UNKNOWN}"}}'.encode(), gzip.compress(UNKNOWN.encode(), mtime=0)])
def test_an_unknown_token_is_found_in_what_is_decoded(data: bytes) -> None:
    coded = base64.b64encode(data).decode() if data[0] == 31 else data.hex().upper()
    assert hidden(f"a\n{coded}\nb", {}) == (f"a\n{HIDDEN}\nb", [])


@given(st.text(max_size=400))
def test_other_text_stays(text: str) -> None:
    assert hidden(text) == (text, [])


@given(st.binary(max_size=200))
def test_other_text_in_these_forms_stays(data: bytes) -> None:
    packed = base64.b64encode(gzip.compress(data)).decode()
    coded = [encode(data).decode() for encode in (base64.b32encode, base64.b85encode, base64.a85encode)]
    for text in (data.hex(" "), str([*data]), str(int.from_bytes(data)), *coded, packed):
        assert hidden(text) == (text, [])


def test_a_part_is_hidden_and_counted_from_twenty_unknown_characters_on() -> None:
    value = TEXTS[0]
    last = value[-20:]
    shown = (value[:24], value[4:24], value[3:30], value[5:], value[7:], last, f"\u2026{last}", last[::-1])
    for part in (*shown, value[4:24][::-1], " ".join(value[4:24])):
        assert hidden(f"a\n{part}\nb") == (f"a\n{HIDDEN}\nb", [value])
    for part in (
        value[:23],
        value[-19:],
        value[10:30],
        "purple-lantern",
        value[4:14] + "-" + value[15:34],
    ):
        assert hidden(f"a\n{part}\nb") == (f"a\n{part}\nb", [])


def test_a_value_in_two_pieces_is_hidden_where_a_piece_has_twenty_unknown_characters() -> None:
    for value in (TEXTS[0], TEXTS[0] + tokens.npm("more")[4:]):
        for end in range(5, len(value)):
            # In the other order, they are the whole value.
            shown, _ = hidden(f"{value[end:]}\n{value[:end]}", needles([value], PREFIXES))
            pieces = (value[end:], value[:end])
            unknown = (len(value) - end, end - 4)
            assert shown.split("\n") == [
                HIDDEN if size >= 20 else one for one, size in zip(pieces, unknown, strict=True)
            ], end


def test_the_last_part_of_a_value_alone_shares_characters_with_another() -> None:
    """An agent that knows what precedes it has as many characters left to guess in the whole value."""
    value = "x" + tokens.npm("long")[4:] + tokens.npm("longer")[4:]
    parts = {one for found in needles([value]).values() for one, whole in found.items() if whole}
    assert sorted(parts) == sorted(
        form
        for start in (0, 20, 40, len(value) - 20)
        for one in (value[start : start + 20].lower(), value[start : start + 20].lower()[::-1])
        for form in (one, codecs.encode(one, "rot13"))
    )


def random(seed: str, size: int) -> str:
    return (tokens.npm(seed)[4:] + tokens.npm(f"{seed} more")[4:] + tokens.npm(f"{seed} most")[4:])[:size]


STRIPE = "_".join(("sk", "live", "51" + random("account", 15) + random("key", 40)))
JWT = ".".join(("eyJ" + random("header", 33), "eyJ" + random("claims", 60), random("signature", 43)))
STRUCTURED = {
    STRIPE: STRIPE[10:45],
    JWT: JWT.rpartition(".")[0],
    f"postgres://app_user_1234567a:{random('url', 16)}@db.example.org/main": "postgres://app_user_1234567a:",
}


@pytest.mark.parametrize("value", STRUCTURED)
def test_what_is_public_in_a_value_is_no_part_of_it(value: str) -> None:
    text = f"a\n{STRUCTURED[value]}\nb"
    assert hidden(text, needles([value], ["sk" + "_live_"])) == (text, [])


@pytest.mark.parametrize("value", [STRIPE, JWT])
def test_what_is_random_in_a_value_with_public_parts_is_a_part_of_it(value: str) -> None:
    text = f"a\n{value[-41:]}\nb"
    assert hidden(text, needles([value], ["sk" + "_live_"])) == (f"a\n{HIDDEN}\nb", [value])


def test_a_key_has_no_parts() -> None:
    key = f"-----BEGIN KEY-----\n{tokens.npm('key') * 6}"
    assert hidden(key[:60], needles([key])) == (key[:60], [])


def test_short_and_monotonous_values_are_not_searched_for() -> None:
    text = "c h a n g e m e / c o r r e c t h o r s e b a t / aaaaaaaaaaaaaaaaaaaaaaaa"
    assert hidden(text, needles(["changeme", "correcthorsebat", "a" * 24])) == (text, [])
