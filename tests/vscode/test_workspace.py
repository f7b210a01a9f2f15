"""A window with a whole folder open, and the limits on an untrusted folder."""

from __future__ import annotations

import json
from pathlib import Path

import tokens
from code_server import CodeServer
from workbench import Workbench


def test_tokens_in_files_that_are_not_open_are_in_the_list_of_problems(
    window: Workbench, folder: Path
) -> None:
    """Opening the folder is enough, and files written by other programs appear by themselves."""
    (folder / "deploy").mkdir()
    (folder / "deploy" / "values.yaml").write_text(f"token: {tokens.gitlab('unopened')}\n", "utf-8")
    window.open_folder(folder)
    window.problems(["values.yaml", "GitLab token in plain text"])
    (folder / "late.env").write_text(f"NPM_TOKEN={tokens.npm('late')}\n", "utf-8")
    window.problems(["late.env", "npm token"])


def test_a_folder_that_is_not_trusted_is_searched_and_starts_nothing(
    window: Workbench, folder: Path, editor: CodeServer
) -> None:
    """It cannot choose the server either: that program would get every token of the window."""
    trap, mark = folder / "server", folder / "was-started"
    trap.write_text(f"#!/bin/sh\ntouch '{mark}'\n", "utf-8")
    trap.chmod(0o755)
    (folder / ".vscode").mkdir()
    settings = json.dumps({"tokenward.server.path": str(trap)})
    (folder / ".vscode" / "settings.json").write_text(settings, "utf-8")
    (folder / "app.py").write_text(f'TOKEN = "{tokens.github("restricted")}"\n', "utf-8")
    with editor.settings(
        {"security.workspace.trust.enabled": True, "security.workspace.trust.startupPrompt": "never"}
    ):
        window.open_folder(folder)
        window.open_file("app.py")
        window.marks(1)
        assert not mark.exists()
        window.trust_folder()
        window.command("Restart Server")
        window.marks(1)
        assert not mark.exists()
