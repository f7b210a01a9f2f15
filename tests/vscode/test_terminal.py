"""A token that a command prints in the terminal."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

import tokens
from workbench import Workbench


def test_a_token_that_a_command_prints_is_told_and_shown_masked(window: Workbench, folder: Path) -> None:
    """One notification, and behind it the output with the token masked and underlined."""
    token = tokens.github("printed")
    program = folder.parent / "login"
    # A command that ends at once may be over before an extension can listen to it.
    program.write_text(f'#!/bin/sh\necho \'{{"user": "ada", "token": "{token}"}}\'\nsleep 1\n', "utf-8")
    program.chmod(0o755)
    window.open_folder(folder)
    window.status("No token stands in the open")
    window.terminal("../login")
    window.notification("a token was printed in the terminal").get_by_role("button", name="Open").click()
    window.marks(1)
    text = window.page.locator(".editor-instance .view-lines")
    expect(text).to_contain_text("ghp_…")
    assert token not in text.inner_text()
    window.picture("terminal")
