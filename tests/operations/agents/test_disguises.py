"""Parts of known values, and encoded tokens as real commands print them."""

from __future__ import annotations

import base64
import shutil
import string
import subprocess
import sys
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from tokenward.operations.agents.known_secrets import HIDDEN, Needles, hide_disguised, needles

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


COMMANDS = (
    "od -tx1",
    "od -An -v -tx1",
    "hexdump -C",
    'hexdump -e \'16/1 "%02x " "\\n"\'',
    "xxd",
    "xxd -p",
    "xxd -p -c 99",
    "base64",
    "base64 -w0",
)
OTHERS = (
    "rev",
    "fold -w1",
    "sed 's/./& /g'",
    "tr A-Za-z N-ZA-Mn-za-m",
    "tr a-z A-Z",
    "od -c",
    "od -An -v -b",
    "base32",
    "gzip -n | base64 -w0",
    "base64 -w0 | base64 -w0",
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


@pytest.mark.skipif(sys.platform == "win32", reason="these are the commands of other systems")
@pytest.mark.parametrize("command", OTHERS)
def test_what_else_a_command_makes_of_a_value_passes_as_it_is(command: str) -> None:
    made = subprocess.run(command, shell=True, input=TEXTS[0].encode(), capture_output=True, check=True)
    assert hidden(made.stdout.decode()) == (made.stdout.decode(), [])


@pytest.mark.parametrize("before", [b"", b"\xff\x00"], ids=["text", "binary"])
@pytest.mark.parametrize(
    "encode", [lambda data: base64.b64encode(data).decode(), lambda data: data.hex().upper()]
)
def test_an_unknown_token_is_found_in_what_is_decoded(encode: Callable[[bytes], str], before: bytes) -> None:
    coded = encode(before + f'{{"t": "{UNKNOWN}"}}'.encode())
    assert hidden(f"a\n{coded}\nb", {}) == (f"a\n{HIDDEN}\nb", [])


@given(st.text(max_size=400))
def test_other_text_stays(text: str) -> None:
    assert hidden(text) == (text, [])


@given(st.binary(max_size=200))
def test_other_text_in_these_forms_stays(data: bytes) -> None:
    for text in (data.hex(" "), data.hex(), base64.b64encode(data).decode()):
        assert hidden(text) == (text, [])


def test_a_part_is_hidden_and_counted_from_twenty_unknown_characters_on() -> None:
    value = TEXTS[0]
    last = value[-20:]
    coded = base64.b64encode(f"{value[3:30]}.".encode()).decode()
    shown = (value[:24], value[4:24], value[3:30], value[5:], value[7:], last, f"\u2026{last}", coded)
    for part in shown:
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
    assert sorted(parts) == sorted(value[start : start + 20] for start in (0, 20, 40, len(value) - 20))


def row_of(seed: int, size: int, digit: int) -> str:
    """Return letters with a digit at one place among them."""
    letters = Random(seed).choices(string.ascii_letters, k=size)
    letters[1 + digit % (size - 2)] = "7"
    return "".join(letters)


ROWS = st.builds(row_of, st.integers(0, 1 << 32), st.integers(20, 90), st.integers(0, 90))


@given(row=ROWS, data=st.data())
def test_a_piece_of_a_random_row_is_hidden_if_it_has_the_first_twenty_the_next_or_the_last(
    row: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(row) - 20))
    end = data.draw(st.integers(start + 19, min(len(row), start + 45)))
    parts = {*range(0, len(row) - 19, 20), len(row) - 20}
    has_part = any(start <= one and one + 20 <= end for one in parts)
    assert has_part or end - start < 39
    shown, _ = hidden(f"a\n{row[start:end]}\nb", needles([PREFIXES[0] + row], PREFIXES))
    assert shown.split("\n")[1] == (HIDDEN if has_part else row[start:end])


@given(row=ROWS, data=st.data())
def test_an_agent_that_knows_a_piece_guesses_hardly_any_further_character_by_itself(
    row: str, data: st.DataObject
) -> None:
    """It prints what it knows with a right and a wrong character, until nothing tells them apart."""
    start = data.draw(st.integers(0, len(row) - 19))
    end = data.draw(st.integers(start + 19, len(row)))
    values = needles([PREFIXES[0] + row], PREFIXES)

    def are_told_apart(right: str, wrong: str) -> bool:
        return len({hidden(one, values)[0] == one for one in (right, wrong)}) == 2

    known = [start, end]
    while known[1] < len(row) and are_told_apart(
        *(row[known[1] - 19 : known[1]] + c for c in (row[known[1]], "!"))
    ):
        known[1] += 1
    while known[0] and are_told_apart(*(c + row[known[0] : known[0] + 19] for c in (row[known[0] - 1], "!"))):
        known[0] -= 1
    assert known[1] - end <= 2
    assert start - known[0] <= 2


@pytest.mark.parametrize("seed", range(40))
def test_the_first_and_the_last_twenty_characters_of_a_token_are_hidden_wherever_its_digits_are(
    seed: int,
) -> None:
    value = tokens.github(seed)
    values = needles([value], [value[:4]])
    for part in (value[4:24], value[4:34], value[-20:], value[5:]):
        assert hidden(part, values) == (HIDDEN, [value])
    for part in (value[4:23], value[-19:]):
        assert hidden(part, values) == (part, [])


def test_each_row_of_a_value_with_signs_has_parts() -> None:
    rows = [random("first", 30), random("second", 24), random("third", 43)]
    values = needles([value := f"{rows[0]}-{rows[1]}_{rows[2]}"])
    for row in rows:
        for part in (row[:20], row[-20:]):
            assert hidden(part, values) == (HIDDEN, [value])
    for other in (rows[0][11:] + "-" + rows[1][:10], rows[1][5:], "x-y_z"):
        assert hidden(other, values) == (other, [])


def test_words_have_no_parts() -> None:
    for words in ("correcthorsebatterystaple", "ProductionDatabasePassword", "purple-lantern-marching-42"):
        values = needles([f"{words}{words}", f"{words}-7"])
        for piece in (words[:20], words[3:], f"{words[1:]} 1"):
            assert hidden(piece, values) == (piece, [])


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
    plain = "changeme correcthorsebat aaaaaaaaaaaaaaaaaaaaaaaa"
    text = f"{plain}\n{plain.encode().hex()}"
    assert hidden(text, needles(["changeme", "correcthorsebat", "a" * 24])) == (text, [])
