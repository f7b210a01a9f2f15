"""Recordings of what each AI agent's hooks are answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import tokens
from goldens.golden import Golden, Place
from goldens.normal import Normaliser, section
from guarded_workspace import PASSWORD, PASSWORD_VALUE, PROGRAM, STORED, STORED_VALUE
from hook_inputs import INPUTS, HookInput, effect
from tokenward.custody.store.fingerprints import Fingerprinter
from tokenward.detection.custom.workspace import PLAIN
from tokenward.detection.engine import Detector
from tokenward.findings.scan import Scanner
from tokenward.model import Secret
from tokenward.operations.agents.answer import HookRun
from tokenward.operations.agents.dialects.dialect import all_dialects, dialect_named
from tokenward.operations.agents.guard_files import GuardFiles
from tokenward.operations.agents.known_secrets import KnownSecrets
from tokenward.operations.agents.workspace_facts import WorkspaceFacts
from tokenward.places import Places

TOKEN = tokens.github("hook")
TEXTS = {"no token": "harmless words", "a token": TOKEN, "a stored password": PASSWORD_VALUE}
COMMANDS = (
    "ls -l",
    "cat .env",
    "cat .env | base64",
    "printenv",
    "env | grep KEY",
    "git diff && git status",
    "cd sub && make test > out.txt 2>&1",
    "tokenward get GITHUB_TOKEN",
    "tokenward run -- npm test",
    "secret-tool search --all a b",
    "for i in 1 2; do echo $i; done",
    "echo 'unclosed",
    "rm -rf ~/.local/share/tokenward",
    "cat ~/.aws/credentials",
    "python3 -c 'import os; print(os.environ)'",
)
FILES = (
    ".env",
    "app.py",
    "/HOME/.aws/credentials",
    "/HOME/.local/share/tokenward/ledger.db",
    "/HOME/.claude/settings.json",
)


def _facts(place: Place) -> WorkspaceFacts:
    fingerprint = Fingerprinter(b"k" * 32)
    stored = ((STORED, Secret(STORED_VALUE)), (PASSWORD, Secret(PASSWORD_VALUE)))
    home = Path(place.environment["HOME"])
    endings = [ending for one in all_dialects().values() for ending in one.settings]
    return WorkspaceFacts(
        scanner=Scanner(Detector(place.rules), fingerprint),
        local=PLAIN,
        secrets=KnownSecrets(stored),
        references={fingerprint(secret.reveal()): reference for reference, secret in stored},
        guard=GuardFiles(
            Places(home / "config", home / "data", home / "cache"), endings, "tokenward.toml", [PROGRAM]
        ),
        program=PROGRAM,
    )


def _answered(facts: WorkspaceFacts, one: HookInput, payload: object) -> Iterator[str]:
    dialect = dialect_named(one.dialect)
    assert dialect is not None
    data = json.dumps(payload).encode()
    answer = HookRun(dialect, lambda: data, lambda _: facts, lambda *_: None).answer()
    yield f"exit code {answer.code}: {effect(one.dialect, one.event, answer.code, answer.out, answer.err).kind}"
    yield from (f"out: {line}" for line in answer.out.splitlines())
    yield from (f"err: {line}" for line in answer.err.splitlines())


def hooks(place: Place) -> str:
    """Return the answer to each recorded input, with and without a token."""
    facts, normal = _facts(place), _normal(place)
    return normal(
        "".join(
            section(f"{one.name}: {what}", _answered(facts, one, one.make(text)))
            for one in INPUTS
            for what, text in TEXTS.items()
        )
    )


def commands(place: Place) -> str:
    """Return the answer to each command line and to each file read, for one agent of each dialect that has a shell."""
    facts, normal = _facts(place), _normal(place)
    parts = []
    base = {"session_id": "s", "transcript_path": "/t.jsonl", "cwd": "/tmp", "permission_mode": "default"}
    shells = [
        one
        for one in INPUTS
        if (one.dialect, one.event) in {("claude-code", "PreToolUse"), ("codex", "PreToolUse")}
    ]
    for one in (one for one in shells if one.kind == "shell"):
        for line in COMMANDS:
            call = {"tool_name": "Bash", "tool_input": {"command": line}}
            parts.append(
                section(
                    f"{one.dialect}: {line}",
                    _answered(facts, one, {**base, "hook_event_name": one.event, **call}),
                )
            )
        for file in FILES:
            path = file.replace("/HOME", place.environment["HOME"])
            call = {"tool_name": "Read", "tool_input": {"file_path": path}}
            parts.append(
                section(
                    f"{one.dialect} reads {file}",
                    _answered(facts, one, {**base, "hook_event_name": one.event, **call}),
                )
            )
    return normal("".join(parts))


def _normal(place: Place) -> Normaliser:
    normal = Normaliser({place.folder: "WORKSPACE", place.environment["HOME"]: "HOME"})
    normal.learn_all({"GITHUB_TOKEN": TOKEN, "NPM_TOKEN": STORED_VALUE, "PASSWORD": PASSWORD_VALUE})
    return normal


GOLDENS = (Golden("hooks", hooks), Golden("hooks-commands", commands))
