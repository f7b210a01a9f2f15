"""The real agents go on with a session whose transcript was redacted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import keyring_session
from agents.attacked_workspace import CANARIES, leaks, redacted, transcripts_of
from agents.bench import bench
from agents.real_agents import CLAUDE, CODEX, WHY_NOT, RealAgent
from agents.wire_formats import ToolCall
from cli_shell import Shell
from tokenward.operations.transcripts.redact import LABEL

pytestmark = pytest.mark.skipif(not keyring_session.AVAILABLE, reason=keyring_session.WHY_NOT)
SHOW_LOG = ToolCall("Bash", {"command": "cat build.log"})
SHOW_FILE = ToolCall("exec_command", {"cmd": "cat .env.local", "yield_time_ms": 60_000})
Words = list[str]


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize(
    ("agent", "calls", "resumed", "seen"),
    [
        (
            CLAUDE,
            lambda folder: [ToolCall("Read", {"file_path": str(folder / ".env.local")}), SHOW_LOG],
            lambda words: [*words, "--continue"],
            {
                ("stored", "pasted by a person"),
                ("exposed", "read from a file"),
                ("logged", "printed by a tool"),
            },
        ),
        (
            CODEX,
            lambda _: [SHOW_FILE],
            lambda words: [*words[:-1], "resume", "--last", words[-1]],
            {("stored", "pasted by a person"), ("exposed", "printed by a tool")},
        ),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_session_goes_on_after_its_transcript_was_redacted(
    agent: RealAgent,
    calls: Callable[[Path], list[ToolCall]],
    resumed: Callable[[Words], Words],
    seen: set[tuple[str, str]],
    rules_home: Path,
    tmp_path: Path,
) -> None:
    """It sends the whole conversation, with a reference or a label in place of each token."""
    if agent.path is None:
        pytest.skip(WHY_NOT)
    with bench(agent, tmp_path, rules_home) as one:
        shell = Shell(one.workspace.environment, one.workspace.folder)
        one.model.play(*calls(one.workspace.folder))
        assert one.start(f"use {CANARIES['stored']}").returncode == 0
        assert seen <= transcripts_of(shell, agent.name)
        assert redacted(shell) >= {name for name, _ in seen}
        one.model.play()
        later = replace(agent, command=lambda *start: resumed(agent.command(*start)))
        done = replace(one, agent=later).start("go on")
        assert (done.returncode, leaks(one.model.requests[-1])) == (0, []), done.stderr
        for words in ("go on", "keyring://acme-api/STORED", LABEL, "cat "):
            assert words.encode() in one.model.requests[-1]
