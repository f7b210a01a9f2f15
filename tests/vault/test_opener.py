"""The stand-alone opener reads what the vault wrote, so the published format is the real one."""

from __future__ import annotations

import ast
import base64
import json
import subprocess
import sys
from pathlib import Path

import open_encrypted_file
import pytest

import tokens
from tokenward.model import Reference, Secret
from tokenward.vault.encrypted_file import create
from tokenward.vault.unlocking import KEY_VARIABLE, PASSPHRASE_VARIABLE, Unlocking

SCRIPT = Path(open_encrypted_file.__file__)
PAGE = SCRIPT.parent.parent / "docs" / "reference" / "encrypted-file.md"
KEY = base64.b64encode(bytes(range(32))).decode()
# An accent typed as a separate character, as some keyboards do.
PASSPHRASE = "caf\u0065\u0301 au lait"
VALUES = {
    "keyring://acme-api/GITHUB_TOKEN": tokens.github(),
    "keyring://acme-api/SEVERAL_LINES": "first\nsecond \u00e9 \U0001f511\n",
}


def opened(path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(path)],
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("unlocking", "variable", "value"),
    [
        (Unlocking(passphrase=Secret(PASSPHRASE)), PASSPHRASE_VARIABLE, PASSPHRASE),
        (Unlocking(key=Secret(KEY)), KEY_VARIABLE, KEY),
    ],
    ids=["passphrase", "key"],
)
def test_it_opens_a_file_that_the_vault_wrote(
    tmp_path: Path, unlocking: Unlocking, variable: str, value: str
) -> None:
    path = tmp_path / "vault.tokenward"
    vault = create(path, unlocking)
    for name, token in VALUES.items():
        vault.put(Reference(*name.removeprefix("keyring://").split("/")), Secret(token))
    done = opened(path, **{variable: value})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == VALUES
    wrong = opened(path, **{variable: base64.b64encode(bytes(32)).decode()})
    assert (wrong.returncode, wrong.stdout) == (1, "")
    path.write_bytes(path.read_bytes()[:-1])
    damaged = opened(path, **{variable: value})
    assert (damaged.returncode, damaged.stdout) == (1, "")
    assert "changed or cut short" in damaged.stderr


def test_it_needs_nothing_of_ours() -> None:
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(SCRIPT.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - sys.stdlib_module_names == {"argon2", "cryptography"}


def test_the_page_has_the_same_program() -> None:
    blocks = PAGE.read_text().split("```")
    assert f"python\n{SCRIPT.read_text()}" in blocks
