"""A private key is found, hidden, moved and put back, whatever its armour says of whose it is."""

from __future__ import annotations

import base64
import random

import pytest

import git_tree
from cli_shell import Shell

BODY = base64.b64encode(random.Random(2).randbytes(900)).decode()
LINES = "\n".join(BODY[start : start + 64] for start in range(0, len(BODY), 64))
KIND = "PGP PRIVATE " + "KEY BLOCK"
HEADERS = [
    "",
    "Comment: Ada <ada@example.dev>\n",
    "Comment: changeme, example\nVersion: <https://enigmail.net/>\n",
]


def armoured(header: str, body: str = LINES) -> str:
    return f"-----BEGIN {KIND}-----\n{header}\n{body}\n-----END {KIND}-----"


@pytest.mark.parametrize("header", HEADERS)
def test_no_header_of_a_key_hides_it(shell: Shell, header: str) -> None:
    git_tree.repository(shell.folder)
    source = f'SIGNING_KEY = """{armoured(header)}\n"""\n'
    code = shell.folder / "sign.py"
    code.write_text(source)
    assert "private key" in shell("scan", "--format", "lines").text
    redacted = shell("redact", stdin=source.encode())
    assert LINES[:64] not in redacted.text, redacted.text
    done = shell("move", "sign.py")
    assert done.code == 0, done.err
    assert LINES[:64] not in code.read_text()
    assert shell("leave", "--yes").code == 0
    assert code.read_text() == source
    assert not (shell.folder / ".env").exists()


@pytest.mark.parametrize("body", ["...", "<your key>", "EXAMPLE" * 40])
def test_the_form_of_a_key_without_one_is_left_alone(shell: Shell, body: str) -> None:
    text = f'SIGNING_KEY = """{armoured(HEADERS[1], body)}\n"""\n'
    (shell.folder / "sign.py").write_text(text)
    assert shell("scan").code == 0
    assert shell("redact", stdin=text.encode()).text == text
