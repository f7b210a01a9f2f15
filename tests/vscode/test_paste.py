"""Pasting a token from the clipboard where the user prefers references."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import tokens
from code_server import CodeServer
from workbench import Workbench


def test_what_is_pasted_or_dropped_can_always_be_a_reference_and_never_enter_the_file(
    window: Workbench, folder: Path, stored: Callable[[str], str], editor: CodeServer
) -> None:
    """Although the file is saved at each change, the token was never in it."""
    token = tokens.github("preferred")
    preferred = {
        "editor.pasteAs.preferences": ["tokenward.reference"],
        "editor.dropIntoEditor.preferences": ["tokenward.reference"],
        "files.autoSave": "afterDelay",
        "files.autoSaveDelay": 1,
    }
    (folder / "app.py").write_text("GITHUB_TOKEN = ", "utf-8")
    with editor.settings(preferred):
        window.open_folder(folder)
        window.open_file("app.py")
        window.status("No exposed tokens")
        window.press("Control+End")
        window.copy(f'"{token}"')
        window.press("Control+V")
        window.is_pasted_as_a_reference(folder, "GITHUB_TOKEN")
        window.open_file("app.py")
        window.press("Control+A")
        window.type("GITHUB_TOKEN = ")
        window.drop(f'"{token}"')
        window.is_pasted_as_a_reference(folder, "GITHUB_TOKEN")
    assert stored("GITHUB_TOKEN") == token
