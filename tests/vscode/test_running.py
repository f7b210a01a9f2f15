"""Programs started in the window get the tokens for their references."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import tokens
from workbench import Workbench, wait_for_file

# Only the hash, so that no output holds the token.
PROGRAM = """\
const { createHash } = require("node:crypto");
const token = process.env.GITHUB_TOKEN ?? "";
const [, , place, given = token] = process.argv;
const hash = createHash("sha256").update(token).digest("hex");
require("node:fs").writeFileSync(place, given === token ? hash : "another argument");
"""


TASK: dict[str, object] = {
    "type": "tokenward",
    "command": "node",
    "args": ["main.js", "in-task"],
    "group": {"kind": "build", "isDefault": True},
    "problemMatcher": [],
}


def test_debugging_a_task_and_a_terminal_get_the_tokens_of_the_workspace(
    window: Workbench, folder: Path
) -> None:
    """`launch.json` and `.env` hold a reference, and programs started with them have the token."""
    token = tokens.github("launched")
    (folder / ".env").write_text(f"GITHUB_TOKEN={token}\n", "utf-8")
    (folder / "main.js").write_text(PROGRAM, "utf-8")
    reference = f"keyring://{folder.name}/GITHUB_TOKEN"
    configure(folder, "launch", "configurations", launch(reference))
    configure(folder, "tasks", "tasks", TASK)
    window.open_folder(folder)
    window.open_file(".env")
    window.quick_fix(window.marks(1), "Move this GitHub token")
    window.save(folder / ".env", f"GITHUB_TOKEN={reference}\n")
    expected = hashlib.sha256(token.encode()).hexdigest()
    window.press("F5")
    wait_for_file(folder / "debugged", expected)
    window.press("Control+Shift+B")
    wait_for_file(folder / "in-task", expected)
    opened_by = "Tokenward: Open Terminal with This Workspace's Tokens"
    window.terminal("node main.js in-terminal", opened_by=opened_by)
    wait_for_file(folder / "in-terminal", expected)


def launch(reference: str) -> dict[str, object]:
    """Return a launch configuration that passes the token by the environment file and as an argument."""
    return {
        "name": "main",
        "type": "node",
        "request": "launch",
        "console": "internalConsole",
        "program": "${workspaceFolder}/main.js",
        "args": ["${workspaceFolder}/debugged", reference],
        "envFile": "${workspaceFolder}/.env",
    }


def configure(folder: Path, name: str, key: str, *entries: dict[str, object]) -> None:
    """Write one of the files in `.vscode`."""
    (folder / ".vscode").mkdir(exist_ok=True)
    text = json.dumps({"version": "0.2.0" if name == "launch" else "2.0.0", key: entries})
    (folder / ".vscode" / f"{name}.json").write_text(text, "utf-8")
