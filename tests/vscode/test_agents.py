"""The view of AI agents, the warning in the status bar, and copying without tokens."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

import provider
import tokens
from provider import Provider, use_rules
from transcript_samples import CLAUDE
from workbench import Workbench


def test_an_agent_is_protected_watched_and_released_in_the_side_bar(
    window: Workbench, folder: Path, environment: dict[str, str], acme: Provider
) -> None:
    """The view says how an agent is guarded and what it can read; each button asks first; a changed guard is shown.

    What an agent has seen is revoked by one button.
    """
    settings = Path(environment["HOME"], ".claude", "settings.json")
    settings.parent.mkdir()
    settings.write_text('{"theme": "dark"}\n')
    token = tokens.npm("agents")
    (folder / ".env").write_text(f"NPM_TOKEN={token}\n", "utf-8")
    use_rules(environment, acme.rules())
    transcript = settings.parent / "projects" / "-w" / "s.jsonl"
    transcript.parent.mkdir(parents=True)
    CLAUDE(transcript, provider.token("vscode"))
    window.open_folder(folder)
    window.status("1 exposed token")
    window.command("Tokenward: Show AI Agents")
    window.widen_side_bar()
    row = window.row("Claude Code")
    expect(row).to_contain_text("not guarded · can read exposed tokens: 1")
    window.button(row, "Protect AI Agents")
    window.question("of Claude Code, so that tokens are kept", "Protect")
    # Its version is not known, so neither is what a failing hook means.
    expect(window.row("Claude Code")).to_contain_text("can read exposed tokens if a hook fails: 1")
    assert "agents hook claude-code" in settings.read_text()
    window.row("Claude Code").click()
    expect(window.row("Files that it reads")).to_contain_text("best effort")

    protected = settings.read_text()
    settings.write_text('{"theme": "dark"}\n')
    window.status("What keeps AI agents from your tokens was changed: ~/.claude/settings.json lacks")
    expect(window.row("Claude Code")).to_contain_text("its guard was changed")
    settings.write_text(protected)
    window.status("Tokenward: 1 exposed token")
    window.menu(window.row("Claude Code"), "Remove AI Agent")
    window.question("Take Tokenward out of ~/.claude/settings.json", "Remove")
    expect(window.row("Claude Code")).to_contain_text("not guarded")
    assert settings.read_text() == '{"theme": "dark"}\n'

    window.button(window.row("Claude Code"), "Revoke What AI Agents Have Seen")
    window.question("Acme token (32 characters)? Each token will be sent only to", "Revoke 1 token for good")
    window.notification("revoked the Acme token")
    assert acme.paths() == ["/check", "/revoke"]

    window.open_file(".env")
    window.command("Tokenward: Copy for AI")
    window.passing_status("Copied without tokens. Masked, because they are not in the keyring: 1")
    copied = window.clipboard()
    assert copied.startswith("`.env`, from line 1:\n\n```")
    assert "NPM_TOKEN=" in copied
    assert token not in copied
    assert token[4:12] not in copied
