"""`tokenward review`, from storing a token to sharing the page."""

from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path

import fastjsonschema
import pytest

import access_logs
import tokens
from cli_shell import Shell

VALUE = tokens.github("reviewed")
SCHEMA = Path(__file__).parents[3] / "docs" / "reference" / "review.schema.json"


def audit_log(folder: Path, name: str, seconds: float) -> str:
    """A log with one use of the token, some seconds from now."""
    path = folder / name
    record = {
        "@timestamp": int((time.time() + seconds) * 1000),
        "action": "git.clone",
        "actor_ip": "203.0.113.7",
        "hashed_token": access_logs.hashed(VALUE),
    }
    path.write_text(f"{json.dumps(record)}\n")
    return str(path)


@pytest.fixture
def used(shell: Shell) -> Shell:
    """A workspace whose token was stored in the keyring and given to a command."""
    shell.put("GITHUB_TOKEN", VALUE)
    shell.write_env("GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN")
    done = shell("run", "--", "true")
    assert done.code == 0, done.err
    return shell


def test_uses_are_told_apart_without_the_value(used: Shell) -> None:
    now, later = audit_log(used.folder, "now", 0), audit_log(used.folder, "later", 3600)
    ours = used("review", "--log", now)
    assert (ours.code, ours.err) == (0, "")
    assert "used as recorded" in ours.text
    others = used("review", "--log", later)
    assert (others.code, others.err) == (1, "")
    assert "keyring://acme-api/GITHUB_TOKEN: used by others. Used 1 time from 203.0.113.7" in others.text
    assert VALUE not in ours.text + others.text
    for arguments, code in (
        (["--log", later, "--ours", "203.0.113.0/24"], 0),
        (["--log", now, later, "--ours", "198.51.100.1"], 1),
        (["--log", later, "--until", "2026-01-01"], 0),
        (["--log", later, "--since", "2126-01-01T00:00Z"], 0),
    ):
        assert used("review", *arguments).code == code


@pytest.mark.parametrize("kind", ["table", "json", "html"])
def test_a_review_is_written_for_its_user_alone(bare_shell: Shell, kind: str) -> None:
    log, target = audit_log(bare_shell.folder, "log", 0), bare_shell.folder / "review"
    target.write_text("before")
    done = bare_shell("review", "--log", log, "--format", kind, "-o", str(target))
    assert (done.code, done.out) == (0, b"")
    assert str(target) in done.err
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    text = target.read_text()
    assert "0 tokens compared" in text or kind == "json"
    if kind == "json":
        fastjsonschema.validate(json.loads(SCHEMA.read_text()), json.loads(text))
        assert bare_shell("review", "--log", log, "--format", kind).text == f"{text}\n"


def test_nothing_is_written_through_a_link(bare_shell: Shell) -> None:
    elsewhere, link = bare_shell.folder / "elsewhere", bare_shell.folder / "review"
    elsewhere.write_text("kept")
    link.symlink_to(elsewhere)
    done = bare_shell("review", "--log", audit_log(bare_shell.folder, "log", 0), "-o", str(link))
    assert (done.code, elsewhere.read_text()) == (2, "kept")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--log", "none"], "none cannot be read"),
        (["--log", "."], "is not a file"),
        (["--log", "a", "--ours", "home"], "Invalid `--ours` address"),
        (["--log", "a", "--since", "yesterday"], "Invalid time"),
        (["--log", "a", "--map", "none.toml"], "none.toml cannot be read"),
        ([], "--log"),
    ],
)
def test_what_cannot_be_reviewed_is_a_failure(bare_shell: Shell, arguments: list[str], says: str) -> None:
    bare_shell.folder.joinpath("a").touch()
    done = bare_shell("review", *arguments)
    assert (done.code, done.out) == (2, b"")
    assert says in done.err


def test_a_machine_without_records_has_nothing_to_compare(bare_shell: Shell) -> None:
    done = bare_shell("review", "--log", audit_log(bare_shell.folder, "log", 0))
    assert (done.code, done.err) == (0, "")
    assert done.text.splitlines()[-1] == "0 tokens compared, 0 of them in the logs: nothing suspicious."


def test_a_hostile_log_ends_in_words(bare_shell: Shell) -> None:
    lines = [
        b"\x1b]0;owned\x07",
        b'{"action": "\x1b[31m", "hashed_token": {}, "actor_ip": ["x"], "created_at": -1}',
        b'{"eventSource": 1, "eventName": null, "eventTime": "' + b"9" * 1000 + b'"}',
        b'{"a": ' + b"[" * 200_000,
        os.urandom(500),
        f'{{"action": "{VALUE}", "@timestamp": 1, "hashed_token": "{VALUE}"}}'.encode(),
    ]
    bare_shell.folder.joinpath("log").write_bytes(b"\n".join(lines))
    for kind in ("table", "json", "html"):
        done = bare_shell("review", "--log", "log", "--format", kind)
        assert (done.code, done.err) == (0, "")
        assert b"\x1b" not in done.out
        assert VALUE not in done.text
