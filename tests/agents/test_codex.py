"""The real Codex with our hooks, under a scripted model: no ordinary way brings a token to the model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import keyring_session
from agents.attacked_workspace import (
    CANARIES,
    AttackedWorkspace,
    attacked_workspace,
    leaks,
    redacted,
    transcripts_of,
)
from agents.real_agents import codex_hooks, run_codex
from agents.scripted_model import ScriptedModel, ToolCall, scripted_model
from cli_shell import TOKENWARD, Shell
from tokenward.operations.transcripts.replacing import LABEL

pytestmark = [
    pytest.mark.skipif(not keyring_session.AVAILABLE, reason=keyring_session.WHY_NOT),
    pytest.mark.timeout(1_200),
]

WAYS = {
    "environment": "env; printenv EXPORTED",
    "cat": "cat .env.local",
    "grep": "grep -rn . --include='.env*' --include='*.log' .",
    "history": "git log -p --all",
    "encoded": "base64 -w0 .env.local; rev .env.local; od -An -v -tx1 .env.local | tr -d ' \\n'",
    "run": f"{TOKENWARD} run -- env",
    "get": f"{TOKENWARD} get STORED",
    "keyring": "secret-tool lookup service tokenward/acme-api/FORMLESS",
    "failing": "cat .env.local; cat build.log >&2; exit 3",
    "home": "cat ~/.netrc ~/.bash_history",
    "guard": "echo '{}' > ~/.codex/hooks.json",
    "after all": "cat .env.local; exit 1",
}


EXPECTED = {
    "cat": "npm_****",
    "failing": "exited with code 3",
    "keyring": "tokenward run",
    "guard": "protect",
    "history": "commit ",
}


@pytest.fixture
def workspace(tmp_path: Path, rules_home: Path) -> Iterator[AttackedWorkspace]:
    with keyring_session.keyring_session() as environment:
        folder, apart = tmp_path / "acme-api", tmp_path / "apart"
        folder.mkdir()
        apart.mkdir()
        shell = Shell({**environment, "XDG_CACHE_HOME": str(rules_home)}, folder)
        yield attacked_workspace(shell, apart)


def results(model: ScriptedModel) -> dict[str, str]:
    """Return what the model read of each way, from the last request."""
    read = [one["output"] for one in json.loads(model.requests[-1])["input"] if "output" in one]
    return dict(zip(WAYS, map(json.dumps, read), strict=True))


def test_no_way_brings_a_token_to_the_model(workspace: AttackedWorkspace) -> None:
    """The model reads how to go on, and the hooks are as they were."""
    calls = [ToolCall("exec_command", {"cmd": command, "yield_time_ms": 60_000}) for command in WAYS.values()]
    with scripted_model(*calls) as model:
        run_codex(model, workspace.environment, workspace.folder, hooks=codex_hooks())
    read = results(model)
    assert {way: text for way, text in read.items() if leaks(text.encode())} == {}
    assert [leaks(request) for request in model.requests if leaks(request)] == []
    assert {way: text for way, text in read.items() if EXPECTED.get(way, "") not in text} == {}
    hooks = Path(workspace.environment["HOME"], ".codex", "hooks.json")
    assert json.loads(hooks.read_text()) == codex_hooks()


def test_a_prompt_with_a_token_is_not_sent(workspace: AttackedWorkspace) -> None:
    with scripted_model() as model:
        prompt = f"use {CANARIES['stored']}"
        run_codex(model, workspace.environment, workspace.folder, prompt=prompt, hooks=codex_hooks())
    assert [leaks(request) for request in model.requests if leaks(request)] == []


def test_without_hooks_the_bench_finds_leaks(workspace: AttackedWorkspace) -> None:
    """The search is not blind: the same call, with no hooks, brings a token to the model."""
    with scripted_model(ToolCall("exec_command", {"cmd": "rev .env.local"})) as model:
        run_codex(model, workspace.environment, workspace.folder)
    assert "exposed" in leaks(model.requests[-1])


def test_a_session_goes_on_after_its_transcript_was_redacted(workspace: AttackedWorkspace) -> None:
    """The real `resume` sends the whole conversation, with a reference or a label in place of each token."""
    call = ToolCall("exec_command", {"cmd": "cat .env.local", "yield_time_ms": 60_000})
    with scripted_model(call) as model:
        prompt = f"use {CANARIES['stored']}"
        run_codex(model, workspace.environment, workspace.folder, prompt=prompt)
    shell = Shell(workspace.environment, workspace.folder)
    found = transcripts_of(shell, "Codex")
    assert {("stored", "pasted by a person"), ("exposed", "printed by a tool")} <= found
    assert redacted(shell) >= {"exposed", "stored"}
    with scripted_model() as model:
        done = run_codex(model, workspace.environment, workspace.folder, "resume", "--last", prompt="go on")
    assert (done.returncode, leaks(model.requests[-1])) == (0, [])
    for words in (b"go on", b"keyring://acme-api/STORED", LABEL.encode(), b"cat .env.local"):
        assert words in model.requests[-1]
