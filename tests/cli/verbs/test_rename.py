"""`tokenward rename`, with a real keyring."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from cli_shell import Shell


def test_a_token_and_what_refers_to_it_get_another_name(stored: Shell) -> None:
    (stored.folder / "deploy.yml").write_text("token: keyring://acme-api/TOKEN\n")
    (stored.folder / "notes.txt").write_text("keyring://acme-api/TOKEN_2\n")
    stored("lease", "TOKEN", "--uses", "3")
    done = stored("rename", "TOKEN", "DEPLOY")
    assert (done.code, done.out) == (0, b"")
    assert (
        done.err
        == "Renamed keyring://acme-api/TOKEN to keyring://acme-api/DEPLOY and updated .env, deploy.yml\n"
    )
    assert (stored.folder / ".env").read_text() == "TOKEN=keyring://acme-api/DEPLOY\n"
    assert (stored.folder / "deploy.yml").read_text() == "token: keyring://acme-api/DEPLOY\n"
    assert (stored.folder / "notes.txt").read_text() == "keyring://acme-api/TOKEN_2\n"
    (token,) = json.loads(stored("list", "--format", "json").out)["tokens"]
    assert (token["name"], token["lease"]["uses"]) == ("DEPLOY", 3)
    assert stored("run", "--no-mask", "printenv", "TOKEN").text == "the value\n"
    found = [lookup(stored, name) for name in ("TOKEN", "DEPLOY")]
    assert found == ["", "the value"]


def test_a_name_that_is_taken_or_none_is_refused(stored: Shell) -> None:
    stored.put("OTHER", "another value")
    for name, why in (
        ("OTHER", "is stored already"),
        ("other", "differ in case only"),
        ("TOKEN", "already has that name"),
        ("A-B", "A token's name consists of letters"),
    ):
        done = stored("rename", "TOKEN", name)
        assert (done.code, why in done.err) == (2, True), done.err
    assert (stored.get("TOKEN"), stored.get("OTHER")) == ("the value", "another value")


def test_another_workspaces_token_keeps_its_name(stored: Shell, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    (stranger / ".env").write_text("TOKEN=keyring://acme-api/TOKEN\n")
    done = stored.at(stranger)("rename", "keyring://acme-api/TOKEN", "MINE")
    assert (done.code, f"acme-api belongs to {stored.folder}" in done.err) == (2, True)
    assert (stranger / ".env").read_text() == "TOKEN=keyring://acme-api/TOKEN\n"
    assert stored.get("TOKEN") == "the value"


def lookup(shell: Shell, name: str) -> str:
    query = ["secret-tool", "lookup", "service", f"tokenward/acme-api/{name}"]
    done = subprocess.run(query, env=dict(shell.environment), capture_output=True, text=True, check=False)
    return done.stdout
