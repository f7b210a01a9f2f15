"""The commands for AI agents' settings, as any editor sends them, and the notice that somebody changed a guard."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

import hook_stand_in
import tokens
from cli_shell import Shell
from lsp_client import PATIENCE, Editor, editor
from protocol_schema import PROTOCOL, require_command_result
from provider import Provider, token, use_rules
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.ledger import Ledger
from transcript_samples import AIDER, CLAUDE

SETTINGS = '{\n  "theme": "dark"\n}\n'
PROTECT, UNDO = "Protect", "Remove"


@pytest.fixture
def user(absent: dict[str, str], folder: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of a user of Claude Code and aider, in a project; the hooks' program is the stand-in."""
    home = Path(absent["HOME"])
    (home / ".claude").mkdir()
    (home / ".claude" / "settings.json").write_text(SETTINGS)
    (folder / ".git").mkdir()
    (folder / ".aider.conf.yml").touch()
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in (
        ("claude", "#!/bin/sh\necho '2.1.332 (Claude Code)'\n"),
        ("tokenward", hook_stand_in.PROGRAM),
    ):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    (programs / "mode").write_text("guards")
    return {**absent, "PATH": f"{programs}:/usr/bin:/bin"}


def settings(environment: dict[str, str]) -> Path:
    return Path(environment["HOME"], ".claude", "settings.json")


def shows_agents(capabilities: types.ClientCapabilities) -> None:
    capabilities.experimental = {"tokenward": {"agents": True}}


def cannot_ask(capabilities: types.ClientCapabilities) -> None:
    assert capabilities.window is not None
    capabilities.window.show_message = None


async def run(one: Editor, command: str, argument: Any) -> Any:
    """Return what a command answers, which is of the type that the protocol gives it."""
    full = f"tokenward.server.{command}"
    assert full in PROTOCOL["commands"]
    result = await one.ask(types.WORKSPACE_EXECUTE_COMMAND, types.ExecuteCommandParams(full, [argument]))
    require_command_result(full, result)
    return result


async def standings(one: Editor, command: str = "agents", agent: str = "") -> dict[str, tuple[str, str]]:
    found = await run(one, command, {"agent": agent} if agent else {})
    return {state["agent"]: (state["standing"], state["reach"]) for state in found["agents"]}


def change(path: Path, text: str) -> None:
    """Replace a watched file at once; while it is rewritten in place, it can be seen empty."""
    changed = path.with_name("changed")
    changed.write_text(text)
    changed.replace(path)


class GuardNews:
    """The notices of changed guards that a client gets."""

    def __init__(self, one: Editor) -> None:
        self.one = one
        self.heard: list[list[str]] = []

        @one.client.feature("tokenward/agents/changed")
        async def changed(params: Any) -> None:
            self.heard.append(list(params.changed))
            async with one.news:
                one.news.notify_all()

    async def next(self, count: int) -> list[str]:
        async with self.one.news:
            await asyncio.wait_for(self.one.news.wait_for(lambda: len(self.heard) >= count), PATIENCE)
        return self.heard[count - 1]


@pytest.mark.slow
async def test_agents_are_protected_watched_and_taken_back_once_a_person_agrees(
    user: dict[str, str], folder: Path
) -> None:
    path = settings(user)
    async with editor(user, folder, alter=shows_agents) as one:
        news = GuardNews(one)
        assert await standings(one) == {
            "Claude Code": ("unguarded", "all"),
            "aider": ("unguarded", "all"),
        }
        # No answer is a no.
        assert await run(one, "protectAgents", {}) is None
        assert path.read_text() == SETTINGS

        one.choices = [PROTECT]
        assert await standings(one, "protectAgents", "Claude Code") == {"Claude Code": ("guarded", "none")}
        assert one.questions[-1].startswith("Change 4 files of Claude Code, so that")
        assert "~/.claude/settings.json" in one.questions[-1]
        assert "No made-up token passed the hooks of Claude Code." in one.messages
        assert not (folder / ".aiderignore").exists()

        protected = path.read_text()
        change(path, protected.replace("PreToolUse", "PostToolUse"))
        (sentence,) = await news.next(1)
        assert sentence.startswith("~/.claude/settings.json lacks 1 of the ")
        assert (await standings(one))["Claude Code"][0] == "changed"
        change(path, protected)
        assert await news.next(2) == []

        one.choices = [UNDO]
        assert (await standings(one, "undoAgents"))["Claude Code"] == ("unguarded", "all")
        assert "Take Tokenward out of ~/.claude/settings.json" in one.questions[-1]
        assert path.read_text() == SETTINGS
        await run(one, "undoAgents", {})
        assert "Nothing was added to these settings." in one.messages


@pytest.mark.slow
async def test_a_check_says_which_hook_lets_a_token_pass(user: dict[str, str], folder: Path) -> None:
    async with editor(user, folder) as one:
        one.choices = [PROTECT]
        await run(one, "protectAgents", {"agent": "Claude Code"})
        Path(user["PATH"].split(":")[0], "mode").write_text("lets")
        (state,) = (await run(one, "checkAgents", {"agent": "Claude Code"}))["agents"]
        assert (state["standing"], state["reach"]) == ("partly guarded", "all")
        assert {surface["surface"] for surface in state["surfaces"] if surface.get("failed")} >= {"file read"}
        assert any("A made-up token passed Claude Code" in message for message in one.messages)


async def test_an_editor_is_told_whose_outputs_are_withheld_by_the_ledger_alone(
    user: dict[str, str], folder: Path
) -> None:
    data = Shell(user, folder).data
    data.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(data / "ledger.db")
    ledger.record(Event.WITHHELD, detail={"agent": "Codex"})
    async with editor(user, folder, alter=shows_agents) as one:
        news = GuardNews(one)
        (sentence,) = await news.next(1)
        assert sentence.startswith("Outputs are withheld from Codex")
        ledger.record(Event.LIFTED)
        data.joinpath("outputs-withheld").touch(0o600)
        assert await news.next(2) == []


@pytest.mark.slow
async def test_an_editor_without_the_view_is_warned_and_offers_to_protect_again(
    user: dict[str, str], folder: Path
) -> None:
    path = settings(user)
    async with editor(user, folder) as one:
        one.choices = [PROTECT]
        await run(one, "protectAgents", {"agent": "Claude Code"})
        protected, one.choices = path.read_text(), ["Protect again", PROTECT]
        change(path, SETTINGS)
        assert "lacks" in await one.told("What keeps AI agents from your tokens was changed.")
        await one.told("No made-up token passed the hooks of Claude Code and aider.")
        assert "hook claude-code" in path.read_text()
        assert path.read_text() == protected


@pytest.mark.parametrize(
    ("variables", "alter", "why"),
    [
        ({"CLAUDECODE": "1"}, shows_agents, "Claude Code started this editor and could answer itself"),
        ({}, cannot_ask, "This editor cannot ask you"),
    ],
)
async def test_nothing_changes_where_no_person_answers(
    user: dict[str, str], folder: Path, variables: dict[str, str], alter: Any, why: str
) -> None:
    async with editor({**user, **variables}, folder, alter=alter) as one:
        one.choices = [PROTECT, UNDO]
        for command in ("protectAgents", "undoAgents", "revokeSeen"):
            assert await run(one, command, {}) is None
        await one.told(why)
        assert len(one.choices) == 2
        assert len(await standings(one)) == 2
        await run(one, "checkAgents", {"agent": "nobody"})
        await one.told("This agent is not in use here")
    assert settings(user).read_text() == SETTINGS


def selection(one: Editor, uri: str, *places: tuple[int, int, int, int]) -> dict[str, Any]:
    ranges = [
        {"start": {"line": a, "character": b}, "end": {"line": c, "character": d}} for a, b, c, d in places
    ]
    return {"uri": uri, "version": one.buffers[uri].version, "ranges": ranges}


@pytest.mark.parametrize("client", ["vscode-1.139", "neovim-0.10"])
async def test_a_selection_is_copied_without_a_token_and_with_the_files_name(
    unlocked: dict[str, str], folder: Path, client: str
) -> None:
    """A stored token becomes its reference, another is masked, and one that is selected in part counts as a whole."""
    stored, other, weak = tokens.github("copied"), tokens.github("other"), "correct horse battery"
    shell = Shell(unlocked, folder)
    shell.put("API_TOKEN", stored)
    shell.put("WEAK", weak)
    uri = (folder / "app.py").as_uri()
    async with editor(unlocked, folder, client=client) as one:
        one.open(uri, f'a = 1\nb = "🔑 {stored}"\nc = "{other}"\nd = "{weak}"\n')
        await one.diagnostics(uri)
        found = await run(one, "copyForAi", selection(one, uri, (0, 0, 4, 0)))
        assert found["masked"] == 1
        head, _, body = found["text"].partition("\n\n")
        assert head == "`app.py`, from line 1:"
        assert body.startswith("```python\na = 1\n")
        assert 'b = "🔑 keyring://acme-api/API_TOKEN"\n' in body
        assert f'c = "{"*" * len(other)}"\nd = "keyring://acme-api/WEAK"\n```\n' in body
        part = await run(one, "copyForAi", selection(one, uri, (1, 20, 1, 22), (2, 15, 3, 8)))
        assert "`app.py`, from line 2:\n\n```python\nkeyring://acme-api/API_TOKEN\n```\n" in part["text"]
        assert part["text"].count("keyring://acme-api/WEAK") == 1
        for text in (stored, other, weak):
            for answer in (found, part):
                assert not {text[at : at + 6] for at in range(4, len(text) - 6)} & _pieces(answer)
        for bad in ({}, {"uri": uri, "version": 9, "ranges": []}, selection(one, uri)):
            assert await run(one, "copyForAi", bad) is None


def _pieces(answer: Any) -> set[str]:
    text = json.dumps(answer)
    return {text[at : at + 6] for at in range(len(text) - 5)}


CHOICE = "Revoke 1 token for good"
LABEL = "Acme token (32 characters)"


@pytest.fixture
def seen(user: dict[str, str], folder: Path, acme: Provider) -> dict[str, str]:
    """The same user, whose agents have seen a SendGrid key, and a key whose provider is the test's."""
    use_rules(user, acme.rules())
    transcript = Path(user["HOME"], ".claude", "projects", "-w", "s.jsonl")
    transcript.parent.mkdir(parents=True)
    CLAUDE(transcript, token("seen"))
    AIDER(folder / ".aider.chat.history.md", tokens.sendgrid("seen"))
    return user


@pytest.mark.parametrize("answer", [CHOICE, None, "Revoke 2 tokens for good"])
async def test_one_yes_in_an_editor_revokes_what_an_agent_has_seen(
    seen: dict[str, str], folder: Path, acme: Provider, answer: str | None
) -> None:
    """The question names tokens by label and every host; without that very yes, nothing is sent."""
    async with editor(seen, folder, alter=shows_agents) as one:
        await one.logged("Scanned")
        one.choices = [answer]
        found = await run(one, "revokeSeen", {"agent": "Claude Code"})
        asked = f"{LABEL}? Each token will be sent only to its own provider, at {acme.host}"
        assert asked in one.questions[-1]
        assert (found is None) == (answer != CHOICE)
        if found is None:
            assert acme.requests == []
        else:
            await one.told("revoked the Acme token")
            assert acme.paths() == ["/check", "/revoke"]
        numbers = {state["agent"]: state["seen"] for state in (await run(one, "agents", {}))["agents"]}
        assert numbers == {"Claude Code": 0 if answer == CHOICE else 1, "aider": 1}
        assert all(
            value not in text for text in one.messages for value in (token("seen"), tokens.sendgrid("seen"))
        )


async def test_a_token_without_a_provider_to_ask_is_named(seen: dict[str, str], folder: Path) -> None:
    async with editor(seen, folder) as one:
        await one.logged("Scanned")
        await run(one, "revokeSeen", {"agent": "aider"})
        assert "Revoke these where they were created" in await one.told("SendGrid")
        assert not one.questions
