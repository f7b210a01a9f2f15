"""The server follows the transcripts of AI agents if the setting says so, and says which token one has just seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tokens
from lsp_client import editor
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.ledger import Ledger
from transcript_samples import claude

NEOVIM = "neovim-0.10"
ON = {"watchTranscripts": True}


def session(environment: dict[str, str], token: str = "") -> Path:
    """Append a record to a session of Claude Code."""
    path = Path(environment["HOME"], ".claude", "projects", "-w", "s.jsonl")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(f"{json.dumps(claude('user', f'use {token}'))}\n")
    return path


async def test_a_token_that_an_agent_sees_is_reported_at_once(absent: dict[str, str], folder: Path) -> None:
    """Once, in the editor and in the ledger; what the transcript held before is left to the command."""
    session(absent, tokens.npm("before"))
    async with editor(absent, folder, client=NEOVIM, configuration=ON) as one:
        await one.logged("Following")
        path = session(absent, tokens.github("seen"))
        said = await one.told("Claude Code has seen a token")
        assert "GitHub token (ghp_…, 40 characters), in ~/.claude/projects/-w/s.jsonl" in said
        (found,) = await one.shown(path, 1)
        assert found.range.start.line == 1
        session(absent, tokens.github("seen"))
        session(absent, tokens.gitlab("second"))
        await one.told("GitLab")
        assert sum("has seen a token" in message for message in one.messages) == 2
    records = Ledger(Path(absent["HOME"], ".local", "share", "tokenward", "ledger.db")).records()
    seen = [record.detail["agent"] for record in records if record.event is Event.FOUND]
    assert seen == ["Claude Code", "Claude Code"]


@pytest.mark.parametrize("is_on", [True, False])
async def test_a_planted_link_and_a_switched_off_setting_report_nothing(
    absent: dict[str, str], folder: Path, tmp_path: Path, is_on: bool
) -> None:
    elsewhere = tmp_path / "elsewhere.jsonl"
    elsewhere.touch()
    path = session(absent)
    (path.parent / "planted.jsonl").symlink_to(elsewhere)
    watched = tmp_path / "acme-api" / "app.log"
    watched.touch()
    settings = {"watchTranscripts": is_on, "logFiles": ["app.log"]}
    async with editor(absent, folder, client=NEOVIM, configuration=settings) as one:
        await one.logged("Following", times=1 + is_on)
        elsewhere.write_text(f"{tokens.github('planted')}\n")
        if not is_on:
            session(absent, tokens.github("off"))
        # By then the logs were read twice, and with them whatever is followed.
        for number in (1, 2):
            with watched.open("a") as file:
                file.write(f"{tokens.npm(number)}\n")
            await one.shown(watched, number)
        assert not any("has seen a token" in message for message in one.messages)
