"""An AI agent gets no value without a person's yes that it cannot give itself; a person notices nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

import sockets
import tokens
from cli_shell import Done, Shell
from lsp_client import Editor, editor
from tokenward.operations.agents_protection.host_exports import EXPORTS

pytestmark = pytest.mark.skipif(os.name == "nt", reason="starts a keyring that Windows has not")
PROGRAM = ("run", "--", "./program")
AGENT = {"CLAUDECODE": "1"}
WAYS = {
    "get": ("get", "TOKEN"),
    "env": ("env",),
    "inject": ("inject", "template", "-o", "filled"),
    "restore": ("restore", "moved.py"),
    "run": PROGRAM,
    "run unmasked": ("run", "--no-mask", "printenv", "TOKEN"),
    "run with a file": ("run", "--file", "template=filled", "--", "./program"),
    "run a shell": ("run", "--", "sh", "-c", 'echo "$TOKEN" | rev'),
}


@pytest.fixture
def stored(shell: Shell) -> Shell:
    shell.put("TOKEN", "the value of it")
    shell.write_env("TOKEN=keyring://acme-api/TOKEN")
    shell.write_script("program", '#!/bin/sh\ntest "$TOKEN" = "the value of it" && echo given\n')
    (shell.folder / "template").write_text("key: keyring://acme-api/TOKEN\n")
    return shell


def set_agents(shell: Shell, value: str) -> None:
    file = Path(shell.environment["HOME"], ".config", "tokenward", "config.toml")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'agents = "{value}"\n')


@contextlib.asynccontextmanager
async def opened(shell: Shell, *choices: str | None) -> AsyncIterator[Editor]:
    async with editor(shell.environment, shell.folder) as one:
        await sockets.socket_record(shell.environment, shell.folder)
        one.choices = list(choices)
        yield one


async def by_agent(shell: Shell, *arguments: str, **variables: str) -> Done:
    return await asyncio.to_thread(lambda: shell.having(**{**AGENT, **variables})(*arguments))


@pytest.mark.parametrize("way", [way for way in WAYS if way != "restore"])
def test_without_an_editor_an_agent_gets_nothing_and_the_ledger_says_so(stored: Shell, way: str) -> None:
    done = stored.having(**AGENT)(*WAYS[way])
    assert done.code in (2, 125)
    assert "the value" not in done.text + done.err
    assert "open the folder in an editor with Tokenward" in done.err
    assert not (stored.folder / "filled").exists()
    assert "Claude Code" in stored("ledger", "show", "--agents").text
    assert stored(*WAYS[way]).code == 0


def test_an_agent_at_a_terminal_is_not_asked_there(stored: Shell) -> None:
    with stored.having(**AGENT).terminal(*PROGRAM) as terminal:
        assert terminal.end() == 125
    assert "[o]nce" not in terminal.shown
    with stored.terminal(*PROGRAM) as terminal:
        assert terminal.end() == 0
    assert terminal.shown == "given\r\n"


async def test_a_yes_for_this_session_counts_for_the_same_command_of_the_same_agent_only(
    stored: Shell,
) -> None:
    """The agent of this test is the test itself, whose variable is in the command's environment alone."""
    async with opened(stored, "This session", None) as one:
        assert (await by_agent(stored, *PROGRAM)).text == "given\n"
        assert one.messages[0].startswith("An AI assistant (Claude Code) wants to start a program with TOKEN")
        other = await by_agent(stored, *PROGRAM, "with", "other", "words")
        assert (other.code, len(one.messages)) == (125, 2)


@pytest.mark.parametrize("way", ["get", "env", "run unmasked", "run with a file", "run a shell"])
async def test_a_yes_that_would_be_one_for_anything_counts_once(stored: Shell, way: str) -> None:
    """An editor offers no answer for the session, and one that is not offered is a no."""
    async with opened(stored, "This session", "Once") as one:
        refused = await by_agent(stored, *WAYS[way])
        assert refused.code in (2, 125)
        assert "the value" not in refused.text
        assert len(one.messages) == 1


def test_the_settings_can_deny_agents_or_let_them_be_people(stored: Shell) -> None:
    set_agents(stored, "allow")
    assert stored.having(**AGENT)(*PROGRAM).text == "given\n"
    (stored.folder / "tokenward.toml").write_text('agents = "deny"\n')
    assert "denies tokens to AI agents" in stored.having(**AGENT)(*PROGRAM).err
    (stored.folder / "tokenward.toml").write_text('agents = "allow"\n')
    set_agents(stored, "deny")
    assert stored.having(**AGENT)(*PROGRAM).code == 125
    assert stored(*PROGRAM).text == "given\n"


@pytest.mark.parametrize("name", ["HOME", "XDG_CONFIG_HOME"])
def test_an_agent_cannot_point_a_command_to_settings_of_its_own(stored: Shell, name: str) -> None:
    """The command's variables differ from those with which a person started the agent."""
    own = stored.folder / "own" / (".config" if name == "HOME" else "")
    (own / "tokenward").mkdir(parents=True)
    (own / "tokenward" / "config.toml").write_text('agents = "allow"\n')
    data = Path(stored.environment["HOME"], ".local", "share")
    line = f'{name}={stored.folder / "own"} XDG_DATA_HOME={data} "$@"; exit $?'
    done = replace(stored.having(**AGENT), before=("sh", "-c", line, "sh"))("get", "TOKEN")
    assert "requires a person's approval" in done.err
    assert done.out == b""


async def test_a_session_that_nobody_attends_is_denied_without_a_question(stored: Shell) -> None:
    async with opened(stored, "Once") as one:
        done = await by_agent(stored, *PROGRAM, CLAUDE_CODE_SESSION_ATTENDED="0")
        assert (done.code, one.messages) == (125, [])
        assert "nobody attends" in done.err


def test_what_an_agents_command_prints_is_masked_at_a_terminal_and_without_mask(stored: Shell) -> None:
    set_agents(stored, "allow")
    for option in ((), ("--no-mask",)):
        with stored.having(**AGENT).terminal("run", *option, "--", "printenv", "TOKEN") as terminal:
            assert terminal.end() == 0
        assert "the value" not in terminal.shown
    with stored.terminal("run", "--", "printenv", "TOKEN") as terminal:
        assert terminal.end() == 0
    assert terminal.shown == "the value of it\r\n"


def test_the_ledger_shows_only_what_agents_asked_for(stored: Shell) -> None:
    stored("get", "TOKEN")
    stored.having(**AGENT)("get", "TOKEN")
    assert [line.count("refused") for line in stored("ledger", "show", "--agents").text.splitlines()] == [1]
    assert "No such events" in stored("ledger", "show", "--agents", "--event", "resolved").err


@pytest.mark.parametrize("sandbox", EXPORTS)
def test_the_command_prints_this_workspaces_tokens_without_a_value(shell: Shell, sandbox: str) -> None:
    value = tokens.ONE_LINE_MAKERS["anthropic"](1)
    shell.put("ANTHROPIC_API_KEY", value)
    done = shell("agents", "export-hosts", "--for", sandbox)
    assert (done.code, "api.anthropic.com" in done.text, value[20:] in done.text + done.err) == (
        0,
        True,
        False,
    )
    elsewhere = shell.folder.parent / "elsewhere"
    elsewhere.mkdir()
    done = shell.at(elsewhere)("agents", "export-hosts", "--for", sandbox)
    assert (done.code, done.out, done.err.count("\n")) == (2, b"", 1)
