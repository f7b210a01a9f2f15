"""The limits on a folder that is not trusted."""

from __future__ import annotations

import json
from pathlib import Path

import tokens
from code_server import CodeServer
from workbench import Workbench


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
