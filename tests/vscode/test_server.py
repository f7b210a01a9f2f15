"""A window after its server ends."""

from __future__ import annotations

from pathlib import Path

import tokens
from code_server import CodeServer
from workbench import Workbench


def test_a_server_that_is_killed_comes_back_until_it_was_killed_too_often(
    window: Workbench, folder: Path, editor: CodeServer
) -> None:
    """Warnings come back with it; in the end a message says that it stays off, and offers to start it."""
    (folder / "app.py").write_text(f'TOKEN = "{tokens.github("killed")}"\n', "utf-8")
    window.open_folder(folder)
    window.open_file("app.py")
    for _ in range(4):
        window.marks(1)
        editor.children("server")[-1].kill()
        window.marks(0)
    window.marks(1)
    editor.children("server")[-1].kill()
    window.marks(0)
    window.notification("keeps stopping unexpectedly").get_by_role("button", name="Restart Server").click()
    window.marks(1)
