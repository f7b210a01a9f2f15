"""User actions in a VS Code window, and the window's content."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from playwright.sync_api import Error, FrameLocator, Locator, Page, expect

# A busy machine may take this long for anything; nothing waits longer than necessary.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
ACTIONS = ".action-widget .action:visible"
"""The quick fixes or other actions in an open menu."""

# The output folder for the documentation's pictures.
PICTURES = "TOKENWARD_SCREENSHOTS"

# Gives every test the same window, without unrelated content.
SETTINGS: dict[str, object] = {
    "chat.disableAIFeatures": True,
    "editor.hover.delay": 100,
    "editor.minimap.enabled": False,
    "extensions.ignoreRecommendations": True,
    "files.autoSave": "off",
    "files.hotExit": "off",
    "git.enabled": False,
    "security.workspace.trust.enabled": False,
    "telemetry.telemetryLevel": "off",
    "terminal.integrated.gpuAcceleration": "off",
    "window.commandCenter": False,
    "window.menuBarVisibility": "hidden",
    "workbench.colorTheme": "Default Dark Modern",
    "workbench.layoutControl.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
}

_MARKED = ".view-overlays .squiggly-error, .view-overlays .squiggly-warning"
# Collects the screen reader texts of the status bar: a busy machine may look only after a message has gone.
_LISTEN = """(bar) => {
    window.said = new Set();
    window.listen = () => bar.querySelectorAll("[aria-label]").forEach((item) => said.add(item.ariaLabel));
    new MutationObserver(listen).observe(bar, { attributeFilter: ["aria-label"], childList: true, subtree: true });
    listen();
}"""


class Workbench:
    """A VS Code window; each method returns after the window has finished the action."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._address = address
        self._folder: Path | None = None
        page.set_default_timeout(PATIENCE)

    def open_folder(self, folder: Path) -> None:
        """Open a folder; one that is open keeps its window, without the files and messages in it."""
        if folder == self._folder:
            self.command("View: Close All Editors")
            self.clear_notifications()
            return
        self.page.goto(f"{self._address}/?folder={folder}")
        self._ready()
        self._folder = folder

    def open_file(self, name: str) -> None:
        assert self._folder is not None
        self.page.keyboard.press("Control+P")
        # A whole path is looked up; a name is searched for, and on a busy machine VS Code may find no files at all.
        self._pick(str(self._folder / name), name)
        expect(self.page.locator(".tab.active")).to_contain_text(Path(name).name)

    def command(self, title: str) -> None:
        """Run a command from the command palette by its title."""
        self.page.keyboard.press("F1")
        self._pick(f">{title}", title)

    def press(self, keys: str) -> None:
        self.page.keyboard.press(keys)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def answer(self, text: str) -> None:
        """Type into the box at the top of the window, and confirm."""
        box = self.page.locator(".quick-input-widget:visible input.input")
        box.fill(text)
        box.press("Enter")

    def marks(self, count: int) -> Locator:
        """Wait until the visible editors have this many underlined places, and return them."""
        marked = self.page.locator(_MARKED)
        expect(marked).to_have_count(count)
        return marked

    def hover(self, place: Locator) -> str:
        """Return the hover text of a place."""
        place.hover(force=True)
        box = self.page.locator(".monaco-hover:visible .monaco-hover-content").first
        expect(box).to_contain_text(re.compile(r"\S"))
        return box.inner_text()

    def click(self, place: Locator) -> None:
        """Click the text under a mark, which itself accepts no clicks."""
        box = place.bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def light_bulb(self, place: Locator) -> Locator:
        """Put the cursor on a place, open its light bulb and return the actions."""
        self.click(place)
        self.page.locator(".lightBulbWidget:visible, [class*=codicon-gutter-lightbulb]:visible").first.click()
        return self._actions()

    def quick_fix(self, place: Locator, title: str) -> None:
        """Put the cursor on a place and choose one of its quick fixes, by the keyboard."""
        self.click(place)
        self.page.keyboard.press("Control+.")
        menu = self.page.locator(ACTIONS).first
        with contextlib.suppress(Error):
            menu.wait_for(timeout=PATIENCE / 4)
        if not menu.is_visible():
            # Like a person whose key press came before the click had moved the cursor.
            self.page.keyboard.press("Control+.")
        self._actions().filter(has_text=title).first.click()

    def paste_options(self) -> Locator:
        """Open the paste options beside the pasted text and return them."""
        self.page.locator(".post-edit-widget").click()
        return self._actions()

    def notification(self, text: str) -> Locator:
        """Wait for the notification with a text and return it."""
        said = self.page.locator(".notification-list-item").filter(has_text=text).first
        expect(said).to_be_visible()
        return said

    def question(self, text: str, answer: str) -> None:
        """Wait for a modal question and answer it."""
        dialog = self.page.locator(".monaco-dialog-box").filter(has_text=text)
        dialog.get_by_role("button", name=answer).click()
        expect(dialog).to_have_count(0)

    def clear_notifications(self) -> None:
        self.command("Notifications: Clear All Notifications")
        expect(self.page.locator(".notifications-toasts .notification-list-item")).to_have_count(0)

    def row(self, text: str) -> Locator:
        """Wait for the row with a text in a side bar view, and return it."""
        found = self.page.locator(".sidebar .pane-body .monaco-list-row").filter(has_text=text).first
        expect(found).to_be_visible()
        return found

    def no_row(self, text: str) -> None:
        rows = self.page.locator(".sidebar .pane-body .monaco-list-row").filter(has_text=text)
        expect(rows).to_have_count(0)

    def button(self, row: Locator, label: str) -> None:
        """Hover over a row and press one of its buttons."""
        row.hover()
        row.get_by_role("button", name=label).click()

    def menu(self, row: Locator, title: str) -> None:
        """Choose an item from a row's context menu."""
        row.click(button="right")
        menu = self.page.locator(".monaco-menu .action-item")
        menu.filter(has_text=title).hover()
        self.page.keyboard.press("Enter")
        expect(menu).to_have_count(0)

    def widen_side_bar(self) -> None:
        """Widen the side bar, so that its rows can be read in full."""
        box = self.page.locator(".part.sidebar").bounding_box()
        assert box is not None
        edge, middle = box["x"] + box["width"] + 2, box["y"] + box["height"] / 2
        self.page.mouse.move(edge, middle)
        self.page.mouse.down()
        self.page.mouse.move(edge + 160, middle, steps=4)
        self.page.mouse.up()
        self.page.mouse.move(edge + 400, middle)

    def status(self, text: str) -> Locator:
        """Wait for the status bar item with a screen reader text, and return it."""
        item = self.page.locator(f'.statusbar-item[aria-label*="{text}"]')
        expect(item).to_be_visible()
        return item

    def listen_to_status(self) -> Callable[[], set[str]]:
        """Return a function that returns the screen reader texts of our status bar item from now on."""
        self.page.evaluate("said.clear(); listen()")
        return lambda: {text for text in self._said() if text.startswith("Tokenward:")}

    def passing_status(self, text: str) -> None:
        """Wait until the status bar has shown a text, if only for a few seconds."""
        deadline = time.monotonic() + PATIENCE / 1000
        while not any(text in shown for shown in self._said()):
            assert time.monotonic() < deadline, f"{text!r} is not in {self._said()}"
            self.page.wait_for_timeout(100)

    def is_pasted_as_a_reference(self, folder: Path, name: str) -> None:
        """Wait until a token is in the keyring, and look it up in `app.py`, which assigns it to a name."""
        self.notification("to the keyring and pasted")
        self.marks(0)
        self.clear_notifications()
        self.save_all()
        assert (folder / "app.py").read_text("utf-8") == f'import os\n{name} = os.environ["{name}"]'
        assert (folder / ".env").read_text("utf-8") == f"{name}=keyring://{folder.name}/{name}\n"

    def page_of_extension(self) -> FrameLocator:
        """Return the page in an extension's web view."""
        return self.page.frame_locator("iframe.webview.ready").frame_locator("iframe#active-frame")

    def problems(self, texts: Iterable[str]) -> None:
        """Open the Problems panel and wait until it lists all of these."""
        panel = self.page.locator(".markers-panel-container")
        if not panel.is_visible():
            self.page.keyboard.press("Control+Shift+M")
        for text in texts:
            expect(panel.locator(".monaco-list-row").filter(has_text=text).first).to_be_visible()

    def trust_folder(self) -> None:
        self.command("Workspaces: Manage Workspace Trust")
        page = self.page.locator(".workspace-trust-editor")
        page.get_by_role("button", name="Trust", exact=True).click()
        expect(page).to_contain_text("You trust this folder")

    def save_all(self) -> None:
        # The panel also counts files without a tab.
        unsaved = self.page.locator(".activitybar [aria-label*=unsaved]")
        self.command("File: Save All")
        with contextlib.suppress(AssertionError):
            expect(unsaved).to_have_count(0, timeout=PATIENCE / 4)
        if unsaved.count():
            self.command("File: Save All")
        expect(unsaved).to_have_count(0)

    def terminal(self, *commands: str) -> None:
        """Run commands in a terminal of the window."""
        screen = self.page.locator(".terminal-wrapper.active .xterm-screen")
        if not screen.is_visible():
            self.command("Terminal: Create New Terminal")
        screen.wait_for()
        # Shell integration has started.
        expect(self.page.locator(".terminal-wrapper.active .xterm-rows")).to_contain_text(
            re.compile(r"[$#%>]")
        )
        for command in commands:
            self.page.keyboard.type(command)
            self.page.keyboard.press("Enter")

    def copy(self, text: str) -> None:
        """Put a text on the clipboard, as another program would."""
        self.page.evaluate(f"navigator.clipboard.writeText({json.dumps(text)})")

    def drop(self, text: str) -> None:
        """Drop a text at the end of the editor, as if from another program."""
        data = self.page.evaluate_handle(
            "text => { const data = new DataTransfer(); data.setData('text/plain', text); return data; }",
            text,
        )
        lines = self.page.locator(".editor-instance .view-lines").first
        # The editor may draw the line again in between, and then it has no box.
        for _ in range(20):
            if last := self.page.locator(".editor-instance .view-line span span").last.bounding_box():
                break
            self.page.wait_for_timeout(100)
        assert last is not None
        place = {"clientX": last["x"] + last["width"] + 40, "clientY": last["y"] + last["height"] / 2}
        for event in ("dragenter", "dragover", "drop"):
            lines.dispatch_event(event, {"dataTransfer": data, **place})

    def clipboard(self) -> str:
        return str(self.page.evaluate("navigator.clipboard.readText()"))

    def picture(self, name: str) -> None:
        """Take a picture of the window if the tests run to make the documentation's pictures."""
        if folder := os.environ.get(PICTURES):
            if self.page.locator(".notifications-toasts .notification-list-item").count():
                self.clear_notifications()
            self.page.screenshot(path=Path(folder) / f"screenshot-{name}.png", caret="hide")

    def _ready(self) -> None:
        self.page.locator(".monaco-workbench .part.statusbar").evaluate(_LISTEN)

    def _said(self) -> list[str]:
        return list(self.page.evaluate("[...said]"))

    def _actions(self) -> Locator:
        offered = self.page.locator(ACTIONS)
        offered.first.wait_for()
        return offered

    def _pick(self, typed: str, label: str) -> None:
        """Choose from the list at the top of the window, once the wanted item is first."""
        # Keys that are pressed before the box has the focus would go elsewhere.
        self.page.locator(".quick-input-widget:visible input.input").fill(typed)
        first = self.page.locator(".quick-input-widget:visible .quick-input-list .monaco-list-row").first
        # "Save All in Group" is a different command from "Save All".
        expect(first).to_contain_text(re.compile(re.escape(label) + "(?! in )"))
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".quick-input-widget:visible")).to_have_count(0)


def wait_for_file(place: Path, text: str) -> None:
    """Wait until a program started in a window has written a text."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not place.exists() or place.read_text("utf-8") != text:
        assert time.monotonic() < deadline, f"{place} does not hold what was expected"
        time.sleep(0.05)
