"""`tokenward credential add`, `list` and `remove`, and how a helper starts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli_shell import TOKENWARD, Shell
from credential_checks import add_record, start
from hostile import REFERENCE, TOKEN, ledger

GIT = str(Path(TOKENWARD).with_name("git-credential-tokenward"))
REQUEST = b"protocol=https\nhost=git.example.com\n"


def test_records_are_listed_and_removed_and_the_token_stays(owner: Shell, clone: Shell) -> None:
    add_record(owner, "https://Alice@Git.Example.com:443/")
    add_record(owner, "https://git.example.com/acme", "--user", "bob")
    assert owner("credential", "list").text.splitlines() == [
        f"https://git.example.com\tAlice\t{REFERENCE}",
        f"https://git.example.com/acme\tbob\t{REFERENCE}",
    ]
    assert clone("credential", "list").out == b""
    assert clone("credential", "remove", "https://git.example.com").code == 2
    assert owner("credential", "remove", "https://git.example.com", "--user", "bob").code == 2
    assert owner("credential", "remove", "https://git.example.com").code == 0
    assert owner("credential", "list").text.splitlines() == [
        f"https://git.example.com/acme\tbob\t{REFERENCE}"
    ]
    assert owner.get("GITHUB_TOKEN") == TOKEN
    events = [(row.event, row.detail["url"]) for row in ledger(owner) if row.event.startswith("credential")]
    assert events == [
        ("credential_added", "https://git.example.com"),
        ("credential_added", "https://git.example.com/acme"),
        ("credential_removed", "https://git.example.com"),
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["https://git.example.com", "OTHER"],
        [f"https://alice:{TOKEN}@git.example.com", "GITHUB_TOKEN"],
        [f"https://{TOKEN}@git.example.com", "GITHUB_TOKEN"],
        [f"https://git.example.com/{TOKEN}", "GITHUB_TOKEN"],
        ["https://git.example.com", "GITHUB_TOKEN", "--user", TOKEN],
        ["https://git.example.com", "GITHUB_TOKEN", "--user", "a\nb"],
        ["git.example.com", "GITHUB_TOKEN"],
    ],
)
def test_a_record_that_makes_no_sense_or_shows_a_token_is_refused(owner: Shell, words: list[str]) -> None:
    done = owner("credential", "add", *words)
    assert done.code == 2
    assert TOKEN not in done.err
    assert owner("credential", "list").out == b""
    assert TOKEN not in repr(ledger(owner))


def test_another_workspace_s_token_gets_no_record_here(owner: Shell, clone: Shell) -> None:
    done = clone("credential", "add", "https://git.example.com", REFERENCE)
    assert done.code == 2
    assert f"acme-api belongs to {owner.folder}" in done.err


def test_an_assistant_decides_no_record_and_replaces_none(owner: Shell) -> None:
    assistant = owner.having(CLAUDECODE="1")
    assert assistant("credential", "add", "https://git.example.com", "GITHUB_TOKEN").code == 2
    add_record(owner, "https://git.example.com", "--user", "bob")
    assert assistant("credential", "remove", "https://git.example.com").code == 2
    planted = REQUEST + b"username=bob\npassword=planted\n"
    done = start(assistant, [GIT, "store"], planted)
    assert done.code == 2
    assert "Claude Code may not replace" in done.err
    assert start(owner, [GIT, "get"], REQUEST).text == f"username=bob\npassword={TOKEN}\n"


def test_a_password_is_not_stored_where_nothing_is_bound(owner: Shell, clone: Shell) -> None:
    lines = REQUEST + b"username=bob\npassword=typed\n"
    before = len(ledger(owner))
    done = start(clone, [GIT, "store"], lines)
    assert (done.code, done.out, done.err) == (0, b"", "")
    assert len(ledger(owner)) == before
    assert "typed" not in owner("list").text


def test_a_password_that_is_stored_already_is_not_stored_again(owner: Shell) -> None:
    lines = REQUEST + f"username=bob\npassword={TOKEN}\n".encode()
    assert start(owner, [GIT, "store"], lines).err == ""
    assert start(owner, [GIT, "store"], lines).err == ""
    assert owner("credential", "list").text == f"https://git.example.com\tbob\t{REFERENCE}\n"
    stored = json.loads(owner("list", "--format", "json").text)["tokens"]
    assert len(stored) == 1


def test_only_the_refused_value_loses_its_record(owner: Shell) -> None:
    add_record(owner, "https://git.example.com", "--user", "bob")
    lines = REQUEST + b"username=bob\npassword="
    assert start(owner, [GIT, "erase"], lines + b"another\n").err == ""
    assert owner("credential", "list").out
    assert "stays in the keyring" in start(owner, [GIT, "erase"], lines + TOKEN.encode() + b"\n").err
    assert owner("credential", "list").out == b""
    assert owner.get("GITHUB_TOKEN") == TOKEN


def test_a_record_follows_a_renamed_token_and_ends_with_a_deleted_one(owner: Shell) -> None:
    add_record(owner, "https://git.example.com")
    assert owner("rename", "GITHUB_TOKEN", "GIT_TOKEN").code == 0
    assert start(owner, [GIT, "get"], REQUEST).text.endswith(f"password={TOKEN}\n")
    assert owner("rm", "--yes", "GIT_TOKEN").code == 0
    owner.put("GIT_TOKEN", "a later value")
    assert start(owner, [GIT, "get"], REQUEST).out == b""


def test_a_helper_starts_without_the_command_line_toolkit(owner: Shell) -> None:
    add_record(owner, "https://git.example.com")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", GIT, "get"],
        input=REQUEST,
        env=dict(owner.environment),
        cwd=owner.folder,
        capture_output=True,
        check=True,
    )
    loaded = {line.split(b"|")[-1].strip().split(b".")[0] for line in done.stderr.splitlines()}
    assert TOKEN.encode() in done.stdout
    assert b"tokenward" in loaded
    assert not {b"typer", b"click", b"rich", b"kingfisher_sdk", b"tree_sitter"} & loaded
