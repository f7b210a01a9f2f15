"""Parts of known values, and encoded tokens as real commands print them."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
from collections.abc import Callable

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
