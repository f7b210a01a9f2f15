"""Recordings of the ledger, the records of custody and the keyring after a script of commands."""

from __future__ import annotations

import json
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from cli_shell import Shell
from goldens.golden import Golden, Place
from goldens.normal import Normaliser, in_json, planted, section

TOKENS = planted("records")
FILES = {
    "app.py": f'"""Asks GitHub."""\n\nKEY = "{TOKENS["GITHUB"]}"\nprint(KEY)\n',
    "tools/client.ts": f"const key = '{TOKENS['STRIPE']}';\r\nexport default key;\r\n",
    "compose.yaml": f"services:\n  web:\n    environment:\n      NPM_TOKEN: {TOKENS['NPM']}\n",
    ".env": f"# mine\nGITLAB_TOKEN={TOKENS['GITLAB']}\n",
}
STEPS = """
scan app.py
put ASIDE --no-env
put WITH_LINE
move app.py
move --yes tools
move compose.yaml
move .env
get ASIDE
run -- true
run -- printenv GITLAB_TOKEN
lease WITH_LINE --for 8h --only true
rename ASIDE BESIDE
rename GITLAB_TOKEN GITLAB
restore app.py
move app.py
rm --yes BESIDE
list
workspaces
credential list
ledger verify
leave --yes
list
"""
ITEMS = """
import json, secretstorage
with secretstorage.create_context() if hasattr(secretstorage, "create_context") else secretstorage.dbus_init() as bus:
    for collection in secretstorage.get_all_collections(bus):
        for item in collection.get_all_items():
            label, attributes = item.get_label(), item.get_attributes()
            # gnome-keyring adds it by itself, once it has read its file again.
            attributes.pop("xdg:schema", None)
            print(json.dumps([collection.get_label(), label, attributes, item.get_secret().decode()]))
"""
_OF_THE_MACHINE = {"parents", "services", "unattended"}
"""What a record says of the processes around a test."""


def _items(shell: Shell) -> Iterator[str]:
    """Yield what gnome-keyring itself has."""
    printed = subprocess.check_output([sys.executable, "-c", ITEMS], env=dict(shell.environment), text=True)
    yield from sorted(in_json(json.loads(line)) for line in printed.splitlines())


def _events(shell: Shell, after: int) -> Iterator[str]:
    """Yield what the ledger has recorded since a row, in an order that no folder's listing decides."""
    ledger = shell.data / "ledger.db"
    rows = [row for row in _rows(ledger, "records") if row["id"] > after] if ledger.exists() else []
    for row in sorted(rows, key=lambda row: (row["name"] or "", row["origin"] or "", row["id"])):
        detail = json.loads(row["detail"])
        if "parents" in detail:  # a move has services of its own
            detail = {name: one for name, one in detail.items() if name not in _OF_THE_MACHINE}
        kept = {name: row[name] for name in ("workspace", "name", "fingerprint", "origin") if row[name]}
        yield f"{row['event']}{' of a move' if row['move'] else ''} {in_json({**kept, 'detail': detail})}"


def _custody(shell: Shell) -> Iterator[str]:
    """Yield the rows about names, entries, leases and credentials."""
    for table in ("bindings", "entries", "leases", "credentials"):
        for row in _rows(shell.data / "custody.db", table):
            kept = {name: one for name, one in row.items() if name not in ("id", "identity", "folder")}
            if kept.get("expires"):
                kept["expires"] = "<time>"
            yield f"{table} {in_json(kept)}"


def _rows(file: Path, table: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        return sorted(map(dict, database.execute(f"SELECT * FROM {table}")), key=repr)


def _files(shell: Shell) -> Iterator[str]:
    """Yield every file of the workspace, and whether it is as it was at first."""
    for path in sorted(path for path in shell.folder.rglob("*") if path.is_file()):
        name, text = path.relative_to(shell.folder).as_posix(), path.read_bytes().decode()
        yield f"--- {name} {path.stat().st_mode & 0o777:o}{' as before' if FILES.get(name) == text else ''}"
        yield text


def _state(shell: Shell) -> str:
    return "".join(
        [
            section("files", _files(shell)),
            section("custody", _custody(shell)),
            section("keyring", _items(shell)),
        ]
    )


def records(place: Place) -> str:
    """Return what each command printed and recorded, and what is stored before the last and after it."""
    normal = Normaliser({place.folder: "WORKSPACE", place.environment["HOME"]: "HOME"})
    normal.learn_all(TOKENS)
    shell = Shell(place.environment, place.folder).having(COLUMNS="100", NO_COLOR="1")
    for name, text in FILES.items():
        shell.folder.joinpath(name).parent.mkdir(exist_ok=True)
        shell.folder.joinpath(name).write_bytes(text.encode())
    parts: list[str] = []
    newest = 0
    for line in STEPS.split("\n")[1:-1]:
        if line.startswith("leave"):
            parts.append(_state(shell))
        done = shell(
            *shlex.split(line), stdin=TOKENS["ANTHROPIC"].encode() if line.startswith("put") else b""
        )
        told = [f"! {one}" for one in done.err.splitlines()]
        # A way out has no order of its own.
        lines = [*done.text.splitlines(), *(sorted(told) if line.startswith("leave") else told)]
        parts.append(
            section(f"tokenward {line}", [f"exit code {done.code}", *lines, *_events(shell, newest)])
        )
        newest = max(row["id"] for row in _rows(shell.data / "ledger.db", "records"))
    return normal("".join([*parts, _state(shell)]))


GOLDENS = (Golden("records", records),)
