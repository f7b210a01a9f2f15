"""The views of exposed and stored tokens, the status bar, the report, and tokens hidden on screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, expect

import tokens
from workbench import Workbench


def test_opening_a_folder_lists_tokens_of_files_that_are_not_open(window: Workbench, folder: Path) -> None:
    """Until it knows, the status bar does not claim that none is exposed; files of other programs appear later."""
    (folder / "deploy").mkdir()
    values = folder / "deploy" / "values.yaml"
    values.write_text(f"token: {tokens.gitlab('unopened')}\n", "utf-8")
    window.open_folder(folder)
    window.status("1 exposed token")
    assert not [text for text in window.said() if "No exposed" in text]
    window.problems(["values.yaml", "GitLab token in plain text"])
    late = folder / "late.env"
    late.write_text(f"NPM_TOKEN={tokens.npm('late')}\n", "utf-8")
    window.problems(["late.env", "npm token"])
    values.unlink()
    late.unlink()
    window.status("No exposed tokens")


def test_a_token_is_moved_renamed_replaced_and_deleted_in_the_side_bar(
    window: Workbench, folder: Path, stored: Callable[[str], str]
) -> None:
    """Exposed and stored tokens are listed, and the buttons and the menu of each row work."""
    token, env_file = tokens.npm("views"), folder / ".env"
    (folder / "app.py").write_text(f'GITHUB_TOKEN = "{tokens.github("views")}"\n', "utf-8")
    (folder / "notify.yaml").write_text(f"slack: {tokens.slack('views')}\n", "utf-8")
    env_file.write_text(f"NPM_TOKEN={token}\n", "utf-8")
    window.open_folder(folder)
    window.status("3 exposed tokens").click()
    menu = window.page.locator(".quick-input-widget:visible")
    expect(menu).to_contain_text("Store a Token…")
    window.picture("menu")
    menu.get_by_text("Show Tokens").click()
    expect(window.row("GITHUB_TOKEN")).to_contain_text("GitHub token · line 1")
    window.button(window.row("npm token"), "Move to Keyring")
    window.no_row("npm token")
    window.status("2 exposed tokens")
    window.save(env_file, f"NPM_TOKEN=keyring://{folder.name}/NPM_TOKEN\n")

    window.press("Control+Home")
    window.widen_side_bar()
    window.picture("tokens")
    window.button(window.row("NPM_TOKEN"), "Copy Reference")
    window.passing_status(f"Copied keyring://{folder.name}/NPM_TOKEN")
    assert window.clipboard() == f"keyring://{folder.name}/NPM_TOKEN"
    window.menu(window.row("NPM_TOKEN"), "Rename")
    window.answer("PUBLISH_TOKEN")
    window.notification(f"Renamed keyring://{folder.name}/NPM_TOKEN to PUBLISH_TOKEN")
    renamed = window.row("PUBLISH_TOKEN")
    window.save(env_file, f"NPM_TOKEN=keyring://{folder.name}/PUBLISH_TOKEN\n")
    assert (stored("PUBLISH_TOKEN"), stored("NPM_TOKEN")) == (token, "")

    newer = tokens.npm("newer")
    window.menu(renamed, "Replace Value")
    window.answer(newer)
    window.question("Replace", "Replace it")
    window.question("Revoke the old npm token", "Cancel")
    assert stored("PUBLISH_TOKEN") == newer
    assert env_file.read_text("utf-8") == f"NPM_TOKEN=keyring://{folder.name}/PUBLISH_TOKEN\n"

    window.menu(renamed, "Delete")
    window.question("permanently?", "Delete permanently")
    window.no_row("PUBLISH_TOKEN")
    assert stored("PUBLISH_TOKEN") == ""


def test_hidden_tokens_look_alike_and_the_report_is_shown(window: Workbench, folder: Path) -> None:
    """No pixel of a hidden token depends on it; the report of the folder opens beside it."""
    first, second = tokens.github("hidden"), tokens.github("hidden too")
    (folder / "notify.yaml").unlink(missing_ok=True)
    (folder / "app.py").write_text(f'\n\n\nA = "{first}"\nB = "{second}"\n', "utf-8")
    window.open_folder(folder)
    window.status("2 exposed tokens")
    window.open_file("app.py")
    plain = [picture(window, window.marks(2).nth(number)) for number in range(2)]
    window.command("Tokenward: Hide Tokens on Screen")
    expect(window.page.locator('[class*="TextEditorDecorationType"]').first).to_be_attached()
    hidden = [picture(window, window.marks(2).nth(number)) for number in range(2)]
    window.command("Tokenward: Stop Hiding Tokens on Screen")
    assert plain[0] != plain[1]
    assert hidden[0] == hidden[1]
    window.command("Tokenward: Show Report")
    body = window.page_of_extension().locator("body")
    expect(body).to_contain_text("2 tokens are exposed now")
    window.picture("report")
    assert not {first, second} & set(body.inner_text().split())


def picture(window: Workbench, place: Locator) -> bytes:
    return window.page.screenshot(clip=window.box(place), caret="hide")
