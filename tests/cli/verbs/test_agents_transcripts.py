"""`tokenward agents transcripts`: what it lists, and what it does for a person, a script and an agent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tokens
from canaries import leaks, leaks_in_files
from cli_shell import Shell
from provider import Provider, token, use_rules
from transcript_samples import AIDER, CLAUDE, text

GITHUB = tokens.github("transcripts")
ACME = token("transcripts")
CANARIES = (GITHUB, ACME)


@pytest.fixture
def user(shell: Shell, acme: Provider) -> Shell:
    """A user whose agent has seen a GitHub token and a provider's key, and whose shell alone has a third token."""
    home = Path(shell.environment["HOME"])
    use_rules(shell.environment, acme.rules())
    session(shell).parent.mkdir(parents=True)
    CLAUDE(session(shell), GITHUB)
    (shell.folder / ".git").mkdir()
    AIDER(shell.folder / ".aider.chat.history.md", ACME)
    text("export NPM=TOKEN\n")(home / ".bash_history", tokens.npm("transcripts"))
    return shell


def session(shell: Shell) -> Path:
    return Path(shell.environment["HOME"], ".claude", "projects", "-w", "s.jsonl")


def test_it_lists_who_has_seen_what_and_how(user: Shell) -> None:
    done = user("agents", "transcripts")
    assert done.code == 1
    for line in (
        "  Claude Code, 2026-11-02 10:20 UTC, pasted by a person: ~/.claude/projects/-w/s.jsonl:1",
        "  Claude Code, 2026-11-02 10:20 UTC, read from a file, 2 times: ~/.claude/projects/-w/s.jsonl:3",
        "  seen by aider",
        "  seen by no AI agent",
        "3 tokens in 3 files, 2 of them seen by an AI agent.",
    ):
        assert line in done.text.splitlines(), done.text
    assert leaks("output", done.out + done.err.encode(), CANARIES) == []
    found = json.loads(user("agents", "transcripts", "--agents-only", "--format", "json").out)
    assert [one["seen_by"] for one in found["tokens"]] == [["aider"], ["Claude Code"]]
    assert "Claude Code" in user("ledger", "show", "--agents").text


def test_an_agent_may_look_but_change_nothing(user: Shell) -> None:
    before = session(user).read_bytes()
    for option in ("--store", "--redact", "--revoke"):
        done = user("agents", "transcripts", option, "--yes", CLAUDECODE="1")
        assert (done.code, "Only a person can approve this" in done.err) == (2, True)
        assert user("agents", "transcripts", option).code == 2
    assert user("agents", "transcripts", CLAUDECODE="1").code == 1
    assert session(user).read_bytes() == before


def test_a_person_stores_and_redacts(user: Shell) -> None:
    """The references lead to the tokens, nothing else is left, and the report still says who has seen them."""
    with user.terminal("agents", "transcripts", "--store", "--redact") as terminal:
        terminal.expect("Store 3 tokens for this workspace? [y/N]: ")
        terminal.type("y\n")
        terminal.expect("Replace 3 tokens in 3 files? [y/N]: ")
        terminal.type("y\n")
        assert terminal.end() == 0, terminal.shown
    assert GITHUB not in session(user).read_text()
    assert json.loads(session(user).read_text().splitlines()[0])["message"]["content"] == (
        "use keyring://acme-api/GITHUB_TOKEN é"
    )
    assert user.get("GITHUB_TOKEN") == GITHUB
    assert user("agents", "transcripts").code == 0
    assert user("report", "--output", "report.html").code == 0
    page = (user.folder / "report.html").read_text()
    assert "Seen by AI agents" in page
    assert "pasted by a person" in page
    (user.folder / "access.log").touch()
    review = json.loads(user("review", "--log", "access.log", "--format", "json").out)
    assert {sight["agent"] for one in review["tokens"] for sight in one["seen_by"]} == {
        "Claude Code",
        "aider",
    }
    assert leaks_in_files(user.data, CANARIES) == []


def test_one_yes_revokes_what_an_agent_has_seen(user: Shell, acme: Provider) -> None:
    with user.terminal("agents", "transcripts", "--revoke") as terminal:
        terminal.expect(f"{acme.host}")
        assert acme.requests == []
        terminal.type("y\n")
        assert terminal.end() == 1, terminal.shown
    assert "/revoke" in acme.paths()
    assert "was seen by no AI agent, so it is not revoked" in terminal.shown


def test_a_workspaces_own_rule_gets_no_token_of_a_transcript(user: Shell, acme: Provider) -> None:
    """The token may be another workspace's, so a trusted repository must not name the host that gets it."""
    config = Path(user.environment["HOME"], ".config", "tokenward", "config.toml")
    config.write_text(f'trusted-folders = ["{user.folder}"]\n')
    rules = user.folder / ".tokenward" / "rules"
    rules.mkdir(parents=True)
    (rules / "acme.yml").write_text(acme.rules(base="https://acme.example.com"))
    done = user("agents", "transcripts", "--revoke", "--yes", "--host", "acme.example.com")
    assert "Revoke these where they were created, because Tokenward cannot: " in done.err
    assert "Acme token" in done.err
