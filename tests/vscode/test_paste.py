"""A token that comes by the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import tokens
from workbench import Workbench


def test_a_pasted_token_is_exchanged_for_a_reference_before_it_reaches_the_disk(
    window: Workbench, folder: Path, stored: Callable[[str], str]
) -> None:
    """Ctrl+V pastes what was copied, as ever, and beside it stands the other way to paste."""
    token, app = tokens.github("pasted"), folder / "app.py"
    app.write_text("GITHUB_TOKEN = ", "utf-8")
    window.open_folder(folder)
    window.open_file("app.py")
    window.status("No token stands in the open")
    window.copy(f'"{token}"')
    window.press("Control+End")
    window.press("Control+V")
    window.marks(1)
    window.paste_options().filter(has_text="Paste as keyring reference GITHUB_TOKEN").click()
    window.notification("is in the keyring")
    window.marks(0)
    window.save_all()
    assert app.read_text("utf-8") == 'import os\nGITHUB_TOKEN = os.environ["GITHUB_TOKEN"]'
    assert (folder / ".env").read_text("utf-8") == f"GITHUB_TOKEN=keyring://{folder.name}/GITHUB_TOKEN\n"
    assert stored("GITHUB_TOKEN") == token
