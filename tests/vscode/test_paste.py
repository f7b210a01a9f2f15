"""Pasting a token from the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import tokens
from code_server import CodeServer
from workbench import Workbench


@pytest.fixture
def app(folder: Path) -> Path:
    place = folder / "app.py"
    place.write_text("GITHUB_TOKEN = ", "utf-8")
    return place


def test_a_pasted_token_is_exchanged_for_a_reference_before_it_reaches_the_disk(
    window: Workbench, folder: Path, app: Path, stored: Callable[[str], str]
) -> None:
    """Ctrl+V pastes the copied text as usual, with the other way to paste beside it."""
    token = tokens.github("pasted")
    begin(window, folder)
    window.copy(f'"{token}"')
    window.press("Control+V")
    window.marks(1)
    window.paste_options().filter(has_text="Paste as keyring reference GITHUB_TOKEN").click()
    is_a_reference(window, folder, app)
    assert stored("GITHUB_TOKEN") == token


def test_what_is_pasted_or_dropped_can_always_be_a_reference_and_never_enter_the_file(
    window: Workbench, folder: Path, app: Path, stored: Callable[[str], str], editor: CodeServer
) -> None:
    """Although the file is saved at each change, the token was never in it."""
    token = tokens.github("preferred")
    preferred = {
        "editor.pasteAs.preferences": ["tokenward.reference"],
        "editor.dropIntoEditor.preferences": ["tokenward.reference"],
        "files.autoSave": "afterDelay",
        "files.autoSaveDelay": 1,
    }
    with editor.settings(preferred):
        begin(window, folder)
        window.copy(f'"{token}"')
        window.press("Control+V")
        is_a_reference(window, folder, app)
        window.open_file("app.py")
        window.press("Control+A")
        window.type("GITHUB_TOKEN = ")
        window.drop(f'"{token}"')
        is_a_reference(window, folder, app)
    assert stored("GITHUB_TOKEN") == token


def begin(window: Workbench, folder: Path) -> None:
    window.open_folder(folder)
    window.open_file("app.py")
    window.status("No exposed tokens")
    window.press("Control+End")


def is_a_reference(window: Workbench, folder: Path, app: Path) -> None:
    window.notification("to the keyring and pasted")
    window.marks(0)
    window.clear_notifications()
    window.save_all()
    assert app.read_text("utf-8") == 'import os\nGITHUB_TOKEN = os.environ["GITHUB_TOKEN"]'
    assert (folder / ".env").read_text("utf-8") == f"GITHUB_TOKEN=keyring://{folder.name}/GITHUB_TOKEN\n"
