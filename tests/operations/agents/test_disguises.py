"""Known values in forms that no encoding has; the forms are what real commands print."""

from __future__ import annotations

import base64
import gzip
import shutil
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from tokenward.operations.agents.disguises import HIDDEN, hide_disguised, needles

TEXTS = (tokens.npm("disguised"), "purple-lantern-marching-42")
VALUES = needles(form for one in TEXTS for form in (one, one[::-1]))
UNKNOWN = tokens.slack("disguised")


def finds(decoded: str) -> bool:
    return UNKNOWN in decoded


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
    shown = hide_disguised(text, VALUES, finds)
    assert shown.startswith("before\n")
    assert shown.endswith("\nafter\n")
    left = shown.removeprefix("before\n").removesuffix("\nafter\n").replace(HIDDEN, "")
    assert len(left) <= len(made.stdout) // 2, shown


@pytest.mark.parametrize("data", [f'{{"t": "{UNKNOWN}"}}'.encode(), gzip.compress(UNKNOWN.encode(), mtime=0)])
def test_an_unknown_token_is_found_in_what_is_decoded(data: bytes) -> None:
    coded = base64.b64encode(data).decode() if data[0] == 31 else data.hex().upper()
    assert hide_disguised(f"a\n{coded}\nb", (), finds) == f"a\n{HIDDEN}\nb"


@given(st.text(max_size=400))
def test_other_text_stays(text: str) -> None:
    assert hide_disguised(text, VALUES, finds) == text


@given(st.binary(max_size=200))
def test_other_text_in_these_forms_stays(data: bytes) -> None:
    packed = base64.b64encode(gzip.compress(data)).decode()
    coded = [encode(data).decode() for encode in (base64.b32encode, base64.b85encode, base64.a85encode)]
    for text in (data.hex(" "), str([*data]), str(int.from_bytes(data)), *coded, packed):
        assert hide_disguised(text, VALUES, finds) == text


def test_a_part_of_a_value_is_hidden_and_of_one_of_words_or_a_key_is_not() -> None:
    value, key = TEXTS[0], f"-----BEGIN KEY-----\n{tokens.npm('key') * 6}"
    for part in (value[6:22], value[-15:], value[14:] + "\n" + value[:6]):
        assert hide_disguised(f"a\n{part}", VALUES, finds).startswith(f"a\n{HIDDEN}")
    for text in ("purple-lantern", value[:15], key[:40]):
        assert hide_disguised(text, needles([*TEXTS, key]), finds) == text


def test_short_and_monotonous_values_are_not_searched_for() -> None:
    text = "c h a n g e m e / aaaaaaaaaaaaaaaaaaaa"
    assert hide_disguised(text, needles(["changeme", "a" * 20]), finds) == text
