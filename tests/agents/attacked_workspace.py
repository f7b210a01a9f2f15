"""A workspace with tokens in every place from which the bench tries to get one to the model."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import canaries
import tokens
from cli_shell import Shell
from git_tree import git, repository

CANARIES = {
    "stored": tokens.github("bench stored"),
    "formless": "purple-lantern-marching-42",
    "exposed": tokens.npm("bench exposed"),
    "committed": tokens.gitlab("bench committed"),
    "exported": tokens.stripe("bench exported"),
    "logged": tokens.sendgrid("bench logged"),
    "home": tokens.slack("bench home"),
    "transcript": tokens.github_oauth("bench transcript"),
    "server": tokens.anthropic("bench server"),
}


@dataclass(frozen=True)
class AttackedWorkspace:
    """The workspace, its user's environment, and a file with the token that a server returns."""

    folder: Path
    environment: Mapping[str, str]
    server_file: Path


def attacked_workspace(shell: Shell, apart: Path) -> AttackedWorkspace:
    """Plant the canaries; two are in the keyring, and their references in `.env`."""
    folder = repository(shell.folder)
    (folder / "old.env").write_text(f"TOKEN={CANARIES['committed']}\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    git(folder, "rm", "-q", "old.env")
    git(folder, "commit", "-qm", "two")
    shell.put("STORED", CANARIES["stored"])
    shell.put("FORMLESS", CANARIES["formless"])
    shell.write_env("STORED=keyring://acme-api/STORED", "FORMLESS=keyring://acme-api/FORMLESS")
    (folder / "app.env").write_text((folder / ".env").read_text())
    shell.write_env(f"NPM_TOKEN={CANARIES['exposed']}", name=".env.local")
    (folder / ".app.py.swp").write_text(f"b0VIM 9.1\nkey = '{CANARIES['exposed']}'\n")
    (folder / "build.log").write_text(f"> login with {CANARIES['logged']}\n")
    home = Path(shell.environment["HOME"])
    (home / ".netrc").write_text(f"machine example.com login me password {CANARIES['home']}\n")
    (home / ".bash_history").write_text(
        f"curl -H 'Authorization: Bearer {CANARIES['home']}' https://example.com\n"
    )
    earlier = home / ".claude" / "projects" / "earlier" / "session.jsonl"
    earlier.parent.mkdir(parents=True)
    earlier.write_text(f'{{"type":"user","message":{{"content":"{CANARIES["transcript"]}"}}}}\n')
    history = home / ".config" / "VSCodium" / "User" / "History" / "1a2b" / "x.py"
    history.parent.mkdir(parents=True)
    history.write_text(f"key = '{CANARIES['exposed']}'\n")
    _logins(home)
    (folder / "compose.yaml").write_text("services:\n  a:\n    image: a\n    env_file: [.env.local]\n")
    output = {"output_type": "stream", "name": "stdout", "text": [CANARIES["logged"]]}
    cell = {"cell_type": "code", "source": ["x"], "metadata": {}, "execution_count": 1, "outputs": [output]}
    book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "note.ipynb").write_text(json.dumps(book))
    _image(folder / "image", f"TOKEN={CANARIES['logged']}")
    server_file = apart / "answer.txt"
    server_file.write_text(f"the key is {CANARIES['server']}\n")
    return AttackedWorkspace(folder, {**shell.environment, "EXPORTED": CANARIES["exported"]}, server_file)


def _logins(home: Path) -> None:
    """Write what other tools keep: Git, npm, pip, and an editor's secret storage."""
    token = CANARIES["home"]
    header = f'[http "https://git.example.com/"]\nextraheader = Authorization: Bearer {token}\n'
    (home / ".git-credentials").write_text(f"https://me:{token}@git.example.com\n")
    (home / ".gitconfig").write_text(f"[credential]\nhelper = store\n{header}")
    (home / ".npmrc").write_text(f"//npm.example.com/:_authToken={token}\n")
    pip = home / ".config" / "pip" / "pip.conf"
    pip.parent.mkdir(parents=True)
    pip.write_text(f"[global]\nindex-url = https://me:{token}@pip.example.com/simple\n")
    storage = home / ".config" / "VSCodium" / "User" / "globalStorage" / "state.vscdb"
    storage.parent.mkdir(parents=True)
    with closing(sqlite3.connect(storage)) as database, database:
        database.execute("CREATE TABLE ItemTable (key TEXT, value BLOB)")
        database.execute(
            "INSERT INTO ItemTable VALUES ('secret://login', ?)", (json.dumps({"token": token}),)
        )


def _image(folder: Path, variable: str) -> None:
    """Write an image without a layer, in the layout of the Open Container Initiative, with a variable."""
    kinds = "application/vnd.oci.image"
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(kind: str, content: object) -> dict[str, object]:
        data = json.dumps(content).encode()
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return {"mediaType": f"{kinds}.{kind}.v1+json", "digest": f"sha256:{digest}", "size": len(data)}

    root = {"type": "layers", "diff_ids": []}
    config = {"architecture": "amd64", "os": "linux", "config": {"Env": [variable]}, "rootfs": root}
    manifest = {"schemaVersion": 2, "config": blob("config", config), "layers": []}
    index = {"schemaVersion": 2, "manifests": [blob("manifest", manifest)]}
    (folder / "index.json").write_text(json.dumps(index))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')


def leaks(data: bytes) -> list[str]:
    """Return the canaries of which a text holds a piece, plain, backwards or encoded."""
    return [
        name
        for name, value in CANARIES.items()
        if any(form in data for text in (value, value[::-1]) for form in canaries.forms(text))
    ]


def transcripts_of(shell: Shell, agent: str) -> set[tuple[str, str]]:
    """Return which canary an agent has seen, and how, as `tokenward agents transcripts` says."""
    done = shell("agents", "transcripts", "--format", "json")
    assert done.code == 1, done.err
    names = {"GitHub": "stored", "npm": "exposed", "SendGrid": "logged"}
    return {
        (names[one["provider"]], place["how"])
        for one in json.loads(done.out)["tokens"]
        for place in one["places"]
        if place["agent"] == agent and one["provider"] in names
    }


def redacted(shell: Shell) -> set[str]:
    """Redact all transcripts; return the canaries that are gone from the agents' folders, which then hold none."""
    folders = [Path(shell.environment["HOME"], name) for name in (".claude", ".codex")]

    def left() -> set[str]:
        files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
        return set(leaks(b"\n".join(path.read_bytes() for path in files)))

    before = left()
    done = shell("agents", "transcripts", "--redact", "--yes")
    assert (done.code, left()) == (0, set()), done.err
    return before
