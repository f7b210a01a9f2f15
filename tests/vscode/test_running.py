"""Programs that are started in the window get the tokens that their references stand for."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import tokens
from workbench import Workbench, wait_for_file

# Only its hash, so that no output holds the token.
PROGRAM = """\
const { createHash } = require("node:crypto");
const [, , place] = process.argv;
const hash = createHash("sha256").update(process.env.GITHUB_TOKEN ?? "").digest("hex");
require("node:fs").writeFileSync(place, hash);
"""


def test_debugging_and_a_terminal_get_the_tokens_of_the_workspace(window: Workbench, folder: Path) -> None:
    """`launch.json` and `.env` hold a reference, and what is started with them has the token."""
    token = tokens.github("launched")
    (folder / ".env").write_text(f"GITHUB_TOKEN={token}\n", "utf-8")
    (folder / "main.js").write_text(PROGRAM, "utf-8")
    launch(folder, {"GITHUB_TOKEN": f"keyring://{folder.name}/GITHUB_TOKEN"})
    window.open_folder(folder)
    window.open_file(".env")
    window.quick_fix(window.marks(1), "Move this GitHub token")
    window.marks(0)
    window.save_all()
    expected = hashlib.sha256(token.encode()).hexdigest()
    window.press("F5")
    wait_for_file(folder / "debugged", expected)
    window.command("Tokenward: Open Terminal with This Workspace's Tokens")
    window.terminal("node main.js in-terminal")
    wait_for_file(folder / "in-terminal", expected)


def launch(folder: Path, env: dict[str, str]) -> None:
    """Write a `launch.json` that debugs the program."""
    configuration = {
        "name": "main",
        "type": "node",
        "request": "launch",
        "console": "internalConsole",
        "program": "${workspaceFolder}/main.js",
        "args": ["${workspaceFolder}/debugged"],
        "env": env,
    }
    (folder / ".vscode").mkdir()
    text = json.dumps({"version": "0.2.0", "configurations": [configuration]})
    (folder / ".vscode" / "launch.json").write_text(text, "utf-8")
