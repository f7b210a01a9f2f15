"""A token that a command prints in the terminal."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

import tokens
from workbench import Workbench

SEVERAL_PULLS = 12_000
"""Milliseconds: VS Code pulls every 2,000, and the extension takes what follows a print within 10,000 for the same."""


def test_tokens_that_commands_print_are_told_counted_and_shown_masked(
    window: Workbench, folder: Path
) -> None:
    """One notification each, behind it the output with the tokens masked and underlined; nothing flickers between."""
    token = tokens.github("second")
    for name, line in (("first", f"token={tokens.github('first')}"), ("second", f'{{"token": "{token}"}}')):
        program = folder.parent / f"{folder.name}-{name}"
        # A very short command may end before an extension can listen to it.
        program.write_text(f"#!/bin/sh\necho '{line}'\nuntil test -e {name}; do sleep 0.1; done\n", "utf-8")
        program.chmod(0o755)
    window.open_folder(folder)
    window.status("No exposed tokens")
    window.terminal(f"../{folder.name}-first", opened_by="Terminal: Create New Terminal")
    window.notification("a token was printed in the terminal")
    (folder / "first").touch()
    window.status("1 exposed token")
    window.clear_notifications()
    said = window.listen_to_status()
    window.page.wait_for_timeout(SEVERAL_PULLS)
    assert said() == {"Tokenward: 1 exposed token in 1 place. Errors: 1"}
    window.terminal(f"../{folder.name}-second")
    window.press_in_notification("a token was printed in the terminal", "Open")
    (folder / "second").touch()
    window.status("2 exposed tokens")
    window.marks(1)
    window.status(f"({len(token)} selected)")
    text = window.page.locator(".editor-instance .view-lines")
    expect(text).to_contain_text("ghp_…")
    assert token not in text.inner_text()
    window.picture("terminal")
    # The page is read-only, so VS Code's own key for quick fixes does nothing there; ours lists the lenses.
    expect(window.page.locator(".codelens-decoration")).to_contain_text("Forget this token")
    for keys in ("F8", "Escape", "Control+."):
        window.press(keys)
    expect(window.page.locator(".quick-input-list")).to_contain_text("Forget this token")
